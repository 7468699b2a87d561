"""Rules one by one, and what holds for all: the linter never raises, always ends, and looks again only at what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl.lint import Linter, aws_validate, lint
from studio.asl.rules import RULES
from studio.asl.text import parse
from studio.asl.tree import put, walk

CORPUS = Path(__file__).parents[1] / "corpus" / "valid"
LAMBDA = "arn:aws:states:::lambda:invoke"


def one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow of one state."""
    return {"StartAt": "A", "States": {"A": state}, **more}


def task(**more: Any) -> dict[str, Any]:
    return one({"Type": "Task", "Resource": LAMBDA, "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True, **more})


def passes(**more: Any) -> dict[str, Any]:
    return one({"Type": "Pass", "End": True, **more})


JSONATA = {"QueryLanguage": "JSONata"}
WAIT = {"Type": "Wait", "Seconds": 1, "End": True}
RULE = {"Variable": "$.a", "NumericEquals": 1, "Next": "B"}
CHOICE = {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [RULE], "Default": "B"}, "B": {"Type": "Succeed"}}}
MAP = {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}, "End": True}


def chosen(**more: Any) -> dict[str, Any]:
    return put(CHOICE, ("States", "C", "Choices", 0), {"Next": "B", **more})  # type: ignore[return-value]


# rule id, a definition it complains about, where
BAD: list[tuple[str, Any, str]] = [
    ("ASL101", {}, "/"),
    ("ASL101", one({"Type": "Task", "End": True}), "/States/A"),
    ("ASL102", passes(Typo=1), "/States/A/Typo"),
    ("ASL103", one({"Type": "Pas", "End": True}), "/States/A/Type"),
    ("ASL104", passes(Comment=1), "/States/A/Comment"),
    ("ASL105", {"StartAt": "A", "States": {}}, "/States"),
    ("ASL106", task(TimeoutSeconds=0), "/States/A/TimeoutSeconds"),
    ("ASL106", task(TimeoutSeconds=5, HeartbeatSeconds=5), "/States/A/HeartbeatSeconds"),
    ("ASL107", {"StartAt": "x" * 81, "States": {"x" * 81: {"Type": "Succeed"}}}, "/States/" + "x" * 81),
    ("ASL109", [], "/"),
    ("ASL109", one(3), "/States/A"),  # type: ignore[arg-type]
    ("ASL110", one({"Type": "Wait", "Timestamp": "2030-01-01", "End": True}), "/States/A/Timestamp"),
    ("ASL111", one({**WAIT, "SecondsPath": "$.s"}), "/States/A/SecondsPath"),
    ("ASL111", {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B", "End": True}, "B": {"Type": "Succeed"}}}, "/States/A/End"),
    (
        "ASL112",
        one({**MAP, "ItemProcessor": {**MAP["ItemProcessor"], "ProcessorConfig": {"Mode": "DISTRIBUTED"}}}),
        "/States/A/ItemProcessor/ProcessorConfig",
    ),
    ("ASL113", task(Credentials={}), "/States/A/Credentials"),
    ("ASL114", one({**MAP, "Label": "a b"}), "/States/A/Label"),
    ("ASL116", one({**MAP, "ItemReader": {}}), "/States/A/ItemReader"),
    ("ASL201", one({"Type": "Pass", "Next": "B"}), "/States/A/Next"),
    ("ASL202", one({"Type": "Pass"}), "/States/A"),
    ("ASL203", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}, "/States/B"),
    ("ASL204", one({"Type": "Pass", "Next": "A"}), "/States"),
    ("ASL205", chosen(And=[{"Variable": "$.a", "IsNull": True, "Next": "B"}]), "/States/C/Choices/0/And/0/Next"),
    ("ASL206", task(Retry=[{"ErrorEquals": ["States.ALL", "E"]}]), "/States/A/Retry/0/ErrorEquals"),
    ("ASL207", one({"Type": "Succeed", "End": True}), "/States/A/End"),
    ("ASL208", task(Retry=[{"ErrorEquals": ["E"]}, {"ErrorEquals": ["E"]}]), "/States/A/Retry/1"),
    ("ASL301", passes(**JSONATA, OutputPath="$.a"), "/States/A/OutputPath"),
    ("ASL302", one({"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}, **JSONATA), "/States/A"),
    ("ASL303", passes(**JSONATA, Output="{% 1 %"), "/States/A/Output"),
    ("ASL304", passes(**JSONATA, Output="{% 1 + %}"), "/States/A/Output"),
    ("ASL305", passes(Parameters={"a.$": "States.Nope()"}), "/States/A/Parameters"),
    ("ASL306", passes(Parameters={"a": 1, "a.$": "$.a"}), "/States/A/Parameters/a.$"),
    ("ASL307", passes(InputPath="$.a[?(@.b =)]"), "/States/A/InputPath"),
    ("ASL401", passes(**JSONATA, Assign={"1st": 1}), "/States/A/Assign/1st"),
    ("ASL501", chosen(Variable="$.a", NumericEquals="one"), "/States/C/Choices/0/NumericEquals"),
    ("ASL501", chosen(Variable="$.a", NumericEquals=1, StringEquals="x"), "/States/C/Choices/0"),
    ("ASL502", {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [RULE]}, "B": {"Type": "Succeed"}}}, "/States/C"),
    ("ASL601", one({"Type": "Task", "Resource": "${Fn", "End": True}), "/States/A/Resource"),
    ("ASL604", one({"Type": "Task", "Resource": "my-function", "End": True}), "/States/A/Resource"),
    ("ASL701", one({"Type": "Task", "Resource": LAMBDA, "End": True}), "/States/A"),
    ("ASL702", one({"Type": "Task", "Resource": f"{LAMBDA}.waitForTaskToken", "End": True}), "/States/A"),
    ("ASL703", one({"Type": "Pass", "Next": "A"}), "/States/A"),
    ("ASL705", one({"Type": "Task", "Resource": "arn:aws:states:::bedrock:invokeModel", "End": True}), "/States/A"),
    ("ASL706", task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1000}]), "/States/A/Retry/0/MaxAttempts"),
    ("ASL803", one({**MAP, "MaxConcurrency": 100}), "/States/A/MaxConcurrency"),
    ("ASL802", {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": [0] * 7000, "Next": "A"}, "A": MAP}}, "/States/A"),
    (
        "ASL901",
        {
            "StartAt": "P",
            "States": {"P": {"Type": "Pass", "Result": {"a": 1}, "Next": "B"}, "B": {"Type": "Pass", "InputPath": "$.b", "End": True}},
        },
        "/States/B/InputPath",
    ),
]


@pytest.mark.parametrize(("rule", "root", "location"), BAD, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(BAD)])
def test_a_rule_finds_what_it_is_for(rule: str, root: Any, location: str) -> None:
    assert (rule, RULES[rule].severity, location) in [(d.rule, d.severity, d.location) for d in lint(root)]


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
