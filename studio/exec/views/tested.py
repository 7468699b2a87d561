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
_NUMBERS = {
    "maxConcurrency": "MaxConcurrency",
    "toleratedFailureCount": "ToleratedFailureCount",
    "toleratedFailurePercentage": "ToleratedFailurePercentage",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`name` is AWS's (`afterInputPath`), `text` the value as JSON. `against`: the title of the stage `lines` compares it with; None
    where it is compared with nothing. `lines` is None where a value is too large to compare.
    """

    name: str
    title: str
    text: str
    against: str | None = None
    lines: tuple[Line, ...] | None = None

    @property
    def changed(self) -> bool:
        """Whether it is not just the value it is compared with."""
        return self.lines is None or difference.count(self.lines) != (0, 0)


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
            found.append(Stage(name, title, text, "Variables before", difference.lines(variables or {}, value)))
            continue
        sources = [] if name in _FROM_OUTSIDE or not found else [found[-1].name]
        if name in _AFTER_THE_WORK and sources:
            sources.append("input")
        against, lines = _nearest(sources, values, value)
        found.append(Stage(name, title, text, TITLES[against] if against else None, lines))
    return tuple(found)


def _nearest(sources: list[str], values: dict[str, Json], value: Json) -> tuple[str | None, tuple[Line, ...] | None]:
    compared = [(source, difference.lines(values[source], value)) for source in dict.fromkeys(sources)]
    return min(compared, key=lambda pair: sum(difference.count(pair[1])) if pair[1] is not None else 0, default=(None, None))


def _read(text: Any) -> Json:
    """The value of a stage: AWS gives JSON texts, for `request` and `response` objects."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def verdict(answer: dict[str, Any]) -> str:
    """What becomes of the state, as a sentence."""
    details = answer.get("inspectionData", {}).get("errorDetails", {})
    following = answer.get("nextState")
    match answer.get("status"):
        case "SUCCEEDED":
            return f"Goes on to {following}." if following else "Ends here."
        case "CAUGHT_ERROR":
            number = f"Catcher {details['catchIndex'] + 1}" if "catchIndex" in details else "A catcher"
            return f"{number} goes on to {following}."
        case "RETRIABLE":
            number = f"Retrier {details['retryIndex'] + 1}" if "retryIndex" in details else "A retrier"
            after = f" after {details['retryBackoffIntervalSeconds']} s" if "retryBackoffIntervalSeconds" in details else ""
            return f"{number} tries again{after}."
        case _:
            spent = f"Retrier {details['retryIndex'] + 1} has no attempt left, and no" if "retryIndex" in details else "No retrier and no"
            return f"{spent} catcher takes the error."


def numbers(answer: dict[str, Any]) -> dict[str, float]:
    """The numbers a Map was tested with, by the name of their field."""
    seen = answer.get("inspectionData", {})
    return {title: seen[name] for name, title in _NUMBERS.items() if name in seen}
