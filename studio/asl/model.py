"""A typed view of each state: pydantic models of the eight types, both query languages, parsed one state at a time.

The tree stays the source of truth; a view is read from it and never written back, so a half-typed state costs nothing but its own view:
`view` answers `Malformed` with what is wrong, and every other state keeps its view. `${Placeholders}` stand wherever a value may.

Spec: https://states-language.net/spec.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from studio.asl.tree import Json, Pointer

Placeholder: TypeAlias = Annotated[str, Field(pattern=r"\$\{[^}]+\}|^\{%[\s\S]*%\}$")]
"""A substitution, or a JSONata expression."""
Number: TypeAlias = float | Placeholder
Integer: TypeAlias = int | Placeholder
Template: TypeAlias = Any
"""JSON with `.$` keys (JSONPath) or `{% … %}` strings (JSONata)."""


class _View(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, strict=False)


class Retrier(_View):
    """Which errors are tried again. Pauses in seconds: `IntervalSeconds * BackoffRate ** n`, at most `MaxDelaySeconds`."""

    ErrorEquals: list[str]
    IntervalSeconds: Integer = 1
    MaxAttempts: Integer = 3
    BackoffRate: Number = 2.0
    MaxDelaySeconds: Integer | None = None
    JitterStrategy: Literal["FULL", "NONE"] = "NONE"
    Comment: str | None = None


class Catcher(_View):
    """Which errors lead where. `ResultPath` null discards the error."""

    ErrorEquals: list[str]
    Next: str
    ResultPath: str | None = "$"
    Output: Template = None
    Assign: dict[str, Template] | None = None
    Comment: str | None = None


class Rule(_View):
    """A Choice rule: JSONPath's `Variable` with one operator (kept among the extra fields), or JSONata's `Condition`."""

    Next: str | None = None
    Condition: Any = None
    Variable: str | None = None
    And: list[Rule] | None = None
    Or: list[Rule] | None = None
    Not: Rule | None = None
    Output: Template = None
    Assign: dict[str, Template] | None = None
    Comment: str | None = None


class _State(_View):
    Comment: str | None = None
    QueryLanguage: Literal["JSONPath", "JSONata"] | None = None


class _Passing(_State):
    """Fields of states that pass data on. JSONPath: InputPath, OutputPath; JSONata: Output."""

    InputPath: str | None = "$"
    OutputPath: str | None = "$"
    Output: Template = None
    Assign: dict[str, Template] | None = None


class _Flowing(_Passing):
    """States that another one follows, or that end their scope."""

    Next: str | None = None
    End: bool | Placeholder = False


class _Working(_Flowing):
    """States that do work: it may fail, and its result is shaped."""

    Parameters: Template = None
    Arguments: Template = None
    ResultSelector: dict[str, Template] | None = None
    ResultPath: str | None = "$"
    Retry: list[Retrier] = []
    Catch: list[Catcher] = []


class Task(_Working):
    Type: Literal["Task"]
    Resource: str
    Credentials: dict[str, Any] | None = None
    TimeoutSeconds: Integer | None = None
    TimeoutSecondsPath: str | None = None
    HeartbeatSeconds: Integer | None = None
    HeartbeatSecondsPath: str | None = None


class Pass(_Flowing):
    Type: Literal["Pass"]
    Result: Any = None
    Parameters: Template = None
    ResultPath: str | None = "$"


class Wait(_Flowing):
    Type: Literal["Wait"]
    Seconds: Integer | None = None
    SecondsPath: str | None = None
    Timestamp: str | None = None
    TimestampPath: str | None = None


class Choice(_Passing):
    Type: Literal["Choice"]
    Choices: list[Rule]
    Default: str | None = None


class Succeed(_Passing):
    Type: Literal["Succeed"]


class Fail(_State):
    Type: Literal["Fail"]
    Error: str | None = None
    ErrorPath: str | None = None
    Cause: str | None = None
    CausePath: str | None = None


class Processing(_View):
    """How a Map runs its processor."""

    Mode: Literal["INLINE", "DISTRIBUTED"] | Placeholder = "INLINE"
    ExecutionType: Literal["STANDARD", "EXPRESS"] | Placeholder | None = None


class Machine(_View):
    """A branch or an item processor. Its states are raw: each has its own view."""

    StartAt: str
    States: dict[str, Any]
    Comment: str | None = None
    QueryLanguage: Literal["JSONPath", "JSONata"] | None = None
    ProcessorConfig: Processing | None = None


class Parallel(_Working):
    Type: Literal["Parallel"]
    Branches: list[Machine]


class Map(_Working):
    Type: Literal["Map"]
    Items: Any = None
    ItemsPath: str | None = None
    ItemSelector: Template = None
    ItemReader: dict[str, Any] | None = None
    ItemBatcher: dict[str, Any] | None = None
    ResultWriter: dict[str, Any] | None = None
    ItemProcessor: Machine | None = None
    Iterator: Machine | None = None
    MaxConcurrency: Integer | None = None
    MaxConcurrencyPath: str | None = None
    ToleratedFailureCount: Integer | None = None
    ToleratedFailureCountPath: str | None = None
    ToleratedFailurePercentage: Number | None = None
    ToleratedFailurePercentagePath: str | None = None
    Label: str | None = None

    @property
    def processor(self) -> Machine | None:
        """The item processor, by its present or its older name."""
        return self.ItemProcessor or self.Iterator


StateView: TypeAlias = Task | Pass | Choice | Wait | Succeed | Fail | Parallel | Map


@dataclass(frozen=True, slots=True)
class Malformed:
    """A state without a view: where in it, and what is wrong."""

    problems: tuple[tuple[Pointer, str], ...]


_ADAPTER: TypeAdapter[StateView] = TypeAdapter(Annotated[StateView, Field(discriminator="Type")])


def view(state: Json) -> StateView | Malformed:
    """The typed view of a state; never raises."""
    try:
        return _ADAPTER.validate_python(state)
    except ValidationError as error:
        return Malformed(tuple((tuple(_plain(e["loc"])), e["msg"]) for e in error.errors(include_url=False, include_input=False)))


def _plain(place: tuple[int | str, ...]) -> list[int | str]:
    """Pydantic's place without the names of the union's members."""
    types = {"Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"}
    return list(place[1:] if place and place[0] in types else place)
