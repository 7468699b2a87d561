from __future__ import annotations

import json
from typing import Any

import pytest
from canvas_definitions import FILES, load, scribbles
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.asl import graph as asl_graph
from studio.asl.document import Document
from studio.asl.edits import PlaceStates, Transaction
from studio.canvas import scene
from studio.canvas.intents import drop_targets, to_transaction
from studio.canvas.palette import NEW_STATES
from studio.errors import EditRefused

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}
FORK: Any = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Map", "ItemProcessor": {"States": {}}, "End": True},
        "No": {"Type": "Fail"},
    },
}
LANES: Any = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Pass", "End": True}}},
            ],
            "End": True,
        }
    },
}


def document(root: Any) -> Document:
    return Document.open(json.dumps(root))


def act(root: Any, **intent: Any) -> tuple[str, Any]:
    before = document(root)
    transaction = to_transaction(intent, before)
    assert transaction is not None
    assert transaction.source == "canvas"
    return transaction.label, before.apply(transaction).root


def refusal(root: Any, **intent: Any) -> str:
    with pytest.raises(EditRefused) as caught:
        act(root, **intent)
    return str(caught.value)


def test_a_drop_on_a_transition_splices() -> None:
    label, after = act(CHAIN, kind="drop", palette="flow:Pass", target={"edge": "/States/A/Next", "scope": "/States"})
    assert label == "add *Pass*"
    assert after["States"]["A"]["Next"] == "Pass"
    assert after["States"]["Pass"] == {"Type": "Pass", "Next": "B"}


def test_a_drop_at_the_end_takes_over_the_end() -> None:
    _, after = act(CHAIN, kind="drop", palette="flow:Wait", target={"edge": "/States/C/Next"})
    assert after["States"]["C"] == {"Type": "Pass", "Next": "Wait"}
    assert after["States"]["Wait"] == {"Type": "Wait", "Seconds": 5, "End": True}


def test_a_drop_without_target_goes_to_the_end_or_into_the_empty_workflow() -> None:
    _, after = act(CHAIN, kind="drop", palette="flow:Succeed")
    assert after["States"]["C"]["Next"] == "Success"
    _, first = act({}, kind="drop", palette="flow:Pass")
    assert first == {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


@pytest.mark.parametrize(
    "target",
    [
        {"container": "/States/Yes", "scope": "/States/Yes/ItemProcessor/States"},
        {"container": "/States/Yes/ItemProcessor/States#empty"},
        {"container": "/States/Yes"},
        {"container": "/States/Yes", "scope": "/States"},
        {"scope": "/States/Yes/ItemProcessor/States"},
    ],
)
def test_a_drop_into_an_empty_container(target: Any) -> None:
    _, after = act(FORK, kind="drop", palette="action:lambda:invoke", target=target)
    processor = after["States"]["Yes"]["ItemProcessor"]
    assert processor["StartAt"] == "Lambda Invoke"
    assert processor["States"]["Lambda Invoke"]["OutputPath"] == "$.Payload"


def test_a_drop_on_a_parallel_adds_a_branch() -> None:
    _, after = act(LANES, kind="drop", palette="flow:Pass", target={"container": "/States/Both"})
    assert after["States"]["Both"]["Branches"][2] == {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


def test_a_drop_into_a_container_with_states_goes_to_its_end() -> None:
    target = {"container": "/States/Both", "scope": "/States/Both/Branches/1/States"}
    _, after = act(LANES, kind="drop", palette="flow:Pass", target=target)
    assert after["States"]["Both"]["Branches"][1]["States"]["R"] == {"Type": "Pass", "Next": "Pass"}


def test_a_drop_before_after_and_in_place_of_a_state() -> None:
    _, before = act(CHAIN, kind="drop", palette="flow:Pass", target={"node": "/States/B", "place": "before"})
    assert (before["States"]["A"]["Next"], before["States"]["Pass"]["Next"]) == ("Pass", "B")
    _, after = act(CHAIN, kind="drop", palette="flow:Pass", target={"node": "/States/B", "place": "after"})
    assert (after["States"]["B"]["Next"], after["States"]["Pass"]["Next"]) == ("Pass", "C")
    label, instead = act(CHAIN, kind="drop", palette="flow:Wait", target={"node": "/States/B", "place": "replace"})
    assert label == "replace *B* by Wait"
    assert instead["States"]["B"] == {"Type": "Wait", "Seconds": 5, "Next": "C"}


def test_before_a_state_with_several_ways_in_all_lead_to_the_new_one() -> None:
    root = {**FORK, "States": {**FORK["States"], "Yes": {"Type": "Pass", "Next": "No"}}}
    _, after = act(root, kind="drop", palette="flow:Pass", target={"node": "/States/No", "place": "before"})
    assert (after["States"]["Ask"]["Default"], after["States"]["Yes"]["Next"], after["States"]["Pass"]["Next"]) == ("Pass", "Pass", "No")


def test_a_definition_in_jsonata_gets_states_in_jsonata() -> None:
    root = {"QueryLanguage": "JSONata", **CHAIN}
    _, after = act(root, kind="drop", palette="action:lambda:invoke", target={"edge": "/States/A/Next"})
    state = after["States"]["Lambda Invoke"]
    assert state["Arguments"] == {"FunctionName": "MyFunction", "Payload": "{% $states.input %}"}
    assert state["Output"] == "{% $states.result.Payload %}"
    assert "Parameters" not in state


def test_an_action_outside_the_short_list_gets_a_state_from_its_id() -> None:
    _, after = act(CHAIN, kind="drop", palette="action:aws-sdk:s3:getObject", target={"edge": "/States/A/Next"})
    assert after["States"]["S3 GetObject"] == {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {},
        "Next": "B",
    }


@pytest.mark.parametrize(
    ("root", "intent", "reason"),
    [
        (FORK, {"kind": "drop", "palette": "flow:Pass", "target": {"edge": "/States/No/Next"}}, "nothing can follow it"),
        (CHAIN, {"kind": "drop", "palette": "flow:Fail", "target": {"edge": "/States/A/Next"}}, "would cut off “B”"),
        (CHAIN, {"kind": "drop", "palette": "flow:Succeed", "target": {"node": "/States/B", "place": "before"}}, "cannot follow it"),
        (CHAIN, {"kind": "drop", "palette": "flow:Nothing", "target": {"edge": "/States/A/Next"}}, "in the palette"),
        (CHAIN, {"kind": "drop", "palette": "flow:Pass", "target": {"edge": "/States/Z/Next"}}, "no transition"),
        (CHAIN, {"kind": "drop", "palette": "flow:Pass", "target": {"edge": "/Comment"}}, "not a transition"),
        (CHAIN, {"kind": "drop", "palette": "flow:Pass", "target": {"container": "/States/A"}}, "no Map or Parallel"),
        (CHAIN, {"kind": "drop", "palette": "flow:Pass", "target": 7}, "no place to drop on"),
        (CHAIN, {"kind": "drop", "palette": 7}, "no palette"),
        (CHAIN, {"kind": "move", "ids": "A", "target": {"edge": "/States/A/Next"}}, "no list of states"),
        (CHAIN, {"kind": "move", "ids": ["/States/Z"], "target": {"edge": "/States/A/Next"}}, "no state"),
        (LANES, {"kind": "move", "ids": ["/States/Both"], "target": {"edge": "/States/Both/Branches/0/StartAt"}}, "into itself"),
        (LANES, {"kind": "move", "ids": ["/States/Both"], "target": {"container": "/States/Both"}}, "into itself"),
        (LANES, {"kind": "connect", "slot": "/States/Both/Next", "to": "/States/Both/Branches/0/States/L"}, "inside another"),
        (CHAIN, {"kind": "connect", "slot": "/StartAt", "to": None}, "has to start"),
        (CHAIN, {"kind": "rename", "id": "/States/A", "name": "B"}, "already"),
        (CHAIN, {"kind": "place", "places": [1]}, "no places"),
        (CHAIN, {"kind": "place", "places": {"/States/A": [1, "x"]}}, "no place for “A”"),
        (CHAIN, {"kind": "place", "places": {"/States/A": [float("inf"), 0]}}, "no place for “A”"),
        (CHAIN, {"kind": "place", "places": {"/States/Z": [0, 0]}}, "no state"),
        (CHAIN, {"kind": "explode"}, "something unknown"),
        (CHAIN, {}, "something unknown"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(root: Any, intent: Any, reason: str) -> None:
    assert reason in refusal(root, **intent)


def test_ends_may_go_where_the_workflow_ends_and_on_rules() -> None:
    _, after = act(FORK, kind="drop", palette="flow:Fail", target={"edge": "/States/Ask/Choices/0/Next"})
    assert after["States"]["Ask"]["Choices"][0]["Next"] == "Fail"
    _, closed = act(CHAIN, kind="drop", palette="flow:Fail", target={"edge": "/States/C/Next"})
    assert closed["States"]["C"]["Next"] == "Fail"


def test_moving_states_keeps_them_together() -> None:
    label, after = act(CHAIN, kind="move", ids=["/States/B", "/States/C"], target={"edge": "/StartAt"})
    assert label == "move 2 states"
    assert (after["StartAt"], after["States"]["C"]["Next"], after["States"]["A"]) == ("B", "A", {"Type": "Pass", "End": True})
    label, one = act(CHAIN, kind="move", ids=["/States/C"], target={"edge": "/StartAt"})
    assert (label, one["StartAt"], one["States"]["C"]["Next"]) == ("move *C*", "C", "A")


def test_states_are_placed_and_put_back_by_name() -> None:
    transaction = to_transaction({"kind": "place", "places": {"/States/A": [8.0, 16.2], "/States/B": [0, 96]}}, document(CHAIN))
    assert transaction == Transaction((PlaceStates((("A", (8, 16)), ("B", (0, 96)))),), "place 2 states", "canvas")
    transaction = to_transaction({"kind": "place", "places": {"/States/A": None}}, document(CHAIN))
    assert transaction == Transaction((PlaceStates((("A", None),)),), "put back *A*", "canvas")


def test_moving_a_state_beside_another() -> None:
    _, after = act(CHAIN, kind="move", ids=["/States/C"], target={"node": "/States/A", "place": "before"})
    assert (after["StartAt"], after["States"]["C"]["Next"]) == ("C", "A")
    _, after = act(CHAIN, kind="move", ids=["/States/A"], target={"node": "/States/C", "place": "after"})
    assert (after["StartAt"], after["States"]["C"]["Next"], after["States"]["A"]) == ("B", "A", {"Type": "Pass", "End": True})
    assert "before or after" in refusal(CHAIN, kind="move", ids=["/States/A"], target={"node": "/States/C", "place": "replace"})


def test_moving_a_state_to_where_it_is_changes_nothing() -> None:
    assert to_transaction({"kind": "move", "ids": ["/States/B"], "target": {"edge": "/States/A/Next"}}, document(CHAIN)) is None


@pytest.mark.parametrize(
    ("intent", "label"),
    [
        ({"kind": "command", "command": "delete", "ids": ["/States/B"]}, "delete *B*"),
        ({"kind": "command", "command": "delete", "ids": ["/States/B", "/States/C", "/States#end"]}, "delete 2 states"),
        ({"kind": "command", "command": "duplicate", "ids": ["/States/B"]}, "duplicate *B*"),
        ({"kind": "connect", "slot": "/States/A/Next", "to": "/States/C"}, "connect *A* to *C*"),
        ({"kind": "connect", "slot": "/States/A/Next", "to": None}, "end after *A*"),
        ({"kind": "connect", "slot": "/States/A/Next", "to": "/States#end"}, "end after *A*"),
        ({"kind": "rename", "id": "/States/B", "name": "Bee"}, "rename *B* to *Bee*"),
    ],
)
def test_labels(intent: Any, label: str) -> None:
    assert act(CHAIN, **intent)[0] == label


def test_delete_heals_and_duplicate_follows_the_original() -> None:
    assert act(CHAIN, kind="command", command="delete", ids=["/States/B"])[1]["States"]["A"]["Next"] == "C"
    copied = act(CHAIN, kind="command", command="duplicate", ids=["/States/B"])[1]["States"]
    assert (copied["B"]["Next"], copied["B (2)"]["Next"]) == ("B (2)", "C")


@pytest.mark.parametrize("kind", ["select", "open", "toggle", "cancel"])
def test_what_edits_nothing_is_no_transaction(kind: str) -> None:
    assert to_transaction({"kind": kind, "ids": []}, document(CHAIN)) is None


@pytest.mark.parametrize("command", ["undo", "redo", "fit", "copy", "zoom-in"])
def test_other_commands_are_no_transaction(command: str) -> None:
    assert to_transaction({"kind": "command", "command": command, "ids": []}, document(CHAIN)) is None


def test_drop_targets_say_where_and_why_not() -> None:
    assert [target.to_json() for target in drop_targets(FORK, "flow:Fail")] == [
        {
            "edge": "/StartAt",
            "from": "__start__",
            "to": "Ask",
            "legal": False,
            "reason": "A Fail state ends the workflow: here it would cut off “Ask”. "
            "Put it where the workflow ends, or on a Choice rule or a catcher.",
            "scope": "/States",
        },
        {"edge": "/States/Ask/Choices/0/Next", "from": "Ask", "to": "Yes", "legal": True, "reason": "", "scope": "/States"},
        {"edge": "/States/Ask/Default", "from": "Ask", "to": "No", "legal": True, "reason": "", "scope": "/States"},
        {"edge": "/States/Yes/Next", "from": "Yes", "to": "__end__", "legal": True, "reason": "", "scope": "/States"},
        {
            "edge": "/States/No/Next",
            "from": "No",
            "to": "__end__",
            "legal": False,
            "reason": "“No” is a Fail state: it ends the workflow, nothing can follow it.",
            "scope": "/States",
        },
        {"container": "/States/Yes", "legal": True, "reason": "", "scope": "/States/Yes/ItemProcessor/States"},
    ]


@settings(max_examples=60, deadline=None)
@given(scribbles, st.sampled_from(sorted(NEW_STATES)))
def test_what_drop_targets_call_legal_is_accepted_and_the_rest_refused(root: Any, palette: str) -> None:
    before = document(root)
    for target in drop_targets(before.root, palette):
        intent = {"kind": "drop", "palette": palette, "target": target.to_json()}
        if target.legal:
            transaction = to_transaction(intent, before)
            assert transaction is not None
            after = before.apply(transaction)
            assert len(asl_graph.build(after.root).states) == len(asl_graph.build(before.root).states) + 1
        else:
            with pytest.raises(EditRefused):
                to_transaction(intent, before)


@settings(max_examples=60, deadline=None)
@given(scribbles, st.randoms(use_true_random=False))
def test_a_legal_move_keeps_every_state(root: Any, rng: Any) -> None:
    before = document(root)
    ids = [node.id for node in scene.build(before.root).nodes.values() if node.kind == "state"]
    if not ids:
        return
    chosen = rng.sample(ids, k=min(len(ids), rng.randint(1, 3)))
    names = sorted(p[-1] for p in asl_graph.build(before.root).states)
    for target in drop_targets(before.root, chosen):
        if target.legal:
            intent = {"kind": "move", "ids": chosen, "target": target.to_json()}
            try:
                transaction = to_transaction(intent, before)
                after = before.apply(transaction) if transaction else before
            except EditRefused:
                continue  # a name is taken twice: the definition was wrong before
            assert sorted(p[-1] for p in asl_graph.build(after.root).states) == names


@pytest.mark.parametrize("path", FILES[::6], ids=lambda path: path.stem)
def test_a_pass_can_be_dropped_on_every_legal_place_of_the_corpus(path: Any) -> None:
    before = Document.open(json.dumps(load(path)))
    for target in drop_targets(before.root, "flow:Pass"):
        if target.legal:
            transaction = to_transaction({"kind": "drop", "palette": "flow:Pass", "target": target.to_json()}, before)
            assert transaction is not None
            before.apply(transaction)


@pytest.mark.parametrize("intent", [{"kind": "drop", "palette": "flow:Pass"}, {"kind": "move", "ids": ["/States/Z"]}])
def test_after_a_choice_that_has_no_default_comes_its_default(intent: Any) -> None:
    ask = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Z"}]}
    root = {"StartAt": "Y", "States": {"Y": {"Type": "Pass", "Next": "Ask"}, "Ask": ask, "Z": {"Type": "Pass", "End": True}}}
    _, after = act(root, **intent, target={"node": "/States/Ask", "place": "after"})
    assert after["States"]["Ask"]["Default"] == ("Pass" if intent["kind"] == "drop" else "Z")
