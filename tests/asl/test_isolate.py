"""One state as a definition of its own."""

from __future__ import annotations

from typing import Any

from studio.asl.graph import build
from studio.asl.isolate import isolated

INNER: dict[str, Any] = {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Inner"}], "Next": "Around"}
WHOLE: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Pick",
    "States": {
        "Pick": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Each"}], "Default": "nowhere"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": INNER, "Around": {"Type": "half-typed"}}},
            "End": True,
        },
    },
}


def test_a_state_at_the_top() -> None:
    graph = build(WHOLE)
    assert isolated(graph, graph.by_name("Pick")) == {  # type: ignore[arg-type]
        "QueryLanguage": "JSONata",
        "StartAt": "Pick",
        "States": {"Pick": WHOLE["States"]["Pick"], "Each": {"Type": "Succeed"}},
    }


def test_a_state_inside_a_map_stays_inside_one() -> None:
    graph = build(WHOLE)
    machine = {"StartAt": "Inner", "States": {"Inner": INNER, "Around": {"Type": "Succeed"}}}
    assert isolated(graph, graph.by_name("Inner")) == {  # type: ignore[arg-type]
        "QueryLanguage": "JSONata",
        "StartAt": "Around'",
        "States": {"Around'": {"Type": "Map", "ItemProcessor": machine, "End": True}},
    }
