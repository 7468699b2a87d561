"""Rules one by one, and what holds for all: the linter never raises, always ends, and looks again only at what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl.edits import apply_edit
from studio.asl.lint import Linter, aws_validate, lint
from studio.asl.rules import RULES
from studio.asl.rules.examples import CHOICE, EXAMPLES, JSONATA, LAMBDA, MAP, WAIT, chosen, one, passes, task
from studio.asl.text import parse
from studio.asl.tree import put, walk

CORPUS = Path(__file__).parents[1] / "corpus" / "valid"


@pytest.mark.parametrize(("rule", "root", "location"), EXAMPLES, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(EXAMPLES)])
def test_a_rule_finds_what_it_is_for(rule: str, root: Any, location: str) -> None:
    assert (rule, RULES[rule].severity, location) in [(d.rule, d.severity, d.location) for d in lint(root)]


@pytest.mark.parametrize(("rule", "root", "location"), EXAMPLES, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(EXAMPLES)])
def test_a_fix_takes_its_finding_away_and_brings_no_error(rule: str, root: Any, location: str) -> None:
    found = next(d for d in lint(root) if (d.rule, d.location) == (rule, location))
    if found.fix is None:
        return
    for edit in found.fix.edits:
        root = apply_edit(root, edit)
    after = lint(root)
    assert (rule, location) not in [(d.rule, d.location) for d in after]
    assert [d for d in after if d.severity == "error"] == []


def test_which_rules_have_a_fix() -> None:
    fixed = {d.rule for _, root, _ in EXAMPLES for d in lint(root) if d.fix is not None}
    assert fixed >= {"ASL116", "ASL202", "ASL206", "ASL207", "ASL208", "ASL309", "ASL503", "ASL701", "ASL702", "ASL705", "ASL707"}


def test_a_slip_of_the_keyboard_is_corrected() -> None:
    [found] = lint(passes(Paramters={"a": 1}))
    assert found.fix is not None
    assert found.fix.label == "Rename Paramters to Parameters"
    slip = {"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "Next": "Wrld"}, "World": {"Type": "Succeed"}}}
    assert [d.fix.label for d in lint(slip) if d.fix] == ["Connect to World"]


WITHOUT_EXAMPLE = {"ASL108", "ASL115", "ASL118", "ASL602", "ASL603", "ASL804"}
"""They need the file's text, the catalogue or an Express workflow; tests of their own show them."""


def test_every_rule_has_an_example() -> None:
    assert set(RULES) - {rule for rule, _, _ in EXAMPLES} == WITHOUT_EXAMPLE


GOOD: list[Any] = [
    passes(),
    task(),
    task(TimeoutSeconds=5, HeartbeatSeconds=2, Credentials={"RoleArn": "arn:aws:iam::1:role/x"}),
    CHOICE,
    one(WAIT),
    one({**WAIT, "Seconds": "${Delay}"}),
    one(MAP),
    passes(**JSONATA, Output={"a": "{% $states.input.a %}"}, Assign={"x": 1}),
    one({"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "Cause": "x"}),
    {
        "StartAt": "P",
        "States": {
            "P": {"Type": "Pass", "Result": {"b": 1}, "ResultPath": "$.a", "Next": "B"},
            "B": {"Type": "Pass", "InputPath": "$.b", "End": True},
        },
    },
]


@pytest.mark.parametrize("root", GOOD)
def test_good_definitions_have_no_findings(root: Any) -> None:
    assert lint(root) == []


def test_express_refuses_what_only_standard_can() -> None:
    for suffix, words in ((".sync", "'.sync' service integration"), (".waitForTaskToken", "'.waitForTaskToken' service integration ")):
        root = one({"Type": "Task", "Resource": f"arn:aws:states:::ecs:runTask{suffix}", "End": True})
        answer = aws_validate(json.dumps(root), "EXPRESS")
        assert answer["diagnostics"][0]["message"] == f"Express state machine does not support {words}"
        assert aws_validate(json.dumps(root), "STANDARD")["result"] == "OK"
    assert "ASL804" in [d.rule for d in lint(one({**WAIT, "Seconds": 600}), kind="EXPRESS")]


def test_duplicate_state_names_are_an_error_and_other_keys_a_warning() -> None:
    parsed = parse('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Succeed", "Comment": "a", "Comment": "b"}}}')
    assert {(d.rule, d.severity) for d in lint(parsed.root, parsed=parsed)} == {("ASL108", "error"), ("ASL115", "warning")}


def test_a_rule_can_be_silenced_for_a_state() -> None:
    root = one({"Type": "Task", "Resource": LAMBDA, "End": True})
    assert [d.rule for d in lint(root, silenced={("A", "ASL701")})] == []
    assert [d.rule for d in lint(root, silenced={("B", "ASL701"), ("A", "ASL702")})] == ["ASL701"]


def test_an_error_cannot_be_silenced() -> None:
    assert [d.rule for d in lint(one({"Type": "Pass"}), silenced={("A", "ASL202")})] == ["ASL202"]


def test_after_an_edit_only_the_changed_state_is_looked_at() -> None:
    root = {"StartAt": "S0", "States": {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(50)} | {"S50": {"Type": "Succeed"}}}
    linter = Linter()
    assert linter.check(root) == []
    edited = put(root, ("States", "S7", "Typo"), 1)
    assert [d.location for d in linter.check(edited)] == ["/States/S7/Typo"]
    assert linter.check(edited) == lint(edited)


# Laws

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def real() -> list[Any]:
    found = []
    for path in sorted(CORPUS.glob("*.json"))[::7]:
        if path.name != "index.json" and path.stat().st_size < 20_000:
            try:
                found.append(json.loads(path.read_text("utf-8")))
            except ValueError:
                continue
    return found


DEFINITIONS = real()


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A real definition with a few values replaced by anything."""
    root = draw(st.sampled_from(DEFINITIONS))
    for _ in range(draw(st.integers(1, 4))):
        places = [at for at, _ in walk(root) if at]
        if places:
            root = put(root, draw(st.sampled_from(places)), draw(JUNK))
    return root


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_the_linter_never_raises(root: Any) -> None:
    for diagnostic in lint(root):
        assert diagnostic.message
        assert diagnostic.rule in RULES


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_the_linter_never_raises_long(root: Any) -> None:
    lint(root)


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"Type": "Succeed"}
    for i in range(depth):
        inner = {"Type": "Parallel", "Branches": [{"StartAt": f"S{i}", "States": {f"S{i}": inner}}], "End": True}
    return one(inner)


@pytest.mark.parametrize(
    "root",
    [
        nested(60),
        {
            "StartAt": "S0",
            "States": {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(10_000)} | {"S10000": {"Type": "Succeed"}},
        },
        passes(Comment="x" * 1_000_000),
        passes(InputPath="$" + "..a" * 2_000),
        passes(Parameters={"a.$": "States.Format('" + "{}" * 1_000 + "')"}),
        passes(**JSONATA, Output="{% " + "(" * 3_000 + "1" + ")" * 3_000 + " %}"),
        chosen(Variable="$.a", StringMatches="*" * 500),
    ],
    ids=["nested", "10,000 states", "1 MB string", "descents", "braces", "parentheses", "stars"],
)
def test_hostile_definitions_end(root: Any) -> None:
    lint(root)
