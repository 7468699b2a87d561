"""TestState's answer as stages: the input on its way through the state, each stage beside what it came from.

A stage is compared with the one before it. What follows a result is compared with that or with the state's input, whichever is nearer:
`ResultPath: "$.x"` puts the result into the input. A result itself comes from outside and is compared with nothing.

Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_InspectionData.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from studio.asl import difference
from studio.asl.difference import Line
from studio.asl.tree import Json
from studio.asl.values import same
from studio.exec.retry import UNCAUGHT_BY_ALL

TITLES = {
    "input": "Input",
    "afterInputPath": "After InputPath",
    "afterItemsPath": "After ItemsPath",
    "afterItemsPointer": "Items",
    "afterItemSelector": "After ItemSelector",
    "afterItemBatcher": "After ItemBatcher",
    "afterParameters": "After Parameters",
    "afterArguments": "Arguments",
    "request": "Request",
    "response": "Response",
    "result": "Raw result",
    "afterResultSelector": "After ResultSelector",
    "afterResultPath": "After ResultPath",
    "output": "Output",
    "variables": "Variables",
}
"""The stages in the order a state goes through them."""
_FROM_OUTSIDE = frozenset({"request", "response", "result"})
_AFTER_THE_WORK = frozenset({"afterResultSelector", "afterResultPath", "output"})
_HANDLE_ERRORS = frozenset({"Task", "Map", "Parallel"})
_UNREAD = frozenset({"States.Runtime", "States.QueryEvaluationError", "States.ParameterPathFailure", "States.IntrinsicFailure"})
"""What a state fails with that could not read its own fields."""
_NUMBERS = {
    "maxConcurrency": "MaxConcurrency",
    "toleratedFailureCount": "ToleratedFailureCount",
    "toleratedFailurePercentage": "ToleratedFailurePercentage",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`name` is AWS's (`afterInputPath`), `text` the value as JSON. `against`: the title of the stage `lines` compares it with; None
    where it is compared with nothing. `lines` is None where a value is too large to compare line by line; `equal` is known of those too.
    """

    name: str
    title: str
    text: str
    against: str | None = None
    lines: tuple[Line, ...] | None = None
    equal: bool = False

    @property
    def changed(self) -> bool:
        """Whether it is not just the value it is compared with."""
        return not self.equal

    @property
    def related(self) -> bool:
        """Whether the difference tells more than the value: a good part of the lines stayed. A part taken out of the input, say, is another
        value, of which every line came and every line of the input went.
        """
        if self.lines is None:
            return False
        came_or_went = sum(difference.count(self.lines))
        return 0 < came_or_went <= 2 * (len(self.lines) - came_or_went)


def stages(answer: dict[str, Any], given: str, variables: Json = None) -> tuple[Stage, ...]:
    """The stages of a response of TestState. `given`: the input that was sent; `variables`: those before the state."""
    seen: dict[str, Any] = {"input": given, **answer.get("inspectionData", {})}
    if "output" in answer:
        seen["output"] = answer["output"]
    found: list[Stage] = []
    values: dict[str, Json] = {}
    for name, title in TITLES.items():
        if name not in seen:
            continue
        values[name] = value = _read(seen[name])
        text = seen[name] if isinstance(seen[name], str) else json.dumps(seen[name], ensure_ascii=False)
        if name == "variables":
            before = variables or {}
            found.append(Stage(name, title, text, "Variables before", difference.lines(before, value), same(before, value)))
            continue
        sources = [] if name in _FROM_OUTSIDE or not found else [found[-1].name]
        if name in _AFTER_THE_WORK and sources:
            sources.append("input")
        against, lines, equal = _nearest(sources, values, value)
        found.append(Stage(name, title, text, TITLES[against] if against else None, lines, equal))
    return tuple(found)


def _nearest(sources: list[str], values: dict[str, Json], value: Json) -> tuple[str | None, tuple[Line, ...] | None, bool]:
    """What the value is compared with: the one it equals, else the one it differs from in the fewest lines."""
    for source in sources:
        if same(values[source], value):
            return source, difference.lines(values[source], value), True
    compared = [(source, difference.lines(values[source], value), False) for source in dict.fromkeys(sources)]
    return min(compared, key=lambda one: sum(difference.count(one[1])) if one[1] is not None else 0, default=(None, None, False))


def _read(text: Any) -> Json:
    """The value of a stage: AWS gives JSON texts, for `request` and `response` objects."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def verdict(answer: dict[str, Any], state: Json = None, retries: int = 0) -> str:
    """What becomes of the state, as a sentence. `state`: its definition, whose retriers and catchers are named then; `retries`: how many
    were made before the attempt that was tested.
    """
    raw = state if isinstance(state, dict) else {}
    details = answer.get("inspectionData", {}).get("errorDetails", {})
    following, error = answer.get("nextState"), answer.get("error")
    retrier, number = _named("Retrier", raw.get("Retry"), details.get("retryIndex"))
    match answer.get("status"):
        case "SUCCEEDED":
            return f"Goes on to {following}." if following else "Ends here."
        case "CAUGHT_ERROR":
            spent = f"{number} has no attempt left: " if number else ""
            catcher, _ = _named("Catcher", raw.get("Catch"), details.get("catchIndex"))
            return f"{spent}{_small(catcher or 'A catcher') if spent else catcher or 'A catcher'} goes on to {following}."
        case "RETRIABLE":
            after = _backoff(details, raw.get("Retry"))
            entry = _entry(raw.get("Retry"), details.get("retryIndex"))
            turn = f", retry {retries + 1} of {entry.get('MaxAttempts', 3)}" if entry else ""
            return f"{retrier or 'A retrier'} tries again{after}{turn}."
        case _ if raw.get("Type") == "Fail" and (error == raw.get("Error") or error not in _UNREAD):
            return "Fails, as the state is meant to."
        case _ if raw.get("Type", "Task") not in _HANDLE_ERRORS:
            return "Fails: a state of this type has no retriers and no catchers."
        case _ if error in UNCAUGHT_BY_ALL and (raw.get("Retry") or raw.get("Catch")):
            return f"No retrier and no catcher names {error}, and States.ALL does not include it."
        case _:
            return (
                f"{number} has no attempt left, and no catcher takes the error." if number else "No retrier and no catcher takes the error."
            )


def _named(word: str, entries: Json, index: int | None) -> tuple[str, str]:
    """`Retrier 1 (States.Timeout)` and `Retrier 1`; empty where none is told."""
    if index is None:
        return "", ""
    names: Json = _entry(entries, index).get("ErrorEquals")
    told = ", ".join(map(str, names)) if isinstance(names, list) else ""
    number = f"{word} {index + 1}"
    return (f"{number} ({told})" if told else number), number


def _entry(entries: Json, index: int | None) -> dict[str, Any]:
    held = entries[index] if isinstance(entries, list) and index is not None and index < len(entries) else None
    return held if isinstance(held, dict) else {}


def _backoff(details: dict[str, Any], entries: Json) -> str:
    seconds = details.get("retryBackoffIntervalSeconds")
    if seconds is None:
        return ""
    jitter = _entry(entries, details.get("retryIndex")).get("JitterStrategy") == "FULL"
    return f" after {'up to ' if jitter else ''}{seconds} s"


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def numbers(answer: dict[str, Any]) -> dict[str, float]:
    """The numbers a Map was tested with, by the name of their field."""
    seen = answer.get("inspectionData", {})
    return {title: seen[name] for name, title in _NUMBERS.items() if name in seen}
