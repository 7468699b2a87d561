from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl.document import Document
from studio.asl.edits import ReplaceText, SetValue, Transaction
from studio.asl.undo import LARGE, NEAR, History, _change

TEXT = '{\n  "a": 1,\n  "b": { "c": [1, 2] }\n}\n'


def do(history, *edits, label="Edit", coalesce=None):
    return history.do(history.present.apply(Transaction(edits, label, "form", coalesce)), label, coalesce)


def test_undo_and_redo_give_back_the_same_root_and_text():
    start = Document.open(TEXT)
    history = do(History.start(start), SetValue(("a",), 2), label="Set a")
    history = do(history, SetValue(("b", "c"), []), label="Clear c")
    done = history.present
    assert (history.labels, history.undo_label, history.redo_label, history.position) == (("Set a", "Clear c"), "Clear c", None, 2)
    back = history.undo().undo()
    assert back.present.root is start.root
    assert back.present.text == TEXT
    assert (back.labels, back.undo_label, back.redo_label, back.position) == (("Set a", "Clear c"), None, "Set a", 0)
    again = back.redo().redo()
    assert again.present.root is done.root
    assert again.present.text == done.text
    assert again.present.parsed.span(("a",)) == done.parsed.span(("a",))
    assert again.present.revision > back.present.revision > done.revision
    assert history.present is done


def test_the_ends_of_the_history():
    history = History.start(Document.open(TEXT))
    assert history.undo() is history
    assert history.redo() is history
    assert history.do(history.present, "Nothing") is history
    with pytest.raises(IndexError):
        history.jump(1)


def test_a_new_step_forgets_what_was_undone():
    history = do(do(History.start(Document.open(TEXT)), SetValue(("a",), 2), label="1"), SetValue(("a",), 3), label="2")
    history = do(history.undo(), SetValue(("a",), 4), label="3")
    assert (history.labels, history.redo_label, history.present.root["a"]) == (("1", "3"), None, 4)


def test_steps_of_one_key_become_one():
    history = History.start(Document.open(TEXT))
    for text in ("x", "xy", "xyz"):
        history = do(history, SetValue(("a",), text), label="Type", coalesce="field:a")
    assert history.labels == ("Type",)
    assert history.undo().present.text == TEXT
    assert history.undo().redo().present.root["a"] == "xyz"
    history = do(history, SetValue(("b",), 1), label="Other", coalesce="field:b")
    history = do(history, SetValue(("a",), "w"), label="Type", coalesce="field:a")
    assert history.labels == ("Type", "Other", "Type")


def test_typing_after_an_undo_is_a_step_of_its_own():
    history = do(History.start(Document.open(TEXT)), SetValue(("a",), "x"), label="Type", coalesce="a")
    history = do(history, SetValue(("b",), 1), label="Set b")
    history = do(history.undo(), SetValue(("a",), "y"), label="Type", coalesce="a")
    assert history.labels == ("Type", "Type")
    assert history.undo().present.root["a"] == "x"


def test_broken_text_comes_back_with_its_problem():
    history = do(History.start(Document.open(TEXT)), ReplaceText(TEXT[:-3]), label="Type")
    history = do(history, ReplaceText("{}"), label="Paste")
    broken = history.undo().present
    assert broken.text == TEXT[:-3]
    assert broken.problem is not None
    assert broken.root == {"a": 1, "b": {"c": [1, 2]}}
    assert broken.parsed.text == TEXT


def test_a_jump_to_any_place():
    history = History.start(Document.open(TEXT))
    for n in range(6):
        history = do(history, SetValue(("a",), n + 10), label=str(n))
    assert [history.jump(n).present.root["a"] for n in range(7)] == [1, 10, 11, 12, 13, 14, 15]
    assert history.jump(2).jump(5).labels == history.labels


def test_old_steps_are_forgotten():
    history = History.start(Document.open(TEXT), limit=3)
    for n in range(6):
        history = do(history, SetValue(("a",), n + 10), label=str(n))
    assert history.labels == ("3", "4", "5")
    assert history.jump(0).present.root["a"] == 12


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.integers(0, 9), st.just("undo"), st.just("redo"), st.just("break"), st.just("mend")), max_size=14))
def test_any_path_through_the_history(moves):
    history, states = History.start(Document.open(TEXT)), [(TEXT, Document.open(TEXT).root)]
    here = 0
    for move in moves:
        before = history
        match move:
            case "undo":
                history, here = history.undo(), max(here - 1, 0)
            case "redo":
                history, here = history.redo(), min(here + 1, len(states) - 1)
            case "break" | "mend" | int():
                text = {"break": "{", "mend": TEXT}.get(move)
                if text is None and not history.present.valid:
                    continue
                history = do(history, ReplaceText(text) if text is not None else SetValue(("b", "c"), move), label=str(move))
                if history is not before:
                    states[here + 1 :] = [(history.present.text, history.present.root)]
                    here += 1
        assert (history.present.text, history.present.root) == states[here]
        assert history.position == here


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_a_change_of_text_goes_both_ways(old, new):
    change = _change(old, new)
    assert change.forward(old) == new
    assert change.backward(new) == old


def test_many_steps_of_a_large_definition_stay_small():
    states = {f"S{n}": {"Type": "Pass", "Comment": "c" * 400, "Next": f"S{n + 1}"} for n in range(1000)}
    history = History.start(Document.open(json.dumps({"StartAt": "S0", "States": states}, indent=2)))
    assert len(history.present.text) > LARGE
    roots, texts = [history.present.root], [history.present.text]
    for n in range(NEAR + 20):
        history = do(history, SetValue(("States", f"S{n * 7}", "Note"), "c"), label=str(n))
        if n in {0, NEAR + 18}:
            roots.append(history.present.root)
            texts.append(history.present.text)
    assert sum(step.before.whole or step.after.whole for step in history.past) == NEAR
    assert sum(len(step.change.old) + len(step.change.new) for step in history.past) < 500 * len(history.past)
    assert history.undo().present.root is roots[2]
    for position, at in ((0, 0), (1, 1)):
        back = history.jump(position).present
        assert back.text == texts[at]
        assert back.root == roots[at]
    assert history.jump(0).jump(len(history.labels)).present.text == history.present.text
