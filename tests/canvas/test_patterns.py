"""The patterns of the palette: sound in both query languages, and connected where they are dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl import graph as asl_graph
from studio.asl.convert import convert
from studio.asl.document import Document
from studio.asl.lint import lint
from studio.canvas.icons import ICONS
from studio.canvas.intents import to_transaction
from studio.canvas.patterns import Pattern, patterns
from studio.catalogue.parameters import catalogue
from studio.errors import EditRefused

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}
JSONATA: Any = {"QueryLanguage": "JSONata", **CHAIN}
OWN = Pattern(
    "pattern:own/x", "x", "", "add", {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "End": True}}}
)


def dropped(root: Any, palette: str, target: Any, **own: Pattern) -> Any:
    document = Document.open(json.dumps(root))
    transaction = to_transaction({"kind": "drop", "palette": palette, "target": target}, document, {p.id: p for p in own.values()})
    assert transaction is not None
    return document.apply(transaction).root


def problems(root: Any) -> list[str]:
    return [f"{d.rule} {d.location} {d.message}" for d in lint(root, catalogue=catalogue()) if d.severity in {"error", "warning"}]


def test_the_patterns_that_come_with_the_studio() -> None:
    assert [p.id.removeprefix("pattern:") for p in patterns().values()] == [
        "poll-a-job",
        "human-approval",
        "scatter-gather",
        "saga",
        "retry-dead-letter-queue",
        "s3-distributed-map",
        "csv-distributed-map",
        "prompt-chain",
        "rag",
        "reprompt-json",
    ]


@pytest.mark.parametrize("pattern", patterns().values(), ids=lambda p: p.id)
def test_a_pattern_is_sound_in_both_languages(pattern: Pattern) -> None:
    assert pattern.icon in ICONS
    assert problems(pattern.fragment) == []
    converted = convert(pattern.fragment)
    assert converted.complete
    assert problems(converted.root) == []


@pytest.mark.parametrize("root", [CHAIN, JSONATA], ids=["JSONPath", "JSONata"])
@pytest.mark.parametrize("palette", patterns())
@pytest.mark.parametrize(
    "target",
    [
        {"edge": "/States/A/Next"},
        {"edge": "/StartAt"},
        {"edge": "/States/C/Next"},
        *({"node": "/States/B", "place": place} for place in ("before", "after", "replace")),
    ],
    ids=["edge", "start", "end", "before", "after", "replace"],
)
def test_a_dropped_pattern_is_connected_and_sound(root: Any, palette: str, target: Any) -> None:
    """Every state is reached, what followed is reached through the pattern, and the linter has nothing to say."""
    after = dropped(root, palette, target)
    assert problems(after) == []
    names = {node.name for node in asl_graph.build(after).states.values()}
    gone = {"B"} if target.get("place") == "replace" else set()
    assert names == {"A", "B", "C", *_names(patterns()[palette].fragment)} - gone
    assert _reached(after) == set(after["States"])


def test_a_pattern_goes_into_an_empty_workflow_and_a_container() -> None:
    saga = patterns()["pattern:saga"].fragment
    assert dropped({}, "pattern:saga", None) == saga
    inside = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": {"StartAt": "", "States": {}}, "End": True}}}
    after = dropped(inside, "pattern:saga", {"container": "/States/M", "scope": "/States/M/ItemProcessor/States"})
    assert after["States"]["M"]["ItemProcessor"] == saga


def test_twice_the_same_pattern_has_new_names() -> None:
    once = dropped(CHAIN, "pattern:rag", {"edge": "/States/C/Next"})
    twice = dropped(once, "pattern:rag", {"edge": "/StartAt"})
    assert twice["StartAt"] == "Retrieve passages (2)"
    assert twice["States"]["Retrieve passages (2)"]["Next"] == "Answer from the passages (2)"
    assert twice["States"]["Answer from the passages (2)"]["Next"] == "A"


def test_own_patterns_speak_the_language_of_the_workflow() -> None:
    assert dropped(JSONATA, OWN.id, {"edge": "/StartAt"}, own=OWN)["States"]["P"] == {
        "Type": "Pass",
        "Output": {"a": "{% $states.input.b %}"},
        "Next": "A",
    }


def test_an_unknown_pattern_is_refused() -> None:
    with pytest.raises(EditRefused, match="no pattern gone"):
        dropped(CHAIN, "pattern:gone", None)


def _names(fragment: Any) -> set[str]:
    return {node.name for node in asl_graph.build(fragment).states.values()}


def _reached(root: Any) -> set[str]:
    graph = asl_graph.build(root)
    ways = [(t.source, t.target) for t in graph.transitions if t.scope == ("States",)]
    reached = {asl_graph.START}
    while more := {target for source, target in ways if source in reached} - reached:
        reached |= more
    return reached - {asl_graph.START, asl_graph.END}
