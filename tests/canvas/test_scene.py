from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from canvas_definitions import FILES, load, scribbles
from hypothesis import given, settings

from studio.asl.tree import Pointer
from studio.canvas import scene
from studio.canvas.scene import build, patch


@dataclass
class Found:
    severity: str
    pointer: Pointer


ORDER: Any = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Retry": [{"ErrorEquals": ["States.ALL"]}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund"}],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 10,
            "ItemProcessor": {"StartAt": "Pack", "States": {"Pack": {"Type": "Wait", "Seconds": 30, "End": True}}},
            "End": True,
        },
        "Refund": {"Type": "Fail", "Error": "NotPaid"},
    },
}


def test_a_node_as_the_browser_gets_it() -> None:
    assert build(ORDER, mocked={"Charge"}, statuses={"Charge": "failed"}).nodes["/States/Charge"].to_json() == {
        "id": "/States/Charge",
        "name": "Charge",
        "type": "Task",
        "kind": "state",
        "scope": "/States",
        "parent": None,
        "x": 56,
        "y": 92,
        "w": 224,
        "h": 56,
        "title": "Charge",
        "subtitle": "Lambda · Invoke",
        "icon": "lambda",
        "container": False,
        "collapsed": False,
        "branches": [],
        "chips": ["retry 1", "catch 1"],
        "problems": {"error": 0, "warning": 0, "hint": 0},
        "malformed": False,
        "status": "failed",
        "moved": False,
        "mocked": True,
        "breakpoint": False,
        "label": "Charge, Task, Lambda Invoke, failed, next: Each; catch States.ALL goes to Refund",
    }


def test_edges_as_the_browser_gets_them() -> None:
    edges = build(ORDER, taken={("__start__", "Charge")}).edges
    assert {
        e["id"]: (e["from"], e["to"], e["fromId"], e["toId"], e["kind"], e["label"], e["taken"])
        for e in (edge.to_json() for edge in edges.values())
    } == {
        "/StartAt": ("__start__", "Charge", "/States#start", "/States/Charge", "next", "", True),
        "/States/Charge/Next": ("Charge", "Each", "/States/Charge", "/States/Each", "next", "", False),
        "/States/Charge/Catch/0/Next": ("Charge", "Refund", "/States/Charge", "/States/Refund", "catch", "States.ALL", False),
        "/States/Each/Next": ("Each", "__end__", "/States/Each", "/States#end", "next", "", False),
        "/States/Refund/Next": ("Refund", "__end__", "/States/Refund", "/States#end", "next", "", False),
        "/States/Each/ItemProcessor/StartAt": (
            "__start__",
            "Pack",
            "/States/Each/ItemProcessor/States#start",
            "/States/Each/ItemProcessor/States/Pack",
            "branch",
            "",
            False,
        ),
        "/States/Each/ItemProcessor/States/Pack/Next": (
            "Pack",
            "__end__",
            "/States/Each/ItemProcessor/States/Pack",
            "/States/Each/ItemProcessor/States#end",
            "next",
            "",
            False,
        ),
    }


def test_names_with_slashes_and_tildes_make_ids_that_are_pointers() -> None:
    root = {"StartAt": "a/b~c", "States": {"a/b~c": {"Type": "Pass", "End": True}}}
    drawn = build(root)
    assert list(drawn.nodes) == ["/States#start", "/States/a~1b~0c", "/States#end"]
    assert list(drawn.edges) == ["/StartAt", "/States/a~1b~0c/Next"]


def subtitle(state: Any) -> str:
    return build({"StartAt": "A", "States": {"A": state}}).nodes["/States/A"].subtitle


def task(resource: str) -> dict[str, str]:
    return {"Type": "Task", "Resource": resource}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (task("arn:aws:states:::lambda:invoke"), "Lambda · Invoke"),
        (task("arn:aws:states:::lambda:invoke.waitForTaskToken"), "Lambda · Invoke · callback"),
        (task("arn:aws:states:::states:startExecution.sync:2"), "Step Functions · StartExecution · wait"),
        (task("arn:aws:states:::bedrock:invokeModel"), "Bedrock · InvokeModel"),
        (task("arn:aws:states:::aws-sdk:dynamodb:getItem"), "DynamoDB · GetItem"),
        (task("arn:aws-cn:states:::aws-sdk:iot:publish"), "IOT · Publish"),
        (task("arn:aws:lambda:eu-west-1:123456789012:function:charge"), "Lambda · charge"),
        (task("arn:aws:states:eu-west-1:123456789012:activity:approve"), "Activity · approve"),
        (task("${ChargeFunctionArn}"), "Task · ${ChargeFunctionArn}"),
        ({"Type": "Task"}, "Task · no resource yet"),
        ({"Type": "Wait", "Seconds": 30}, "Wait · 30 s"),
        ({"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z"}, "Wait · until 2030-01-01T00:00:00Z"),
        ({"Type": "Wait", "SecondsPath": "$.pause"}, "Wait · $.pause"),
        ({"Type": "Choice", "Choices": [{}]}, "Choice · 1 rule"),
        ({"Type": "Fail", "Error": "Broken"}, "Fail · Broken"),
        ({"Type": "Parallel", "Branches": [{}, {}]}, "Parallel · 2 branches"),
        ({"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 10}, "Map · ×3, ≤ 10 at once"),
        ({"Type": "Map", "ItemsPath": "$.all", "MaxConcurrency": 1}, "Map · each of $.all, one at a time"),
        ({"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}, "Distributed Map · each item"),
        ({"Type": "Pass"}, "Pass"),
        ({"Type": "Nonsense"}, "unknown type Nonsense"),
        ({}, "no type yet"),
        ([], "not an object"),
    ],
)
def test_subtitles(state: Any, said: str) -> None:
    assert subtitle(state) == said


def test_problems_are_counted_on_the_innermost_state_or_the_closed_container_around_it() -> None:
    inner: Pointer = ("States", "Each", "ItemProcessor", "States", "Pack", "Seconds")
    found = [Found("error", inner), Found("warning", inner), Found("hint", ("States", "Charge")), Found("error", ("StartAt",))]
    opened = build(ORDER, diagnostics=found).nodes
    assert opened["/States/Each/ItemProcessor/States/Pack"].problems == (1, 1, 0)
    assert opened["/States/Charge"].problems == (0, 0, 1)
    assert opened["/States/Each"].problems == (0, 0, 0)
    closed = build(ORDER, diagnostics=found, collapsed={"/States/Each"}).nodes
    assert closed["/States/Each"].problems == (1, 1, 0)


def test_a_closed_container_is_a_plain_box() -> None:
    drawn = build(ORDER, collapsed={"/States/Each"})
    each = drawn.nodes["/States/Each"]
    assert (each.w, each.h, each.container, each.collapsed, each.branches) == (224, 56, True, True, ())
    assert "/States/Each/ItemProcessor/States/Pack" not in drawn.nodes


def test_branches_are_lanes_of_equal_height_side_by_side() -> None:
    one = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    two = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}}}
    drawn = build({"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [one, two], "End": True}}})
    p = drawn.nodes["/States/P"]
    first, second = p.branches
    assert (first.y, first.h) == (second.y, second.h)
    assert (first.y - p.y, p.y + p.h - first.bottom) == (32, 0)
    assert first.right == second.x
    assert second.right == p.x + p.w


@pytest.mark.parametrize(
    ("root", "empty"),
    [
        ({}, "/States#empty"),
        (None, "/States#empty"),
        ([1], "/States#empty"),
        ({"States": {}}, "/States#empty"),
        ({"StartAt": "M", "States": {"M": {"Type": "Map", "End": True}}}, "/States/M/ItemProcessor/States#empty"),
        ({"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": True}}}, "/States/P/Branches/0/States#empty"),
        (
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [{"States": {}}, {"States": {}}], "End": True}}},
            "/States/P/Branches/1/States#empty",
        ),
    ],
)
def test_an_empty_scope_has_a_placeholder(root: Any, empty: str) -> None:
    node = build(root).nodes[empty]
    assert (node.kind, node.title) == ("empty", "Drop a state here")


def test_a_missing_target_is_drawn_to_the_end_and_says_what_is_missing() -> None:
    drawn = build({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Ghost"}}})
    edge = drawn.edges["/States/A/Next"]
    assert (edge.target, edge.missing, edge.label) == ("__end__", True, "→ Ghost?")


def test_a_patch_holds_only_what_changed() -> None:
    before = build(ORDER)
    assert patch(None, before)["full"] is True
    assert len(patch(None, before)["nodes"]["added"]) == len(before.nodes)
    none = {"added": [], "updated": [], "moved": [], "removed": []}
    size = {"width": before.width, "height": before.height}
    assert patch(before, build(ORDER)) == {"nodes": none, "edges": none, "shifted": [], **size, "full": False}
    after = build({**ORDER, "States": {**ORDER["States"], "Refund": {"Type": "Fail", "Error": "Other"}}})
    change = patch(before, after)
    assert [node["id"] for node in change["nodes"]["updated"]] == ["/States/Refund"]
    assert change["edges"] == none


def shifted(item: dict[str, Any], dx: int, dy: int) -> dict[str, Any]:
    def at(rect: dict[str, Any]) -> dict[str, Any]:
        return {**rect, "x": rect["x"] + dx, "y": rect["y"] + dy}

    if "points" not in item:
        return {**at(item), "branches": [at(branch) for branch in item["branches"]]}
    box = item["labelBox"]
    return {
        **item,
        "points": [[x + dx, y + dy] for x, y in item["points"]],
        "labelBox": [box[0] + dx, box[1] + dy, *box[2:]] if box else None,
    }


def test_what_only_moved_is_sent_as_a_shift() -> None:
    before = build(ORDER)
    after = build({**ORDER, "StartAt": "New", "States": {"New": {"Type": "Pass", "Next": "Charge"}, **ORDER["States"]}})
    change = patch(before, after)
    outer = [key for key, node in before.nodes.items() if node.scope == "/States"]
    assert [key for key, *_ in change["nodes"]["moved"]] == [key for key in outer if key != "/States#start"]
    assert [scope for scope, *_ in change["shifted"]] == ["/States/Each/ItemProcessor/States"]
    assert [node["id"] for node in change["nodes"]["updated"]] == []


@settings(max_examples=60, deadline=None)
@given(scribbles, scribbles)
def test_a_patch_turns_one_scene_into_the_other(a: Any, b: Any) -> None:
    old, new = build(a), build(b)
    change = patch(old, new)
    for kind, first, second in (("nodes", old.nodes, new.nodes), ("edges", old.edges, new.edges)):
        items = {key: item.to_json() for key, item in first.items()}
        for key in change[kind]["removed"]:
            del items[key]
        items.update({item["id"]: item for item in (*change[kind]["added"], *change[kind]["updated"])})
        items.update({key: shifted(items[key], dx, dy) for key, dx, dy in change[kind]["moved"]})
        for scope, dx, dy in change["shifted"]:
            items.update({key: shifted(item, dx, dy) for key, item in items.items() if item["scope"] == scope})
        assert items == {key: item.to_json() for key, item in second.items()}


@pytest.mark.parametrize("path", FILES[::10], ids=lambda path: path.stem)
def test_parents_come_before_what_they_contain(path: Any) -> None:
    seen: set[str | None] = {None}
    for node in build(load(path)).nodes.values():
        assert node.parent in seen
        seen.add(node.id)


def test_remembered_scopes_do_not_leak_between_documents() -> None:
    shared = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    one = {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": shared, "End": True}}}
    two = {"StartAt": "B", "States": {"B": {"Type": "Map", "ItemProcessor": shared, "End": True}}}
    assert [n for n in scene.build(one).nodes if "In" in n] == ["/States/A/ItemProcessor/States/In"]
    assert [n for n in scene.build(two).nodes if "In" in n] == ["/States/B/ItemProcessor/States/In"]


def test_the_whole_patch_of_a_small_workflow() -> None:
    """A golden file, and the example of the format that the browser side reads. Replace `patch` in it when looks change on purpose."""
    golden = json.loads((Path(__file__).parent / "demo_scene.json").read_text())
    assert json.loads(json.dumps(patch(None, build(golden["definition"])))) == golden["patch"]
