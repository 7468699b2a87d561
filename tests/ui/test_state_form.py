"""The forms of states: which tab shows what, how fields are given in several ways, what the call of a task makes of its parameters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl.document import Document
from studio.asl.fields import FIELDS, TYPES
from studio.asl.lint import lint
from studio.asl.tree import MISSING
from studio.catalogue.actions import call_of
from studio.ui.panels.fields import allowed, section_of, sections, specs
from studio.ui.panels.map_form import SOURCES, reader_for, source_of
from studio.ui.panels.task_form import carrying_token
from studio.ui.widgets.form import Form
from studio.ui.widgets.switch import Mode, converted, current, in_document, read_expression, switch_to, value_or_expression, value_or_path

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("kind", "language", "expected"),
    [
        ("Task", "JSONPath", ("configuration", "input", "output", "variables", "errors")),
        ("Task", "JSONata", ("configuration", "arguments", "variables", "errors")),
        ("Wait", "JSONPath", ("configuration", "input", "output", "variables")),
        ("Pass", "JSONata", ("configuration", "arguments", "variables")),
        ("Fail", "JSONPath", ("configuration",)),
        ("Succeed", "JSONata", ("configuration", "arguments")),
    ],
)
def test_the_tabs_are_those_of_workflow_studio(kind: str, language: str, expected: tuple[str, ...]) -> None:
    assert sections(kind, language) == expected


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_field_of_the_language_is_on_some_tab(kind: str, language: str) -> None:
    """Fields that give one thing in two ways are one field of the form; structure is edited on the canvas."""
    shown = {name for spec in specs(kind, language) for name in (spec.name, spec.twin) if name}
    elsewhere = {"Type", "End", "ItemProcessor", "Iterator", "Timestamp", "SecondsPath", "TimestampPath"}
    elsewhere |= {"Parameters"} if kind == "Task" else set()
    assert shown - elsewhere == set(allowed(kind, language)) - elsewhere
    assert {section_of(kind, language, name) for name in shown} <= set(sections(kind, language))


def test_a_problem_leads_to_the_tab_of_its_field() -> None:
    assert section_of("Task", "JSONPath", "Retry") == "errors"
    assert section_of("Task", "JSONPath", "TimeoutSecondsPath") == "errors"
    assert section_of("Task", "JSONPath", "Parameters") == "configuration"
    assert section_of("Map", "JSONPath", "Parameters") == "input"
    assert section_of("Task", "JSONata", "Output") == "arguments"
    assert section_of("Task", "JSONata", "Nothing") == "configuration"
    assert set(FIELDS["Task"]) >= {"Retry", "Output"}


class View:
    """What a form needs of the editor."""

    def __init__(self, state: Any) -> None:
        self.modes: dict[Any, str] = {}
        self.drafts: dict[Any, str] = {}
        self.session = self
        self.document = Document.open(json.dumps({"StartAt": "A", "States": {"A": state}}))

    async def do(self, transaction: Any) -> bool:
        after = self.document.apply(transaction)
        done, self.document = after is not self.document, after
        return done


def form(state: Any) -> Any:
    return Form(View(state), ("States", "A"))  # type: ignore[arg-type]


SECONDS = value_or_path(("Seconds",), ("SecondsPath",), "number")
KEY = value_or_path(("Parameters", "Key"), ("Parameters", "Key.$"), "text")
LIMIT = value_or_expression(("Limit",), "number")


@pytest.mark.parametrize(
    ("state", "modes", "expected"),
    [
        ({"Seconds": 1}, SECONDS, "Value"),
        ({"SecondsPath": "$.x"}, SECONDS, "JSONPath"),
        ({}, SECONDS, "Value"),
        ({"Parameters": {"Key.$": "$.x"}}, KEY, "JSONPath"),
        ({"Limit": 3}, LIMIT, "Value"),
        ({"Limit": "{% $x %}"}, LIMIT, "JSONata"),
    ],
)
def test_a_field_is_shown_as_the_document_gives_it(state: Any, modes: list[Mode], expected: str) -> None:
    assert current(form(state), modes).id == expected


def test_a_field_is_shown_as_a_person_chose_until_something_is_typed() -> None:
    made = form({"Seconds": 1})
    made.view.modes["States", "A", "Seconds"] = "JSONPath"
    assert current(made, SECONDS).id == "JSONPath"
    assert in_document(made, SECONDS) is SECONDS[0]


async def test_another_way_takes_the_place_of_the_first() -> None:
    """In the text as well: the members keep their order."""
    made = form({"Type": "Wait", "Seconds": 1, "End": True})
    assert await made.put_instead(("SecondsPath",), [("Seconds",)], "$.delay", "Wait")
    assert list(made.value(()).items()) == [("Type", "Wait"), ("SecondsPath", "$.delay"), ("End", True)]
    assert await made.put_instead(("Seconds",), [("SecondsPath",)], 5, "Wait")
    assert made.value(()) == {"Type": "Wait", "Seconds": 5, "End": True}


async def test_of_two_ways_given_at_once_the_typed_one_stays() -> None:
    made = form({"Seconds": 1, "SecondsPath": "$.a", "Timestamp": "x"})
    await made.put_instead(("Seconds",), [("SecondsPath",), ("Timestamp",)], 2, "Wait")
    assert made.value(()) == {"Seconds": 2}


async def test_switching_back_writes_what_was_there() -> None:
    """What is shown is what runs; nothing typed is lost on the way."""
    made = form({"Parameters": {"Key": "a", "Z": 1}})
    await switch_to(made, "Key", KEY, KEY[1])
    assert (current(made, KEY).id, made.value(("Parameters",))) == ("JSONPath", {"Key": "a", "Z": 1})  # nothing to write yet
    await made.put_instead(("Parameters", "Key.$"), [("Parameters", "Key")], "$.key", "Key")
    await switch_to(made, "Key", KEY, KEY[0])
    assert (current(made, KEY).id, made.value(("Parameters",))) == ("Value", {"Key": "a", "Z": 1})
    await switch_to(made, "Key", KEY, KEY[1])
    assert (current(made, KEY).id, list(made.value(("Parameters",)).items())) == ("JSONPath", [("Key.$", "$.key"), ("Z", 1)])


async def test_switching_writes_what_the_value_becomes() -> None:
    made = form({"Limit": 3})
    await switch_to(made, "Limit", LIMIT, LIMIT[1])
    assert (current(made, LIMIT).id, made.value(("Limit",))) == ("JSONata", "{% 3 %}")
    await switch_to(made, "Limit", LIMIT, LIMIT[0])
    assert (current(made, LIMIT).id, made.value(("Limit",))) == ("Value", 3)


@pytest.mark.parametrize(
    ("value", "before", "after", "expected"),
    [
        (30, LIMIT[0], LIMIT[1], "{% 30 %}"),
        ("a b", KEY[0], value_or_expression(("x",), "text")[1], '{% "a b" %}'),
        ({"a": [1]}, Mode("Value", (), "json"), LIMIT[1], '{% {"a": [1]} %}'),
        ("{% 30 %}", LIMIT[1], LIMIT[0], 30),
        ("{% $states.input.x %}", LIMIT[1], LIMIT[0], MISSING),
        ("$.x", SECONDS[1], SECONDS[0], MISSING),
        (3, SECONDS[0], SECONDS[1], MISSING),
    ],
)
def test_what_a_value_becomes_in_another_way(value: Any, before: Mode, after: Mode, expected: Any) -> None:
    assert converted(value, before, after) == expected


def test_an_expression_gets_its_braces() -> None:
    assert (read_expression("$x + 1"), read_expression(" {% $x %} ")) == ("{% $x + 1 %}", "{% $x %}")


@pytest.mark.parametrize(
    ("name", "language", "parameters", "expected"),
    [
        (
            "lambda:invoke",
            "JSONPath",
            {"FunctionName": "f", "Payload.$": "$"},
            {"FunctionName": "f", "Payload": {"Input.$": "$", "TaskToken.$": "$$.Task.Token"}},
        ),
        (
            "sqs:sendMessage",
            "JSONPath",
            {"QueueUrl": "q", "MessageBody": {"a": 1}},
            {"QueueUrl": "q", "MessageBody": {"a": 1, "TaskToken.$": "$$.Task.Token"}},
        ),
        (
            "lambda:invoke",
            "JSONata",
            {"FunctionName": "f", "Payload": "{% $states.input %}"},
            {"FunctionName": "f", "Payload": {"Input": "{% $states.input %}", "TaskToken": "{% $states.context.Task.Token %}"}},
        ),
        ("sns:publish", "JSONPath", {"TopicArn": "t"}, {"TopicArn": "t", "Message": {"TaskToken.$": "$$.Task.Token"}}),
        ("lambda:invoke", "JSONPath", {"Payload": {"t.$": "$$.Task.Token"}}, None),
        ("ecs:runTask", "JSONPath", {}, None),
        ("lambda:invoke", "JSONata", "{% $states.input %}", None),
    ],
)
def test_a_callback_carries_the_token(name: str, language: str, parameters: Any, expected: Any) -> None:
    call = call_of(ARN + name)
    assert call is not None
    assert carrying_token(call, parameters, language) == expected


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize("source", [source for source in SOURCES if source])
def test_every_item_source_is_told_again_and_valid(source: str, language: str) -> None:
    made = reader_for(source, MISSING, language)
    assert source_of(made) == source
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }
    root = {
        "QueryLanguage": language,
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemReader": made, "ItemProcessor": processor, "End": True}},
    }
    assert [d.message for d in lint(root) if d.severity == "error"] == []


def test_another_item_source_keeps_bucket_key_and_limit() -> None:
    csv = {
        "Resource": f"{ARN}s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 9},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "a.csv"},
    }
    assert reader_for("JSON", csv, "JSONPath") == {
        "Resource": f"{ARN}s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "MaxItems": 9},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "a.csv"},
    }
    assert reader_for("OBJECTS", csv, "JSONPath") == {
        "Resource": f"{ARN}s3:listObjectsV2",
        "ReaderConfig": {"MaxItems": 9},
        "Parameters": {"Bucket.$": "$.bucket"},
    }


@pytest.mark.parametrize(
    "reader", [7, {}, {"Resource": 1}, {"Resource": "x", "ReaderConfig": {"InputType": "CSV"}}, {"Resource": f"{ARN}s3:getObject"}]
)
def test_a_reader_that_is_no_known_source_is_shown_as_json(reader: Any) -> None:
    assert source_of(reader) is None


async def test_what_would_be_left_empty_goes_as_well() -> None:
    made = form({"ItemBatcher": {"MaxItemsPerBatch": 3, "BatchInput": {}}, "Parameters": {"a": 1}})
    for pointer in (("ItemBatcher", "BatchInput"), ("ItemBatcher", "MaxItemsPerBatch"), ("Parameters", "a")):
        assert await made.put(pointer, MISSING, "Field")
    assert made.value(()) == {"Parameters": {}}


def test_an_example_of_a_key_follows_the_source_and_a_person_s_own_stays() -> None:
    example = reader_for("CSV", MISSING, "JSONPath")
    assert reader_for("JSON", example, "JSONPath")["Parameters"] == {"Bucket": "amzn-s3-demo-bucket", "Key": "items.json"}
    own = reader_for("JSON", {"Parameters": {"Bucket": "b", "Key": "mine"}}, "JSONPath")
    assert own["Parameters"] == {"Bucket": "b", "Key": "mine"}
