"""Definitions that end in a Succeed or a Fail, pasted where something follows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from canvas_definitions import FILES, load

from studio.asl import graph as asl_graph
from studio.asl.document import Document
from studio.asl.lint import lint
from studio.canvas.intents import to_transaction
from studio.canvas.patterns import Pattern
from studio.errors import EditRefused

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}
RULE: Any = {"Variable": "$.x", "IsPresent": True}
AFTER_A: Any = {"target": {"edge": "/States/A/Next"}}


def pasted(root: Any, fragment: Any, **where: Any) -> tuple[str, Any]:
    """What is told, and the definition after; one undo step."""
    before = Document.open(json.dumps(root))
    transaction = to_transaction({"kind": "command", "command": "paste", "text": json.dumps(fragment), **where}, before)
    assert transaction is not None
    return transaction.note, before.apply(transaction).root


def machine(start: str = "P", /, **states: Any) -> Any:
    return {"StartAt": start, "States": {name.replace("_", " "): state for name, state in states.items()}}


P: Any = {"Type": "Pass", "Next": "Done"}
PLAIN: Any = {"Type": "Succeed"}
FAIL: Any = {"Type": "Fail", "Error": "E"}


@pytest.mark.parametrize(
    ("fragment", "states", "note"),
    [
        (
            machine(P=P, Done=PLAIN),
            {"P": {"Type": "Pass", "Next": "B"}},
            "“Done” (Succeed) is left out: the workflow goes on to “B”.",
        ),
        (
            machine(P=P, Done={"Type": "Succeed", "Comment": "c", "OutputPath": "$.x"}),
            {"P": P, "Done": {"Type": "Pass", "Comment": "c", "OutputPath": "$.x", "Next": "B"}},
            "“Done” (Succeed) shapes the output, so it became a Pass that goes on to “B”.",
        ),
        (
            machine(
                "Ask",
                Ask={"Type": "Choice", "Choices": [{**RULE, "Next": "Done"}, {**RULE, "Next": "Bad"}], "Default": "Ready"},
                Done=PLAIN,
                Ready=PLAIN,
                Bad=FAIL,
            ),
            {
                "Ask": {"Type": "Choice", "Choices": [{**RULE, "Next": "B"}, {**RULE, "Next": "Bad"}], "Default": "B"},
                "Bad": FAIL,
            },
            "“Done” and “Ready” (Succeed) are left out: the workflow goes on to “B”.",
        ),
        (
            machine(
                P={"Type": "Pass", "Next": "Q"},
                Q={"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Done"}], "End": True},
                Done=PLAIN,
            ),
            {
                "P": {"Type": "Pass", "Next": "Q"},
                "Q": {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "B"}], "Next": "B"},
            },
            "“Done” (Succeed) is left out: the workflow goes on to “B”.",
        ),
        (
            machine(P={"Type": "Pass", "Next": "Bad"}, Bad=FAIL),
            {"P": {"Type": "Pass", "Next": "B"}},
            "“Bad” (Fail) is left out: “P” goes on to “B” instead.",
        ),
        (
            machine(
                P={"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Bad"}], "Next": "Q"},
                Q={"Type": "Pass", "Next": "Bad"},
                Bad=FAIL,
            ),
            {
                "P": {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Bad"}], "Next": "Q"},
                "Q": {"Type": "Pass", "Next": "B"},
                "Bad": FAIL,
            },
            "“Q” goes on to “B” instead of “Bad” (Fail).",
        ),
        (
            machine(
                "Ask",
                Ask={"Type": "Choice", "Choices": [{**RULE, "Next": "Bad"}], "Default": "Q"},
                Q={"Type": "Pass", "End": True},
                Bad=FAIL,
            ),
            {
                "Ask": {"Type": "Choice", "Choices": [{**RULE, "Next": "Bad"}], "Default": "Q"},
                "Q": {"Type": "Pass", "Next": "B"},
                "Bad": FAIL,
            },
            "",
        ),
    ],
    ids=["Succeed", "Succeed that shapes", "rules and Default", "catcher", "Fail", "Fail of a catcher too", "Fail that stays"],
)
def test_what_is_pasted_goes_on_to_what_follows(fragment: Any, states: Any, note: str) -> None:
    said, after = pasted(CHAIN, fragment, **AFTER_A)
    entry = next(iter(states))
    assert after == {"StartAt": "A", "States": {**CHAIN["States"], "A": {"Type": "Pass", "Next": entry}, **states}}
    assert said == note


ENDS = machine(P=P, Done=PLAIN)


def test_where_the_workflow_ends_anyway_nothing_is_adapted() -> None:
    for where in ({"target": {"edge": "/States/C/Next"}}, {"ids": ["/States/C"]}, {"ids": ["/States/C"], "place": "replace"}):
        note, after = pasted(CHAIN, ENDS, **where)
        assert note == ""
        assert after["States"]["P"] == P
        assert after["States"]["Done"] == PLAIN


@pytest.mark.parametrize(("place", "at"), [("before", "B"), ("after", "A"), ("replace", "B")])
def test_beside_a_state(place: str, at: str) -> None:
    note, after = pasted(CHAIN, ENDS, ids=[f"/States/{at}"], place=place)
    follow = "C" if place == "replace" else "B"
    assert note == f"“Done” (Succeed) is left out: the workflow goes on to “{follow}”."
    assert after["States"]["A"] == {"Type": "Pass", "Next": "P"}
    assert after["States"]["P"] == {"Type": "Pass", "Next": follow}


def test_a_pattern_of_ones_own_is_adapted_alike() -> None:
    own = Pattern("pattern:own/x", "x", "", "add", ENDS)
    document = Document.open(json.dumps(CHAIN))
    for target in (AFTER_A["target"], {"node": "/States/A", "place": "after"}):
        made = to_transaction({"kind": "drop", "palette": own.id, "target": target}, document, {own.id: own})
        assert made is not None
        assert made.note == "“Done” (Succeed) is left out: the workflow goes on to “B”."
        assert document.apply(made).root["States"]["P"] == {"Type": "Pass", "Next": "B"}


CHOICE = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Choice", "Choices": [{**RULE, "Next": "X"}], "Default": "Y"},
        "X": {"Type": "Pass", "Next": "Y"},
        "Y": {"Type": "Pass", "End": True},
    },
}


def test_on_a_rule_a_fail_may_stand_at_the_end() -> None:
    fragment = machine(P={"Type": "Pass", "Next": "Bad"}, Bad=FAIL)
    note, after = pasted(CHOICE, fragment, target={"edge": "/States/Ask/Choices/0/Next"})
    assert note == ""
    assert after["States"]["P"] == {"Type": "Pass", "Next": "Bad"}


@pytest.mark.parametrize(
    ("root", "fragment", "where"),
    [
        (CHAIN, machine(P=FAIL), AFTER_A),
        (CHAIN, machine(P=PLAIN), AFTER_A),
        (CHAIN, machine("Ask", Ask={"Type": "Choice", "Choices": [{**RULE, "Next": "X"}], "Default": "Y"}, X=FAIL, Y=FAIL), AFTER_A),
        (CHOICE, machine(P=FAIL), {"ids": ["/States/X"], "place": "before"}),
    ],
    ids=["Fail", "Succeed", "every way fails", "before a state that a rule leads to"],
)
def test_what_can_go_on_nowhere_is_refused(root: Any, fragment: Any, where: Any) -> None:
    with pytest.raises(EditRefused, match=r"ends the workflow: .*“[BX]”"):
        pasted(root, fragment, **where)


def test_rules_and_catchers_that_lead_to_states_that_are_there_keep_them() -> None:
    """A copied state whose catcher leads to a Fail of the same workflow."""
    task = {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Failed"}]}
    root = {"StartAt": "T", "States": {"T": {**task, "Next": "U"}, "U": {"Type": "Pass", "End": True}, "Failed": FAIL}}
    note, after = pasted(root, {"T": {**task, "End": True}}, target={"edge": "/States/T/Next"})
    assert (note, after["States"]["T (2)"]) == ("", {**task, "Next": "U"})


@pytest.mark.parametrize("path", FILES[::2], ids=lambda path: path.stem)
def test_a_definition_of_the_corpus_in_the_middle_of_a_chain(path: Any) -> None:
    """The chain's states stay as they are, all of them are reached, and what was sound is sound."""
    fragment = load(path)
    if _errors(fragment) or fragment["States"][fragment["StartAt"]]["Type"] in {"Succeed", "Fail"}:
        return
    first, second, third = names = [f"{n} of the chain" for n in (1, 2, 3)]
    chain = {first: {"Type": "Pass", "Next": second}, second: {"Type": "Pass", "Next": third}, third: {"Type": "Pass", "End": True}}
    root = {"QueryLanguage": fragment.get("QueryLanguage", "JSONPath"), "StartAt": first, "States": chain}
    _, after = pasted(root, fragment, target={"edge": f"/States/{first}/Next"})
    entry = after["States"][first]["Next"]
    assert {n: after["States"][n] for n in names} == {**chain, first: {"Type": "Pass", "Next": entry}}
    assert _unreached(after) == _unreached(fragment)
    assert _errors(after) == []


def _errors(root: Any) -> list[str]:
    return [f"{d.rule} {d.location} {d.message}" for d in lint(root) if d.severity == "error"]


def _unreached(root: Any) -> set[Any]:
    graph = asl_graph.build(root)
    return {p[-1] for p in graph.scopes[("States",)].states} - asl_graph.reachable(graph, graph.scopes[("States",)])
