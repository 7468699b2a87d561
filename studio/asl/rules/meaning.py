"""What expressions mean, beyond whether they compile: members of `$states`, functions, the context object, braces in the wrong language.

AWS checks at creation that `$states.result` and `$states.errorOutput` are read only where they exist.

Specs: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (JSONata),
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.asl.diagnostics import Said
from studio.asl.expression_references import reads_of
from studio.asl.jsonata_analysis import references, tokens, top_names
from studio.asl.jsonata_functions import FUNCTIONS
from studio.asl.rules.finding import Finding, placeholder
from studio.asl.templates import expression_of
from studio.asl.tree import Json, Pointer, walk
from studio.asl.values import SyntaxProblem

_INNER = frozenset({"Branches", "ItemProcessor", "Iterator", "Comment", "Type", "Resource", "Next", "Default", "QueryLanguage"})
_MEMBERS = ("input", "context", "result", "errorOutput")
_RESULTS = frozenset({"Task", "Parallel", "Map"})
_CONTEXT: dict[str, frozenset[str]] = {
    "Execution": frozenset({"Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"}),
    "State": frozenset({"EnteredTime", "Name", "RetryCount"}),
    "StateMachine": frozenset({"Id", "Name"}),
    "Task": frozenset({"Token"}),
    "Map": frozenset({"Item"}),
}


def check(value: dict[str, Json], language: str, kind: str) -> Iterator[Finding]:
    for name, held in value.items():
        if name in _INNER or not isinstance(held, str | dict | list):
            continue
        for at, text in walk(held):
            if not isinstance(text, str) or placeholder(text) or (at and at[-1] in {"Next", "Comment", "ErrorEquals"}):
                continue
            where = (name, *at)
            if language == "JSONata":
                expression = expression_of(text)
                if expression is not None:
                    yield from _jsonata(expression, where, kind)
            elif text.startswith("{%") and text.endswith("%}"):
                yield Finding(
                    "ASL310",
                    where,
                    "In a JSONPath state this is plain text, not an expression.",
                    "Let the state say QueryLanguage JSONata.",
                )
            elif text.startswith("$$.") and (str(where[-1]).endswith((".$", "Path")) or where[-1] == "Variable"):
                yield from _context(text, where, value)


def _jsonata(expression: str, at: Pointer, kind: str) -> Iterator[Finding]:
    found = references(expression)
    for head in dict.fromkeys(path[0] for path in found.states or () if path):
        if head not in _MEMBERS:
            yield Finding("ASL311", at, f"$states has no member '{head}'.", f"It has {', '.join(_MEMBERS)}.")
        elif head == "errorOutput" and at[0] != "Catch":
            yield Finding("ASL311", at, "$states.errorOutput exists only in a Catcher.", "Assign it to a variable in the Catcher.")
        elif head == "result" and (kind not in _RESULTS or at[0] not in {"Output", "Assign"}):
            yield Finding(
                "ASL311", at, "$states.result exists only in Output and Assign of a Task, Parallel or Map.", "Read $states.input instead."
            )
    for call in found.calls:
        if call.name == "eval":
            yield Finding("ASL312", at, "Step Functions has no $eval.", "To read JSON from a text, use $parse.")
        elif call.name not in FUNCTIONS:
            yield Finding(
                "ASL312", at, f"There is no function ${call.name}.", "The state would fail: T1006, attempted to invoke a non-function."
            )
    first = next((token for token in tokens(expression) if token.text != "("), None)
    names = top_names(expression)
    if names and not _compiles(expression):  # said on its own, and then AWS looks no further
        return
    if first is not None and first.kind == "variable" and first.text in {"$", "$$"}:
        message = f"{first.text} at the top level stands for nothing here."
        yield Finding("ASL313", at, message, "Read the state's input with $states.input.", said=_top(first.text, at))
    for name in names:
        message = f"'{name}' at the top level stands for nothing here: there is no context to read it from."
        yield Finding("ASL313", at, message, f"Read it with $states.input.{name}, or write ${name} for a variable.", said=_top(name, at))


def _compiles(expression: str) -> bool:
    from studio.asl.jsonata import compile_expression

    try:
        compile_expression(expression)
    except SyntaxProblem:
        return False
    return True


def _top(name: str, at: Pointer) -> Said:
    return Said(f"Reference to '{name}' at the top level is not supported.", at, "UNSUPPORTED_JSONATA_EXPRESSION")


def _context(text: str, at: Pointer, value: dict[str, Json]) -> Iterator[Finding]:
    for path in reads_of(text).context:
        names = [part for part in path[:2] if isinstance(part, str)]
        if not names:
            continue
        if names[0] not in _CONTEXT:
            yield Finding("ASL314", at, f"The context object has no '{names[0]}'.", f"It has {', '.join(_CONTEXT)}.")
        elif len(names) > 1 and names[1] not in _CONTEXT[names[0]]:
            yield Finding(
                "ASL314", at, f"The context object's {names[0]} has no '{names[1]}'.", f"It has {', '.join(sorted(_CONTEXT[names[0]]))}."
            )
        elif names[0] == "Task" and not str(value.get("Resource", "")).endswith(".waitForTaskToken"):
            yield Finding(
                "ASL314", at, "There is a task token only in a Task that waits for a callback.", "End its Resource in .waitForTaskToken."
            )
