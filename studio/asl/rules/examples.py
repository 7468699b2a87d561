"""An example of each rule: a definition it complains about, and where. The tests run them, the documentation shows them."""

from __future__ import annotations

from typing import Any

from studio.asl.tree import put

LAMBDA = "arn:aws:states:::lambda:invoke"


def one(state: Any, **more: Any) -> dict[str, Any]:
    """A workflow of one state."""
    return {"StartAt": "A", "States": {"A": state}, **more}


def task(**more: Any) -> dict[str, Any]:
    return one({"Type": "Task", "Resource": LAMBDA, "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True, **more})


def passes(**more: Any) -> dict[str, Any]:
    return one({"Type": "Pass", "End": True, **more})


JSONATA: dict[str, Any] = {"QueryLanguage": "JSONata"}
WAIT: dict[str, Any] = {"Type": "Wait", "Seconds": 1, "End": True}
RULE: dict[str, Any] = {"Variable": "$.a", "NumericEquals": 1, "Next": "B"}
CHOICE: Any = {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [RULE], "Default": "B"}, "B": {"Type": "Succeed"}}}
MAP: dict[str, Any] = {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}, "End": True}


def chosen(**more: Any) -> Any:
    return put(CHOICE, ("States", "C", "Choices", 0), {"Next": "B", **more})


DISTRIBUTED: Any = put(MAP, ("ItemProcessor", "ProcessorConfig"), {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})


def inside(around: Any, state: dict[str, Any]) -> dict[str, Any]:
    """A state inside a Map, after one that assigns the variable `total`."""
    first = {"Type": "Pass", "Assign": {"total": 1}, "Next": "M"}
    return {"StartAt": "A", "States": {"A": first, "M": put(around, ("ItemProcessor", "States", "I"), state)}}


def http(**more: Any) -> dict[str, Any]:
    return task(Resource="arn:aws:states:::http:invoke", Parameters={"ApiEndpoint": "https://example.com", **more})


EXAMPLES: list[tuple[str, Any, str]] = [
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
    ("ASL109", one(3), "/States/A"),
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
    (
        "ASL117",
        one({**DISTRIBUTED, "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV"}}}),
        "/States/A/ItemReader/ReaderConfig",
    ),
    ("ASL117", one({**DISTRIBUTED, "ItemBatcher": {"BatchInput": {}}}), "/States/A/ItemBatcher"),
    (
        "ASL117",
        one({**DISTRIBUTED, "ResultWriter": {"WriterConfig": {"OutputType": "CSV"}}}),
        "/States/A/ResultWriter/WriterConfig/OutputType",
    ),
    ("ASL119", {"StartAt": "A\n", "States": {"A\n": {"Type": "Succeed"}}}, "/States/A\n"),
    ("ASL308", passes(**JSONATA, Output={"a.$": "$.a"}), "/States/A/Output/a.$"),
    ("ASL309", passes(**JSONATA, Output=" {% 1 %} "), "/States/A/Output"),
    ("ASL310", passes(Parameters={"a": "{% 1 + 1 %}"}), "/States/A/Parameters/a"),
    ("ASL311", passes(**JSONATA, Output="{% $states.result %}"), "/States/A/Output"),
    ("ASL312", passes(**JSONATA, Output="{% $total($states.input.a) %}"), "/States/A/Output"),
    ("ASL313", passes(**JSONATA, Output="{% $.a %}"), "/States/A/Output"),
    ("ASL314", passes(Parameters={"token.$": "$$.Task.Token"}), "/States/A/Parameters/token.$"),
    ("ASL315", passes(Parameters={"a.$": "States.ArrayLength()"}), "/States/A/Parameters/a.$"),
    ("ASL402", passes(Parameters={"a.$": "$total"}), "/States/A/Parameters"),
    ("ASL403", inside(MAP, {"Type": "Pass", "Assign": {"total": 2}, "End": True}), "/States/M/ItemProcessor/States/I/Assign/total"),
    (
        "ASL404",
        inside(DISTRIBUTED, {"Type": "Pass", "Parameters": {"a.$": "$total"}, "End": True}),
        "/States/M/ItemProcessor/States/I/Parameters",
    ),
    (
        "ASL503",
        {**CHOICE, "States": {**CHOICE["States"], "C": {"Type": "Choice", "Choices": [RULE, RULE], "Default": "B"}}},
        "/States/C/Choices/1",
    ),
    ("ASL605", http(), "/States/A/Parameters"),
    ("ASL606", http(Headers={"Authorization": "Bearer abcdefghijklmnopqrst"}), "/States/A/Parameters/Headers/Authorization"),
    (
        "ASL607",
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::bedrock:invokeModel",
                "Parameters": {"ModelId": "anthropic.claude-v2"},
                "Retry": [{"ErrorEquals": ["States.ALL"]}],
                "End": True,
            }
        ),
        "/States/A/Parameters/ModelId",
    ),
    ("ASL707", task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "A"}]), "/States/A/Catch/0"),
    ("ASL801", passes(Result="x" * 300_000), "/States/A/Result"),
    (
        "ASL801",
        {
            "StartAt": "A",
            "States": {
                "A": {"Type": "Pass", "Assign": {"all": "{% $append($all, $states.input) %}"}, "QueryLanguage": "JSONata", "Next": "C"},
                "C": {"Type": "Choice", "Choices": [{**RULE, "Next": "A"}], "Default": "B"},
                "B": {"Type": "Succeed"},
            },
        },
        "/States/A/Assign/all",
    ),
]
"""(rule id, definition, location)."""
