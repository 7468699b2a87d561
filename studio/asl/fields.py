"""The fields of every state type: one table for the linter, the inspector's forms, completion and documentation.

Spec: https://states-language.net/spec.html, https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["JSONPath", "JSONata"]
Kind: TypeAlias = Literal["string", "number", "integer", "boolean", "object", "array", "path", "reference", "any", "state", "timestamp"]
"""The JSON a field holds: `path` may be null, `reference` is a reference path, `state` names a state of the scope."""

BOTH: tuple[Language, ...] = ("JSONPath", "JSONata")
JP: tuple[Language, ...] = ("JSONPath",)
JA: tuple[Language, ...] = ("JSONata",)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it is allowed, what it holds. `expression`: a JSONata `{% … %}` string may stand there."""

    name: str
    kind: Kind
    doc: str
    languages: tuple[Language, ...] = BOTH
    required: bool = False
    expression: bool = False
    minimum: float | None = None
    maximum: float | None = None
    empty: bool = True
    """Whether an empty string, array or object is allowed."""
    nullable: bool = False
    words: tuple[str, ...] = ()


def _f(name: str, kind: Kind, doc: str, languages: tuple[Language, ...] = BOTH, **more: object) -> Field:
    return Field(name, kind, doc, languages, **more)  # type: ignore[arg-type]


_TYPE = _f("Type", "string", "What the state does.", required=True)
_COMMENT = _f("Comment", "string", "A remark for people; it has no effect.")
_LANGUAGE = _f("QueryLanguage", "string", "The query language of this state's fields.", words=("JSONPath", "JSONata"))
_IN = _f("InputPath", "path", "Which part of the input the state sees; null gives it an empty object.", JP, nullable=True)
_OUT = _f("OutputPath", "path", "Which part of the result goes on; null gives an empty object.", JP, nullable=True)
_NEXT = _f("Next", "state", "The state that follows.")
_END = _f("End", "boolean", "Whether this state ends its workflow, branch or iteration.")
_PARAMETERS = _f("Parameters", "any", "What the state's work gets; keys that end in .$ are evaluated.", JP)
_ARGUMENTS = _f("Arguments", "any", "What the state's work gets; {% … %} strings are evaluated.", JA, expression=True)
_SELECTOR = _f("ResultSelector", "object", "What is taken out of the result; keys that end in .$ are evaluated.", JP)
_RESULT_PATH = _f("ResultPath", "reference", "Where the result is put into the input; null discards the result.", JP, nullable=True)
_OUTPUT = _f("Output", "any", "What goes on to the next state; {% … %} strings are evaluated.", JA, expression=True)
_ASSIGN = _f("Assign", "object", "Variables that states from the next on can read.")
_RETRY = _f("Retry", "array", "Which errors are tried again, how often, after which pauses.")
_CATCH = _f("Catch", "array", "Which errors lead to another state.")

_COMMON = (_TYPE, _COMMENT, _LANGUAGE)
_IO = (_IN, _OUT, _OUTPUT)
_FLOW = (_NEXT, _END)
_WORK = (_PARAMETERS, _ARGUMENTS, *_IO, _SELECTOR, _RESULT_PATH, _ASSIGN, _RETRY, _CATCH)
"""What a state has that works and answers."""
_TOLERATED = (
    _f(
        "ToleratedFailurePercentage",
        "number",
        "Percent of failed items a Distributed Map puts up with.",
        expression=True,
        minimum=0,
        maximum=100,
    ),
    _f("ToleratedFailurePercentagePath", "path", "A path to the tolerated percentage.", JP),
    _f("ToleratedFailureCount", "integer", "Number of failed items a Distributed Map puts up with.", expression=True, minimum=0),
    _f("ToleratedFailureCountPath", "path", "A path to the tolerated number.", JP),
)
MAX_SECONDS = 99_999_999


class _Table(dict[str, dict[str, Field]]):
    """Fields by state type; a type nobody knows has the fields that all states share."""

    def __missing__(self, key: str) -> dict[str, Field]:
        return {f.name: f for f in (*_COMMON, *_FLOW)}


def _table(*fields: Field) -> dict[str, Field]:
    return {f.name: f for f in fields}


FIELDS: dict[str, dict[str, Field]] = _Table(
    Task=_table(
        *_COMMON,
        _f("Resource", "string", "What is called: an integration, a function or an activity, by ARN.", required=True, empty=False),
        *_WORK,
        _f("Credentials", "object", "The role the task runs with, where it is not the state machine's."),
        _f(
            "TimeoutSeconds",
            "integer",
            "Seconds after which the task fails with States.Timeout.",
            expression=True,
            minimum=1,
            maximum=MAX_SECONDS,
        ),
        _f("TimeoutSecondsPath", "path", "A path to the timeout in seconds.", JP),
        _f(
            "HeartbeatSeconds",
            "integer",
            "Seconds between two heartbeats after which the task fails.",
            expression=True,
            minimum=1,
            maximum=MAX_SECONDS,
        ),
        _f("HeartbeatSecondsPath", "path", "A path to the heartbeat in seconds.", JP),
        *_FLOW,
    ),
    Parallel=_table(
        *_COMMON,
        _f("Branches", "array", "The workflows that run side by side.", required=True, empty=False),
        *_WORK,
        *_FLOW,
    ),
    Map=_table(
        *_COMMON,
        _f("Items", "any", "The items: an array, or an expression that gives one.", JA, expression=True),
        _f("ItemsPath", "path", "Which part of the input holds the items.", JP),
        _f("ItemReader", "object", "Where a Distributed Map reads its items from."),
        _f("ItemSelector", "any", "The input of each iteration.", expression=True),
        _f("Parameters", "any", "The older name of ItemSelector.", JP),
        _f("ItemBatcher", "object", "How items are grouped for each child execution."),
        _f("ResultWriter", "object", "Where a Distributed Map writes its results."),
        _f("ItemProcessor", "object", "The workflow that runs for each item."),
        _f("Iterator", "object", "The older name of ItemProcessor."),
        _f("MaxConcurrency", "integer", "How many iterations run at once; 0 sets no limit.", expression=True, minimum=0),
        _f("MaxConcurrencyPath", "path", "A path to the number of iterations that run at once.", JP),
        *_TOLERATED,
        _f("Label", "string", "A name for the Map Run's child executions.", empty=False),
        *_IO,
        _SELECTOR,
        _RESULT_PATH,
        _ASSIGN,
        _RETRY,
        _CATCH,
        *_FLOW,
    ),
    Pass=_table(*_COMMON, _f("Result", "any", "A constant that becomes the result.", JP), _PARAMETERS, *_IO, _RESULT_PATH, _ASSIGN, *_FLOW),
    Wait=_table(
        *_COMMON,
        _f("Seconds", "integer", "How many seconds to wait.", expression=True, minimum=0, maximum=MAX_SECONDS),
        _f("SecondsPath", "path", "A path to the number of seconds.", JP),
        _f("Timestamp", "timestamp", "The instant to wait for, RFC 3339 with T and Z or an offset.", expression=True),
        _f("TimestampPath", "path", "A path to the instant.", JP),
        *_IO,
        _ASSIGN,
        *_FLOW,
    ),
    Choice=_table(
        *_COMMON,
        _f("Choices", "array", "The rules, tried in order; the first that holds says where to go.", required=True, empty=False),
        _f("Default", "state", "Where to go when no rule holds."),
        *_IO,
        _ASSIGN,
    ),
    Succeed=_table(*_COMMON, *_IO),
    Fail=_table(
        *_COMMON,
        _f("Error", "string", "The error's name.", expression=True),
        _f("ErrorPath", "path", "A path or intrinsic function that gives the error's name.", JP),
        _f("Cause", "string", "What happened, for people.", expression=True),
        _f("CausePath", "path", "A path or intrinsic function that gives the cause.", JP),
    ),
)
"""State type -> field name -> field."""

TYPES: tuple[str, ...] = tuple(FIELDS)

EXCLUSIVE: dict[str, tuple[tuple[str, ...], ...]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath"), ("Next", "End")),
    "Parallel": (("Next", "End"),),
    "Map": (
        ("ItemProcessor", "Iterator"),
        ("ItemSelector", "Parameters"),
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ("Next", "End"),
    ),
    "Pass": (("Next", "End"),),
    "Wait": (("Seconds", "SecondsPath", "Timestamp", "TimestampPath"), ("Next", "End")),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
}
"""Groups of fields of which a state may have one."""

TOP: dict[str, Field] = _table(
    _COMMENT,
    _f("StartAt", "state", "The state that runs first.", required=True),
    _f("States", "object", "The states by name.", required=True, empty=False),
    _f("Version", "string", "The version of the States Language, 1.0."),
    _f("TimeoutSeconds", "integer", "Seconds an execution may take.", minimum=1, maximum=MAX_SECONDS),
    _LANGUAGE,
)
"""Fields of a state machine."""
INNER: dict[str, Field] = _table(
    _COMMENT, TOP["StartAt"], TOP["States"], _LANGUAGE, _f("ProcessorConfig", "object", "Whether a Map runs inline or distributed.")
)
"""Fields of a branch or an item processor."""

RETRIER: dict[str, Field] = _table(
    _f("ErrorEquals", "array", "The names of the errors to try again.", required=True, empty=False),
    _f("IntervalSeconds", "integer", "Seconds before the first retry. Default 1.", minimum=1, maximum=MAX_SECONDS),
    _f("MaxAttempts", "integer", "How many retries; 0 never retries. Default 3.", minimum=0, maximum=MAX_SECONDS),
    _f("BackoffRate", "number", "What the pause is multiplied by after each retry. Default 2.", minimum=1),
    _f("MaxDelaySeconds", "integer", "The longest pause, in seconds.", minimum=1, maximum=31_622_400),
    _f("JitterStrategy", "string", "FULL draws each pause at random up to its length.", words=("FULL", "NONE")),
    _COMMENT,
)
CATCHER: dict[str, Field] = _table(
    _f("ErrorEquals", "array", "The names of the errors to catch.", required=True, empty=False),
    _f("Next", "state", "Where to go.", required=True),
    _f("ResultPath", "reference", "Where the error is put into the input.", JP, nullable=True),
    _OUTPUT,
    _ASSIGN,
    _COMMENT,
)
