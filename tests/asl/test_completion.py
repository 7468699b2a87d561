"""What is proposed where the caret (│) is, and what a word there means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.asl.completion import Choice, Hover, Member, Seen, hover, in_field, proposals


class Services:
    """A catalogue of one service."""

    def resources(self, typed: str) -> list[tuple[str, str, str]]:
        return [(f"arn:aws:states:::{name}", name, "") for name in ("sqs:sendMessage", "sns:publish") if typed[-3:] in name]

    def about(self, resource: str) -> tuple[str, str] | None:
        return ("SQS: SendMessage", "Sends.") if resource.endswith("sqs:sendMessage") else None

    def members(self, resource: str, path: tuple[str | int, ...]) -> list[Member]:
        if not resource.endswith("sqs:sendMessage"):
            return []
        return (
            [Member("DelaySeconds", "number"), Member("QueueUrl", "string", "The queue.", required=True)]
            if not path
            else [Member("Inner", "string")]
        )

    def values(self, resource: str, path: tuple[str | int, ...]) -> tuple[str, ...]:
        return ("FIFO", "FAST") if path == ("Mode",) else ()

    def errors(self, resource: str) -> list[tuple[str, str]]:
        return [("Sqs.QueueDoesNotExist", "No queue.")] if resource else []


SQS = '"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"'


def one(state: str, *, top: str = "") -> str:
    return f'{{{top}"StartAt": "A", "States": {{"A": {{{state}}}, "B": {{"Type": "Succeed", "Comment": "the end"}}}}}}'


def labels(marked: str, format: Any = "json") -> list[str]:  # noqa: A002
    return [c.label for c in proposals(marked.replace("│", ""), format, marked.index("│"), Services()).choices]


WHOLE: list[tuple[str, list[str]]] = [
    ('{"StartAt": "", │}', ["Comment", "States", "Version", "TimeoutSeconds", "QueryLanguage"]),
    ('{"StartAt": "│", "States": {"A": {}, "B": {}}}', ["A", "B"]),
    ('{"QueryLanguage": "│"}', ["JSONPath", "JSONata"]),
    (one('"Type": "│"'), ["Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"]),
    (one('"Type": "Pass", "Next": "│"'), ["B", "A"]),
    (one('"Type": "Choice", "Default": │'), ["B", "A"]),
    (one('"Type": "Choice", "Choices": [{"Next": "│"}]'), ["B", "A"]),
    (one('"Type": "Task", "Catch": [{"ErrorEquals": ["x"], "Next": "│"}]'), ["B", "A"]),
    (one('"Type": "Map", "ItemProcessor": {"StartAt": "│", "States": {"X": {"Type": "Pass"}}}'), ["X"]),
    (one('"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {"X": {"Type": "Pass", "Next": "│"}, "Y": {}}}'), ["Y", "X"]),
    (one('"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "│"}}'), ["INLINE", "DISTRIBUTED"]),
    (one('"Type": "Map", "ItemProcessor": {"ProcessorConfig": {│}}'), ["Mode", "ExecutionType"]),
    (one('"Type": "Pass", "End": │'), ["true", "false"]),
    (one('"Type": "Succeed", │'), ["Comment", "QueryLanguage", "InputPath", "OutputPath"]),
    (one('"Type": "Succeed", │', top='"QueryLanguage": "JSONata", '), ["Comment", "QueryLanguage", "Output"]),
    (
        one('"Type": "Wait", "Seconds": 1, "Next": "B", │', top='"QueryLanguage": "JSONata", '),
        ["Comment", "QueryLanguage", "Output", "Assign"],
    ),
    (one(f'{SQS}, "Retry": [{{"ErrorEquals": ["│"]}}]')[:-1], ["Sqs.QueueDoesNotExist"]),
    (one('"Type": "Task", "Retry": [{"JitterStrategy": "│"}]'), ["FULL", "NONE"]),
    (
        one('"Type": "Task", "Retry": [{"ErrorEquals": ["x"], "MaxAttempts": 1, "BackoffRate": 2, │}]'),
        ["IntervalSeconds", "MaxDelaySeconds", "JitterStrategy", "Comment"],
    ),
    (
        one('"Type": "Choice", "Choices": [{"Condition": "", │}]', top='"QueryLanguage": "JSONata", '),
        ["Next", "Output", "Assign", "Comment"],
    ),
    (one('"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": │}]'), ["true", "false"]),
    (one('"Type": "Task", "Resource": "sq│"'), ["arn:aws:states:::sqs:sendMessage"]),
    (one(f'{SQS}, "Parameters": {{│}}'), ["QueueUrl", "QueueUrl.$", "DelaySeconds", "DelaySeconds.$"]),
    (one(f'{SQS}, "Parameters": {{"QueueUrl.$": "$.q", │}}'), ["DelaySeconds", "DelaySeconds.$"]),
    (one(f'{SQS}, "Arguments": {{│}}', top='"QueryLanguage": "JSONata", '), ["QueueUrl", "DelaySeconds"]),
    (one(f'{SQS}, "Parameters": {{"Deep": {{│}}}}'), ["Inner", "Inner.$"]),
    (one(f'{SQS}, "Parameters": {{"Mode": "│"}}'), ["FIFO", "FAST"]),
    (one('"Type": "Pass", "Parameters": {│}'), []),
    (one('"Type": "Map", "ItemReader": {"ReaderConfig": {"InputType": "│"}}'), ["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]),
    (one('"Type": "Map", "ItemReader": {"Resource": "│"}'), ["arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"]),
    (
        one('"Type": "Pass", "Parameters": {"x.$": "States.Arr│"}'),
        [f"States.Array{name}(" for name in ("", "Partition", "Contains", "Range", "GetItem", "Length", "Unique")],
    ),
    (one('"Type": "Pass", "InputPath": "$$.Task│"'), ["$$.Task.Token"]),
    (one('"Type": "Pass", "Output": "{% $substringB│ %}"', top='"QueryLanguage": "JSONata", '), ["$substringBefore("]),
    (one('"Type": "Pass", "Output": "{% $states.context.Task│"', top='"QueryLanguage": "JSONata", '), ["$states.context.Task.Token"]),
    (one('"Type": "Pass", "Output": "text $su│"', top='"QueryLanguage": "JSONata", '), []),
    (one('"Type": "Pass", "Comment": "│"'), []),
    (
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"total": 1}, "Next": "B"}, "B": {"Type": "Pass", "InputPath": "$to│"}}}',
        ["$total"],
    ),
    ("// │ a remark\n{}", []),
]


@pytest.mark.parametrize(("marked", "expected"), WHOLE, ids=lambda value: value[-60:] if isinstance(value, str) else "")
def test_what_is_proposed(marked: str, expected: list[str]) -> None:
    found = labels(marked)
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or 'ErrorEquals": ["│' in marked


YAML = "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::sqs:sendMessage\n    Parameters:\n      {}\n    Next: B\n  B:\n    Type: Succeed\n"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (YAML.format("│"), ["QueueUrl", "QueueUrl.$", "DelaySeconds", "DelaySeconds.$"]),
        (YAML.replace("Next: B", "Next: │").format("x: 1"), ["B", "A"]),
        (YAML.replace("    Next: B", "    Ti│").format("x: 1"), None),
        (YAML.replace("Type: Succeed", "Type: │").format("x: 1"), ["Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"]),
    ],
)
def test_in_yaml(marked: str, expected: list[str] | None) -> None:
    found = labels(marked, "yaml")
    assert found == expected if expected is not None else {"TimeoutSeconds", "Retry", "Next"} <= set(found)


@pytest.mark.parametrize(
    ("marked", "label", "becomes"),
    [
        ('{"States": {"A": {"Type": "Pass", │}}}', "Next", '{"States": {"A": {"Type": "Pass", "Next": "§"}}}'),
        ('{"States": {"A": {"Type": "Pass", "Ne│"}}}', "Next", '{"States": {"A": {"Type": "Pass", "Next": "§"}}}'),
        ('{"States": {"A": {"Type": "Pass", "N│": "B"}}}', "Next", '{"States": {"A": {"Type": "Pass", "Next": "B"}}}'),
        ('{"States": {"A": {"Type": "Pass", "E│', "End", '{"States": {"A": {"Type": "Pass", "End": true§'),
        ('{"States": {"A": {"Type": "Task", │}}}', "Retry", '{"States": {"A": {"Type": "Task", "Retry": [§]}}}'),
        ('{"States": {"A": {│\n  "Type": "Pass"}}}', "Next", '{"States": {"A": {"Next": "§",\n  "Type": "Pass"}}}'),
        ('{"StartAt": │, "States": {"A b": {}}}', "A b", '{"StartAt": "A b", "States": {"A b": {}}}'),
        ('{"States": {"A": {"End": tr│}}}', "true", '{"States": {"A": {"End": true}}}'),
    ],
)
def test_what_a_choice_puts_into_the_text(marked: str, label: str, becomes: str) -> None:
    text, at = marked.replace("│", ""), marked.index("│")
    found = proposals(text, "json", at, Services())
    choice = next(c for c in found.choices if c.label == label)
    assert text[: found.start] + choice.text + text[found.end :] == becomes


@pytest.mark.parametrize(
    ("top", "field", "typed", "expected"),
    [
        ("", "InputPath", "$.or", ["$.order", "$.order.id"]),
        ("", "InputPath", "$.order.items", ["$.order.items[0]", "$.order.items[0].sku"]),
        ('"QueryLanguage": "JSONata", ', "Output", "{% $states.input.or", ["$states.input.order", "$states.input.order.id"]),
    ],
)
def test_the_keys_of_the_last_input(top: str, field: str, typed: str, expected: list[str]) -> None:
    text = one(f'"Type": "Pass", "{field}": "{typed}"', top=top)
    seen = Seen({"order": {"id": 7, "items": [{"sku": "a"}]}, "a b": 1})
    found = proposals(text, "json", text.index(typed) + len(typed), None, seen)
    assert [c.label for c in found.choices][: len(expected)] == expected


def test_in_yaml_a_name_gets_its_colon() -> None:
    text = "States:\n  A:\n    Type: Task\n    Re"
    found = {c.label: c.text for c in proposals(text, "yaml", len(text)).choices}
    assert (found["Resource"], found["Retry"], found["End"]) == ("Resource: §", "Retry:\n  - §", "End: true§")


def test_a_state_is_proposed_with_what_it_is() -> None:
    text = one('"Type": "Pass", "Next": ""')
    found = proposals(text, "json", text.index('"Next": "') + 9)
    assert found.choices[0] == Choice("B", "state", "Succeed", "the end", "B")


@pytest.mark.parametrize(
    ("marked", "title", "doc"),
    [
        (one('"Ty│pe": "Pass"'), "Type", "What the state does."),
        (one('"Type": "Pa│ss"'), "Pass", "Passes its input on, or sets a result."),
        (one('"Type": "Pass", "Next": "│B"'), "B", "the end"),
        (one(f'{SQS[:-3]}│ge"'), "SQS: SendMessage", "Sends."),
        (one(f'{SQS}, "Parameters": {{"Queue│Url.$": "$.q"}}'), "QueueUrl", "The queue."),
        (
            one('"Type": "Task", "Catch": [{"ErrorEquals": ["States.Time│out"]}]'),
            "States.Timeout",
            "The state ran longer than TimeoutSeconds, or sent no heartbeat in time.",
        ),
        (one('"Type": "Pass", "Parameters": {"x.$": "States.UU│ID()"}'), "States.UUID()", "A random UUID (version 4)."),
        (one('"Type": "Pass", "Output": "{% $su│m([1]) %}"', top='"QueryLanguage": "JSONata", '), "$sum(array)", "The sum of the numbers."),
    ],
)
def test_hover(marked: str, title: str, doc: str) -> None:
    found = hover(marked.replace("│", ""), "json", marked.index("│"), Services())
    assert found is not None
    assert (found.title, found.doc) == (title, doc)


@pytest.mark.parametrize("marked", ['{"x": 1}│', '{"nothing│": 1}', "│", '{"Comment": "te│xt"}'])
def test_nothing_to_say(marked: str) -> None:
    assert hover(marked.replace("│", ""), "json", marked.index("│"), Services()) is None


def test_hover_says_which_word() -> None:
    text = one('"Type": "Pass", "Parameters": {"x.$": "States.UUID()"}')
    at = text.index("States.UUID")
    assert hover(text, "json", at + 3) == Hover(at, at + 11, "States.UUID()", "A random UUID (version 4).")


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:$%.aST1 \n/-', max_size=40), st.integers(0, 200), st.sampled_from(["json", "yaml"]))
def test_no_text_is_too_broken(typed: str, at: int, format: Any) -> None:  # noqa: A002
    text = one(f'{SQS}, "Parameters": {{"x": "y"}}, "Retry": [{{"ErrorEquals": ["a"]}}]')
    broken = text[:at] + typed + text[at:]
    found = proposals(broken, format, at + len(typed), Services())
    assert 0 <= found.start <= found.end <= len(broken)
    hover(broken, format, at, Services())


def test_the_parameters_of_an_api_in_a_field() -> None:
    root: Any = {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}}}
    found = in_field(root, ("States", "S", "Parameters"), '{"Qu', 4, "json", Services())
    assert [c.label for c in found.choices] == ["QueueUrl", "QueueUrl.$", "DelaySeconds", "DelaySeconds.$"]
    found = in_field(root, ("States", "S", "Resource"), "arn:aws:states:::sqs:sendMessage", 10, "text", Services())
    assert [c.label for c in found.choices] == ["arn:aws:states:::sqs:sendMessage", "arn:aws:states:::sns:publish"][: len(found.choices)]


def test_the_words_of_a_list_with_commas() -> None:
    root: Any = {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:r", "Retry": [{"ErrorEquals": ["States.ALL"]}]}}}
    found = in_field(root, ("States", "S", "Retry", 0, "ErrorEquals"), "States.Timeout, Sq, Other", 18, "list", Services())
    assert ((found.start, found.end), found.choices[0].text) == ((16, 18), "Sqs.QueueDoesNotExist")
