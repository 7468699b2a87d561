from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl import tree
from studio.asl.edits import (
    Connect,
    DuplicateStates,
    InsertState,
    InsertValue,
    MoveStates,
    RemoveStates,
    RemoveValue,
    RenameState,
    ReplaceState,
    SetValue,
    apply_edit,
    scope_of,
    scopes,
    slots,
    state_names,
    state_of,
    unique_name,
)
from studio.errors import EditRefused

ROOT = ("States",)


def chain(*names, **more):
    """A -> B -> C, all Pass; `more` replaces or adds states."""
    states = {
        name: {"Type": "Pass", **({"Next": following} if following else {"End": True})}
        for name, following in zip(names, [*names[1:], None], strict=True)
    }
    return {"StartAt": names[0] if names else None, "States": {**states, **more}}


def at(*parts):
    return ("States", *parts)


def brief(root):
    """A definition as text: `>A A>B B. ` with rules, defaults and catchers."""
    lines = []
    for scope in scopes(root):
        holder = tree.get(root, scope[:-1])
        for name, state in tree.get(root, scope).items():
            ways = [state["Next"]] if "Next" in state else []
            ways += ["."] if state.get("End") else []
            ways += [f"?{r.get('Next', '-')}" for r in state.get("Choices", ())]
            ways += [f"!{c.get('Next', '-')}" for c in state.get("Catch", ())]
            ways += [f"*{state['Default']}"] if "Default" in state else []
            lines.append(f"{name}:{','.join(ways)}")
        lines.append(f"({holder.get('StartAt', '')})")
    return " ".join(lines)


CHOICE = {"Type": "Choice", "Choices": [{"Next": "B"}, {"Next": "C"}], "Default": "D"}
TASK = {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["X"], "Next": "B"}, {"ErrorEquals": ["Y"], "Next": "C"}], "Next": "D"}
MAP = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **chain("I", "J")}, "End": True}
PARALLEL = {"Type": "Parallel", "Branches": [chain("P"), chain("Q", "R")], "Next": "B"}
INSIDE = ("States", "M", "ItemProcessor", "States")

CASES = {
    "insert between": (chain("A", "B"), InsertState(ROOT, "N", {"Type": "Pass", "End": True}, at("A", "Next")), "A:N N:B B:. (A)"),
    "insert at the start": (chain("A"), InsertState(ROOT, "N", {"Type": "Pass"}, ("StartAt",)), "N:A A:. (N)"),
    "insert at the end": (chain("A"), InsertState(ROOT, "N", {"Type": "Wait", "Seconds": 1}, at("A", "Next")), "A:N N:. (A)"),
    "insert a Succeed": (chain("A", "B"), InsertState(ROOT, "N", {"Type": "Succeed"}, at("A", "Next")), "A:N N: B:. (A)"),
    "insert a Choice": (chain("A", "B"), InsertState(ROOT, "N", {"Type": "Choice", "Choices": []}, at("A", "Next")), "A:N N:*B B:. (A)"),
    "insert into a rule": (
        chain("B", "C", "D", A=CHOICE),
        InsertState(ROOT, "N", {"Type": "Pass"}, at("A", "Choices", 1, "Next")),
        "B:C C:D D:. A:?B,?N,*D N:C (B)",
    ),
    "insert at an absent Default": (
        chain("B", "C", A={"Type": "Choice", "Choices": [{"Next": "B"}]}),
        InsertState(ROOT, "N", {"Type": "Pass"}, at("A", "Default")),
        "B:C C:. A:?B,*N N:. (B)",
    ),
    "insert into nothing": ({}, InsertState(ROOT, "N", {"Type": "Pass"}), "N:. (N)"),
    "insert into a new Map": (
        {"StartAt": "M", "States": {"M": {"Type": "Map", "End": True}}},
        InsertState(INSIDE, "N", {"Type": "Pass"}),
        "M:. (M) N:. (N)",
    ),
    "insert into a new branch": (
        {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": True}}},
        InsertState(at("P", "Branches", 0, "States"), "N", {"Type": "Pass"}),
        "P:. (P) N:. (N)",
    ),
    "insert unconnected": (chain("A"), InsertState(ROOT, "N", {"Type": "Pass", "Next": "Z"}), "A:. N:. (A)"),
    "insert drops foreign catchers": (
        chain("A"),
        InsertState(ROOT, "N", {"Type": "Task", "Catch": [{"Next": "Z"}]}, at("A", "Next")),
        "A:N N:. (A)",
    ),
    "remove between": (chain("A", "B", "C"), RemoveStates((at("B"),)), "A:C C:. (A)"),
    "remove the first": (chain("A", "B"), RemoveStates((at("A"),)), "B:. (B)"),
    "remove the last": (chain("A", "B"), RemoveStates((at("B"),)), "A:. (A)"),
    "remove several in a row": (chain("A", "B", "C", "D"), RemoveStates((at("C"), at("B"))), "A:D D:. (A)"),
    "remove all": (chain("A", "B"), RemoveStates((at("A"), at("B"))), "()"),
    "remove without healing": (chain("A", "B", "C"), RemoveStates((at("B"),), heal=False), "A:. C:. (A)"),
    "remove a rule's target": (chain("B", "D", A=CHOICE, C={"Type": "Succeed"}), RemoveStates((at("C"),)), "B:D D:. A:?B,*D (B)"),
    "remove a rule's target that leads on": (
        chain("B", "D", A=CHOICE, C={"Type": "Pass", "Next": "B"}),
        RemoveStates((at("C"),)),
        "B:D D:. A:?B,?B,*D (B)",
    ),
    "remove a Default": (chain("B", "C", A=CHOICE, D={"Type": "Fail"}), RemoveStates((at("D"),)), "B:C C:. A:?B,?C (B)"),
    "remove catchers' targets": (
        {"StartAt": "A", "States": {"A": TASK, "B": {"Type": "Fail"}, "C": {"Type": "Fail"}, "D": {"Type": "Pass", "End": True}}},
        RemoveStates((at("B"), at("C"))),
        "A:D D:. (A)",
    ),
    "remove a Choice": (chain("B", "C", "D", A=CHOICE, Z={"Type": "Pass", "Next": "A"}), RemoveStates((at("A"),)), "B:C C:D D:. Z:D (B)"),
    "removing does not loop a state to itself": (chain("A", "B", B={"Type": "Pass", "Next": "A"}), RemoveStates((at("B"),)), "A:. (A)"),
    "remove a Map with its states": ({"StartAt": "M", "States": {"M": MAP}}, RemoveStates((at("M"), (*INSIDE, "I"))), "()"),
    "remove inside": ({"StartAt": "M", "States": {"M": MAP}}, RemoveStates(((*INSIDE, "I"),)), "M:. (M) J:. (J)"),
    "rename": (chain("B", "C", "D", A=CHOICE), RenameState(at("B"), "Bee"), "Bee:C C:D D:. A:?Bee,?C,*D (Bee)"),
    "rename a catcher's target": (
        {"StartAt": "A", "States": {"A": TASK, "B": {"Type": "Fail"}}},
        RenameState(at("B"), "N"),
        "A:D,!N,!C N: (A)",
    ),
    "rename inside only": (
        {"StartAt": "M", "States": {"M": {**MAP, "Next": "I"}}},
        RenameState((*INSIDE, "I"), "N"),
        "M:I,. (M) N:J J:. (N)",
    ),
    "connect": (chain("A", "B", "C"), Connect(at("A", "Next"), "C"), "A:C B:C C:. (A)"),
    "connect to the end": (chain("A", "B"), Connect(at("A", "Next"), None), "A:. B:. (A)"),
    "connect the end": (chain("A", "B"), Connect(at("B", "Next"), "A"), "A:B B:A (A)"),
    "connect the start": (chain("A", "B"), Connect(("StartAt",), "B"), "A:B B:. (B)"),
    "disconnect a rule": (chain("B", "C", "D", A=CHOICE), Connect(at("A", "Choices", 0, "Next"), None), "B:C C:D D:. A:?-,?C,*D (B)"),
    "disconnect a Default": (chain("B", "C", "D", A=CHOICE), Connect(at("A", "Default"), None), "B:C C:D D:. A:?B,?C (B)"),
    "move down": (chain("A", "B", "C", "D"), MoveStates((at("A"),), ROOT, at("C", "Next")), "B:C C:A A:D D:. (B)"),
    "move to the end": (chain("A", "B", "C"), MoveStates((at("A"),), ROOT, at("C", "Next")), "B:C C:A A:. (B)"),
    "move to the start": (chain("A", "B", "C"), MoveStates((at("C"),), ROOT, ("StartAt",)), "C:A A:B B:. (C)"),
    "move onto its own transition": (chain("A", "B", "C"), MoveStates((at("B"),), ROOT, at("B", "Next")), "A:B B:C C:. (A)"),
    "move onto the transition to it": (chain("A", "B", "C"), MoveStates((at("B"),), ROOT, at("A", "Next")), "A:B B:C C:. (A)"),
    "move a pair": (chain("A", "B", "C", "D"), MoveStates((at("B"), at("C")), ROOT, at("D", "Next")), "A:D D:B B:C C:. (A)"),
    "move two that are apart": (
        chain("A", "B", "C", "D", "E"),
        MoveStates((at("B"), at("D")), ROOT, at("E", "Next")),
        "A:C C:E E:B B:D D:. (A)",
    ),
    "move into a Map": (
        {**chain("A", "B"), "States": {**chain("A", "M")["States"], "M": MAP}},
        MoveStates((at("A"),), INSIDE, (*INSIDE, "I", "Next")),
        "M:. (M) I:A A:J J:. (I)",
    ),
    "move out of a Map": (
        {"StartAt": "M", "States": {"M": MAP}},
        MoveStates(((*INSIDE, "I"), (*INSIDE, "J")), ROOT, ("StartAt",)),
        "I:J J:M M:. (I) ()",
    ),
    "move into an empty Map": (
        {**chain("A", "M"), "States": {**chain("A", "M")["States"], "M": {"Type": "Map", "End": True}}},
        MoveStates((at("A"),), INSIDE),
        "M:. (M) A:. (A)",
    ),
    "move a Choice's target onto the rule that leads to it": (
        chain("B", "D", A=CHOICE, C={"Type": "Pass", "End": True}),
        MoveStates((at("C"),), ROOT, at("A", "Choices", 1, "Next")),
        "B:D D:. A:?B,?C,*D C:. (B)",
    ),
    "move from an earlier rule to a later one": (
        chain("B", "D", A=CHOICE, C={"Type": "Pass", "End": True}, B={"Type": "Succeed"}),
        MoveStates((at("B"),), ROOT, at("A", "Choices", 1, "Next")),
        "D:. A:?B,*D B: C:. (D)",
    ),
    "move across scopes drops what led out": (
        {"StartAt": "A", "States": {"A": TASK, "B": {"Type": "Fail"}, "C": {"Type": "Fail"}, "D": MAP | {"End": True}}},
        MoveStates((at("A"),), ("States", "D", "ItemProcessor", "States"), ("States", "D", "ItemProcessor", "States", "J", "Next")),
        "B: C: D:. (D) I:J J:A A:. (I)",
    ),
    "duplicate": (chain("A", "B"), DuplicateStates((at("A"),)), "A:A (2) A (2):B B:. (A)"),
    "duplicate the last": (chain("A"), DuplicateStates((at("A"),)), "A:A (2) A (2):. (A)"),
    "duplicate a pair": (chain("A", "B", "C"), DuplicateStates((at("A"), at("B"))), "A:B B:A (2) A (2):B (2) B (2):C C:. (A)"),
    "duplicate a Choice": (chain("B", "C", "D", A=CHOICE), DuplicateStates((at("A"),)), "B:C C:D D:. A:?B,?C,*A (2) A (2):?B,?C,*D (B)"),
    "duplicate a Fail": (chain("A", F={"Type": "Fail"}), DuplicateStates((at("F"),)), "A:. F: F (2): (A)"),
    "duplicate a Map": (
        {"StartAt": "M", "States": {"M": MAP}},
        DuplicateStates((at("M"),)),
        "M:M (2) M (2):. (M) I:J J:. (I) I (2):J (2) J (2):. (I (2))",
    ),
    "replace a state": (chain("A", "B"), ReplaceState(at("A"), {"Type": "Succeed"}), "A: B:. (A)"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_edit_makes(name):
    root, edit, expected = CASES[name]
    before = json.dumps(root)
    assert brief(apply_edit(root, edit)) == expected
    assert json.dumps(root) == before


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (InsertState(ROOT, "A", {}, at("A", "Next")), "There is already a state “A”."),
        (InsertState(ROOT, "I", {}, at("A", "Next")), "There is already a state “I”."),
        (InsertState(ROOT, " ", {}, at("A", "Next")), "A state needs a name."),
        (InsertState(ROOT, "N", {}, (*INSIDE, "I", "Next")), "another Map, branch or workflow"),
        (InsertState(ROOT, "N", {}, at("Z", "Next")), "no state at /States/Z"),
        (InsertState(ROOT, "N", {}, at("S", "Next")), "“S” is a Succeed state: it ends the workflow"),
        (InsertState(ROOT, "N", {}, at("C", "Next")), "“C” is a Choice: it has no Next."),
        (InsertState(ROOT, "N", {}, at("C", "Choices", 7, "Next")), "“C” has no rule 8."),
        (InsertState(at("A", "ItemProcessor", "States"), "N", {}), "“A” holds no states at"),
        (InsertState(("Foo", "States"), "N", {}), "is not inside a Map or Parallel state"),
        (InsertState(at("P", "Branches", 5, "States"), "N", {}), "“P” has no branch 6."),
        (InsertState(ROOT, "N", {"x": float("nan")}), "JSON has no number"),
        (InsertState(ROOT, "N", {1: 2}), "property name must be text"),
        (InsertState(ROOT, "N", {"x": (1,)}), "A tuple is not a JSON value."),
        (RemoveStates((at("Z"),)), "There is no state at /States/Z."),
        (RemoveStates((("StartAt",),)), "There is no state at /StartAt."),
        (RenameState(at("A"), "B"), "There is already a state “B”."),
        (RenameState(at("A"), "J"), "There is already a state “J”."),
        (RenameState(at("Z"), "Y"), "There is no state at /States/Z."),
        (Connect(at("A", "Next"), "I"), "There is no state “I” in this scope."),
        (Connect(("StartAt",), None), "A workflow needs a first state."),
        (Connect(at("A", "Type"), "B"), "/States/A/Type is not a transition."),
        (Connect((), "B"), "The root is not a transition."),
        (MoveStates((at("M"),), INSIDE, (*INSIDE, "I", "Next")), "“M” cannot be moved into itself."),
        (MoveStates((at("A"),), ROOT, (*INSIDE, "I", "Next")), "another Map, branch or workflow"),
        (SetValue(at("A", "Type", "x"), 1), "There is no place /States/A/Type/x"),
        (RemoveValue(()), "The whole definition cannot be removed."),
        (RemoveValue(at("A", "x")), "There is nothing at /States/A/x."),
        (InsertValue(at("A", "Type"), 1), "is there already"),
        (InsertValue(at("C", "Choices", 9), 1), "has no place 9"),
        (ReplaceState(at("Z"), {}), "There is no state at /States/Z."),
    ],
)
def test_refusals_say_why(edit, message):
    root = chain("A", "B", M=MAP, S={"Type": "Succeed"}, C=CHOICE, P=PARALLEL)
    with pytest.raises(EditRefused, match=None) as caught:
        apply_edit(root, edit)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (SetValue(at("A", "Parameters", "x"), 1), {"Type": "Pass", "End": True, "Parameters": {"x": 1}}),
        (SetValue(at("A", "Type"), "Wait"), {"Type": "Wait", "End": True}),
        (RemoveValue(at("A", "End")), {"Type": "Pass"}),
        (InsertValue(at("A", "Comment"), "c"), {"Type": "Pass", "End": True, "Comment": "c"}),
    ],
)
def test_plain_values(edit, expected):
    assert tree.get(apply_edit(chain("A"), edit), at("A")) == expected


def test_next_and_end_take_each_others_place():
    root = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Comment": "c"}, "B": {"Type": "Pass", "End": True}}}
    there = apply_edit(root, Connect(at("A", "Next"), "B"))
    assert list(there["States"]["A"].items()) == [("Type", "Pass"), ("Next", "B"), ("Comment", "c")]
    assert apply_edit(there, Connect(at("A", "Next"), None)) == root


@pytest.mark.parametrize(
    ("pointer", "state", "scope"),
    [
        (("StartAt",), None, ROOT),
        (at("A", "Next"), at("A"), ROOT),
        (at("A", "Parameters", "States", "x"), at("A"), ROOT),
        ((*INSIDE, "I", "Catch", 0, "Next"), (*INSIDE, "I"), INSIDE),
        (("States", "M", "ItemProcessor", "StartAt"), at("M"), INSIDE),
        (
            ("States", "P", "Branches", 1, "States", "Q", "Default"),
            ("States", "P", "Branches", 1, "States", "Q"),
            ("States", "P", "Branches", 1, "States"),
        ),
    ],
)
def test_where_pointers_are(pointer, state, scope):
    assert state_of(pointer) == state
    assert scope_of(pointer) == scope


@pytest.mark.parametrize(
    ("taken", "wanted", "given"),
    [
        ([], "Pass", "Pass"),
        (["Pass"], "Pass", "Pass (2)"),
        (["Pass", "Pass (2)"], "Pass", "Pass (3)"),
        (["Pass", "Pass (2)"], "Pass (2)", "Pass (3)"),
        (["x" * 80], "x" * 90, "x" * 76 + " (2)"),
        ([], "  ", "State"),
    ],
)
def test_unique_names(taken, wanted, given):
    assert unique_name(chain(*taken) if taken else {}, wanted) == given


# --- laws -----------------------------------------------------------------------------------------------------------


@st.composite
def definitions(draw, depth=0, prefix=""):
    names = [f"{prefix}{c}" for c in "ABCDE"[: draw(st.integers(1 if depth else 2, 5 - depth))]]
    some = st.sampled_from(names)
    states = {}
    for name in names:
        kind = draw(
            st.sampled_from(["Pass", "Pass", "Task", "Choice", "Succeed", "Map", "Parallel"] if depth < 2 else ["Pass", "Choice", "Fail"])
        )
        state = {"Type": kind}
        if kind == "Choice":
            state["Choices"] = [{"Variable": "$.x", "IsNull": True, "Next": n} for n in draw(st.lists(some, min_size=1, max_size=3))]
            if draw(st.booleans()):
                state["Default"] = draw(some)
        elif kind not in {"Succeed", "Fail"}:
            state |= {"End": True} if draw(st.booleans()) else {"Next": draw(some)}
            if kind != "Pass" and draw(st.booleans()):
                state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": draw(some)}]
        if kind == "Map":
            state["ItemProcessor"] = draw(definitions(depth + 1, f"{name}m"))
        if kind == "Parallel":
            state["Branches"] = [draw(definitions(depth + 1, f"{name}{i}")) for i in range(draw(st.integers(1, 2)))]
        states[name] = state
    return {"StartAt": draw(some), "States": states}


def loose_ends(root):
    """Every transition to a state that is not there, and every scope with states but without start."""
    found = []
    for scope in scopes(root):
        states = tree.get(root, scope)
        start = tree.get(root, (*scope[:-1], "StartAt"))
        if (start not in states) if states else start is not None:
            found.append((scope, start))
        found += [(scope, name, slot) for name, state in states.items() for slot in slots(state) if tree.get(state, slot) not in states]
        found += [
            (scope, name) for name, s in states.items() if s["Type"] not in {"Choice", "Succeed", "Fail"} and ("Next" in s) == ("End" in s)
        ]
    return found


def all_states(root):
    return [(*scope, name) for scope in scopes(root) for name in tree.get(root, scope)]


def all_slots(root):
    found = [(*scope[:-1], "StartAt") for scope in scopes(root)]
    for pointer in all_states(root):
        state = tree.get(root, pointer)
        found += [(*pointer, *slot) for slot in slots(state)]
        if state.get("End"):
            found.append((*pointer, "Next"))
    return found


@st.composite
def any_edit(draw, root):
    states, ways = all_states(root), all_slots(root)
    one = st.sampled_from(states)
    some = st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
    way = draw(st.sampled_from(ways))
    scope = scope_of(way)
    match draw(st.integers(0, 5)):
        case 0:
            kind = draw(st.sampled_from(["Pass", "Succeed", "Choice", "Task"]))
            state = {
                "Type": kind,
                **({"Choices": []} if kind == "Choice" else {}),
                **({"Catch": [{"Next": "?"}]} if kind == "Task" else {}),
            }
            return InsertState(scope, unique_name(root, "New"), state, draw(st.sampled_from([way, None])))
        case 1:
            return RemoveStates(draw(some), heal=draw(st.booleans()))
        case 2:
            return RenameState(draw(one), draw(st.sampled_from(["Fresh", "A", "B"])))
        case 3:
            return MoveStates(draw(some), scope, draw(st.sampled_from([way, None])))
        case 4:
            return Connect(way, draw(st.sampled_from([None, *tree.get(root, scope)])))
        case _:
            return DuplicateStates(draw(some))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_no_edit_leaves_a_loose_end(data):
    root = data.draw(definitions())
    for _ in range(3):
        assert loose_ends(root) == []
        names = sorted(str(p[-1]) for p in all_states(root))
        assert len(names) == len(state_names(root))
        if not names:
            return
        edit = data.draw(any_edit(root))
        before = json.dumps(root)
        try:
            new = apply_edit(root, edit)
        except EditRefused:
            assert json.dumps(root) == before
            continue
        after = sorted(str(p[-1]) for p in all_states(new))
        assert loose_ends(new) == []
        assert len(set(after)) == len(after)
        match edit:
            case MoveStates():
                assert after == names
                _check_inner_transitions(root, new, edit.states)
            case RenameState():
                assert len(after) == len(names)
            case DuplicateStates() | InsertState():
                assert len(after) > len(names)
                assert set(names) <= set(after)
            case RemoveStates():
                gone = {p[-1] for p in all_states(root) if any(p[: len(s)] == s for s in edit.states)}
                assert set(after) == set(names) - gone
            case Connect():
                assert after == names
        root = new


def _check_inner_transitions(root, new, states):
    where = {p[-1]: p for p in all_states(new)}
    for pointer in states:
        if any(pointer[:n] in states for n in range(len(pointer))):
            continue
        old, moved = tree.get(root, pointer), tree.get(new, where[pointer[-1]])
        for slot in slots(old):
            target = tree.get(old, slot)
            together = (*pointer[:-1], target) in states
            if together and slot[0] in {"Next", "Default"}:
                assert tree.get(moved, slot) == target


CORPUS = sorted(p for p in (Path(__file__).parents[1] / "corpus" / "valid").glob("*.json") if p.name != "index.json")


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_each_state_of_the_corpus_can_go_and_be_renamed(path):
    try:
        root = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return
    if len(root.get("States", {})) > 40 or len(all_states(root)) != len(state_names(root)):
        return  # some repeat a name, as AWS forbids
    for pointer in all_states(root)[:25]:
        gone = apply_edit(root, RemoveStates((pointer,)))
        assert not tree.has(gone, pointer)
        renamed = apply_edit(root, RenameState(pointer, "A name nobody has"))
        assert apply_edit(renamed, RenameState((*pointer[:-1], "A name nobody has"), str(pointer[-1]))) == root
