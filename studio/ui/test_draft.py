"""What a person has filled in to test one state, and the TestState request it makes. Kept per state while the tab is open."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.asl.tree import Json
from studio.ui.widgets.form import pretty, read_json

if TYPE_CHECKING:
    from studio.exec.performers.mock import Answer
    from studio.exec.views.state_input import Source

FIELDS = {"input": "Input", "reader": "Items", "mock": "Mock", "variables": "Variables", "context": "Context"}
"""What a state is tested with, by the name of its tab."""
ROLE = "arn:aws:iam::123456789012:role/StepFunctionsLocal"
MOCKABLE = frozenset({"Task", "Map", "Parallel"})
NUMBERS = {"retries": "Retries made already", "failed": "Failed iterations"}


class FieldError(ValueError):
    """A field that cannot be read: why, and which of `FIELDS` it is on."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(slots=True)
class Draft:
    """Texts as typed. `mode`: whether the state's work is performed, or mocked by a `result` or an `error`. `given`: the mocked result that
    came with the source.
    """

    mode: str = "perform"
    input: str = "{}"
    result: str = ""
    error: str = ""
    cause: str = ""
    variables: str = ""
    context: str = ""
    validation: str = "STRICT"
    retries: str = ""
    failed: str = ""
    reader: str = ""
    reveal: bool = False
    given: str | None = None
    source: Source | None = None
    sources: list[Source] = field(default_factory=list["Source"])
    answer: dict[str, Any] | None = None
    sent: dict[str, Any] = field(default_factory=dict[str, Any])
    tested: Json = None
    """The state as it was when it was tested."""
    problem: str = ""
    wrong: str | None = None
    """The field that the problem is on."""

    @property
    def edited(self) -> bool:
        """Whether the input or the variables are no longer the source's."""
        return self.source is not None and (self.input, self.variables) != shown(self.source)

    def take(self, source: Source) -> None:
        """Fills the input and the variables in from a source, and the mocked result where it is still the one of the source before."""
        self.source = source
        self.input, self.variables = shown(source)
        if self.given is not None and source.result is not None and (self.mode, self.result) == ("result", self.given):
            self.result = self.given = indented(source.result)

    def stale(self, definition: Json, name: str, level: str) -> bool:
        """Whether what is filled in is no longer what was tested; a field that cannot be read is not."""
        if self.answer is None:
            return False
        try:
            return request(self, definition, name, level) != self.sent
        except ValueError:
            return True

    def mock(self, answer: Answer | None, result: str | None, *, perform: bool, skeleton: Json) -> None:
        """The mock to begin with: the state's own, else what its task answered in the source's run, else none where the task can be performed,
        else a skeleton.
        """
        from studio.asl.values import Failure

        match answer:
            case Failure(error, cause):
                self.mode, self.error, self.cause = "error", error, cause or ""
            case None if result is not None:
                self.mode, self.result = "result", indented(result)
                self.given = self.result
            case None if perform:
                self.mode = "perform"
            case None:
                self.mode, self.result = "result", pretty(skeleton)
            case returned:
                self.mode, self.result = "result", pretty(returned.value)


def indented(text: str) -> str:
    """A JSON text spread over lines; text that is no JSON as it is."""
    try:
        return pretty(json.loads(text))
    except (ValueError, RecursionError):
        return text


def shown(source: Source) -> tuple[str, str]:
    """Input and variables of a source as they are shown for editing."""
    return indented(source.input), pretty(source.variables) if source.variables else ""


def request(draft: Draft, definition: Json, name: str, level: str) -> dict[str, Any]:
    """The TestState request. Errors: FieldError says which field cannot be read, and why."""
    made: dict[str, Any] = {
        "definition": json.dumps(definition, ensure_ascii=False),
        "stateName": name,
        "inspectionLevel": level,
        "roleArn": ROLE,
        "input": _json(draft.input.strip() or "{}", "input", "input"),
    }
    if draft.variables.strip():
        made["variables"] = _json(draft.variables, "variables", "variables", "are")
    if draft.mode == "result":
        made["mock"] = {"result": _json(draft.result.strip() or "{}", "mocked result", "mock"), "fieldValidationMode": draft.validation}
    elif draft.mode == "error":
        if not draft.error.strip():
            raise FieldError("The mocked error has no name. Give one, as the task would fail with: States.Timeout, say.", "mock")
        made["mock"] = {"errorOutput": {"error": draft.error.strip(), "cause": draft.cause}}
    elif draft.reveal and level == "TRACE":
        made["revealSecrets"] = True
    if draft.context.strip():
        made["context"] = _json(draft.context, "context", "context")
    configuration: dict[str, Any] = {}
    if draft.retries.strip():
        configuration["retrierRetryCount"] = _number(draft.retries, "retries")
    if draft.failed.strip():
        configuration["mapIterationFailureCount"] = _number(draft.failed, "failed")
    if draft.reader.strip():
        configuration["mapItemReaderData"] = _json(draft.reader, "items", "reader", "are")
    return {**made, "stateConfiguration": configuration} if configuration else made


def refused(message: str) -> tuple[str | None, str]:
    """The field that a refusal of TestState is about, and what to do."""
    return next(((field, hint) for words, field, hint in _REFUSALS if words in message), (None, ""))


_REFUSALS = (
    ("does not support Context when a mock is not", "mock", "Choose a mocked result or error, or empty the Context."),
    ("Invalid Context object", "context", "AWS takes Execution, State and StateMachine, and Task with .sync and .waitForTaskToken."),
    ("Mock result schema validation error", "mock", "Correct the mocked result, or have fewer of its fields checked."),
    ("Mocked result must", "mock", "Correct the mocked result."),
    ("when a mock is not specified", "mock", "Choose a mocked result or error."),
    ("The variables must", "variables", 'An object of names and values: {"rate": 19}.'),
    ("The context must", "context", 'An object: {"Execution": {"Name": "mine"}}.'),
    ("MapItemReaderData", "reader", "Give an array, or what the ItemsPointer of the reader leads into."),
    ("Map iteration failure count", "mock", "Give fewer failed iterations, or more items."),
    ("Execution Input", "input", "AWS takes up to 256 KB of JSON."),
)
"""Words of a refusal, the field they are about, what to do."""


def _json(text: str, what: str, field: str, verb: str = "is") -> str:
    """The text on as few characters as it has: line breaks and indentation are the page's."""
    try:
        return json.dumps(read_json(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError as wrong:
        said = str(wrong).removesuffix(" The workflow keeps the last valid value.")
        raise FieldError(f"The {what} {verb} not JSON. {said}", field) from wrong


def _number(text: str, which: str) -> int:
    if not text.strip().isdecimal():
        raise FieldError(f"{NUMBERS[which]}: '{text.strip()}' is no whole number. Give 0, 1, 2 …", "mock")
    return int(text)


def to_keep(draft: Draft) -> dict[str, Any] | None:
    """What the task answered in the last test, as a mock: `{"Return": …}` or `{"Throw": …}`. None where it answered nothing: the state failed
    before its task, nothing performed it, or nothing was inspected.
    """
    answer = draft.answer or {}
    seen = answer.get("inspectionData", {})
    if "result" in seen:
        return {"Return": json.loads(seen["result"])}
    error = str(answer.get("error", ""))
    if error and not error.startswith("Studio.") and ({"afterArguments", "afterParameters"} & set(seen)):
        return {"Throw": {"Error": error, "Cause": answer.get("cause", "")}}
    return None
