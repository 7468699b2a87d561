"""JSONPath converted to JSONata does the same: proved by running both on the recorded cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.asl.convert import convert, convert_state
from studio.asl.lint import lint
from studio.exec.driver import run_once

CASES = Path(__file__).parents[1] / "conformance" / "cases"

# Where the two languages differ, and a conversion cannot help it.
DIFFERENT = {
    "test-json-to-string": "$string of a text has no quotes around it",
    "test-math-add": "States.MathAdd rounds its arguments",
    "test-timestamp-equals": "$toMillis fails on a text that is no timestamp",
    "test-array-partition": "$partition refuses an empty array",
    "INTRINSIC-FUNCTION--353292ad": "the output holds a fresh UUID",
    "context": "the execution's own id is in the output",
    "BASE-EXPR": "the execution's own id is in the output",
}


def filled(value: Any) -> Any:
    return json.loads(json.dumps(value).replace("<partition>", "aws").replace("<region>", "us-east-1"))


def recorded() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.json")):
        case = json.loads(path.read_text())
        definition = case.get("definition")
        if case["kind"] not in {"execution", "outputs"} or case["needs"] or not isinstance(definition, dict):
            continue
        text = json.dumps(definition)
        if '"JSONata"' in text or "DISTRIBUTED" in text or any(word in path.stem for word in DIFFERENT):
            continue
        inputs = [s["params"]["input"] for s in case["steps"] if s["op"] == "StartExecution"][:4]
        found.append(pytest.param(filled(definition), inputs, id=path.stem))
    return found


@pytest.mark.parametrize(("definition", "inputs"), recorded())
def test_both_versions_give_the_same(definition: Any, inputs: list[str]) -> None:
    done = convert(definition)
    assert [d.message for d in lint(done.root) if d.severity == "error"] == [d.message for d in lint(definition) if d.severity == "error"]
    for text in inputs:
        try:
            value = json.loads(text)
        except ValueError:
            continue
        before, after = (run_once(root, value, skip_waits=True) for root in (definition, done.root))
        assert (after.status, after.output) == (before.status, before.output)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            {"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.x.y", "End": True},
            {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": '{% $merge([$states.input, {"x": $merge([$states.input.x, {"y": {"a": 1}}])}]) %}',
                "End": True,
            },
        ),
        (
            {"Type": "Wait", "SecondsPath": "$.delay", "Next": "B"},
            {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input.delay %}", "Next": "B"},
        ),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 3, "Next": "B"}], "Default": "C"},
            {
                "Type": "Choice",
                "QueryLanguage": "JSONata",
                "Choices": [{"Condition": '{% $type($states.input.n) = "number" and $states.input.n > 3 %}', "Next": "B"}],
                "Default": "C",
            },
        ),
        (
            {"Type": "Pass", "Parameters": {"text.$": "States.Format('{} of {}', $.a, $$.Execution.Name)"}, "End": True},
            {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": {"text": '{% $states.input.a & " of " & $states.context.Execution.Name %}'},
                "End": True,
            },
        ),
    ],
)
def test_a_state(state: dict[str, Any], expected: dict[str, Any]) -> None:
    assert convert_state(state).root == expected


NESTED = {
    "a": [1, 2],
    "s": "x]",
    "none": None,
    "empty": [],
    "one": [[1]],
    "rows": [[{"r": 1}, {"r": 2}], [{"r": 3}]],
    "deep": [[[1, 2]], [[3], [4]]],
    "list": [{"k": [1, 2]}, {"k": [3]}],
    "text": '["y"]',
}


@pytest.mark.parametrize(
    "text",
    [
        *(f"States.Array($.{name})" for name in NESTED),
        "States.Array($.a, $.s)",
        "States.Array($.s, $.empty, $.a, 'z', 7)",
        "States.Array($.rows[*], States.Array($.a))",
        "States.Array(States.Array('[', $.a), States.Array('p', 'q'), States.ArrayRange(1, 3, 1), States.StringSplit('a,b', ','))",
        "States.Array(States.StringToJson($.text), States.Format('{}!', $.s), States.MathAdd(1, 2), $.a.length())",
        "States.Array(States.Array(']'), States.Array('[', 1))",
        "States.Array($.list[*].k[0], $$.State.Name)",
        "$.rows[*]",
        "$.rows[*][*]",
        "$.rows[*][*].r",
        "$.one[*][*]",
        "$.deep[*][*]",
        "$.deep[*][*][*]",
        "$.empty[*][*]",
        "$.list[*].k[*]",
    ],
)
def test_arrays_keep_their_depth(text: str) -> None:
    state = {"Type": "Pass", "Parameters": {"v.$": text}, "OutputPath": "$.v", "End": True}
    definition = {"StartAt": "A", "States": {"A": state}}
    done = convert(definition)
    assert done.complete
    before, after = (run_once(root, NESTED) for root in (definition, done.root))
    assert (after.status, after.output) == (before.status, before.output) == ("SUCCEEDED", before.output)


@pytest.mark.parametrize("text", ["$.rows[*][0]", "$.rows[*][0:1]", "$.rows[*][?(@.r == 1)]"])
def test_a_part_after_all_items_is_not_guessed(text: str) -> None:
    done = convert({"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": text, "End": True}}})
    assert (done.complete, ["right after [*]" in note.message for note in done.notes]) == (False, [True])


def test_what_cannot_be_converted_is_listed_and_kept() -> None:
    state = {"Type": "Pass", "Parameters": {"n.$": "States.MathRandom(1, 9, 7)"}, "End": True}
    root = {"StartAt": "A", "States": {"A": state}}
    done = convert(root)
    assert (done.root, done.complete) == (root, False)
    assert [(n.pointer, "seed" in n.message) for n in done.notes] == [(("States", "A"), True)]
