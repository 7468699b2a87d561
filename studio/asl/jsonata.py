"""JSONata as Step Functions evaluates it: `$states`, variables, AWS's functions, bounded.

Theory of operation: an expression that is only a path (`$states.input.order.id`, `$total`) is read in Python, with JSONata's own
rules: a missing member is undefined, a list in the middle maps (left to the library). Everything else is compiled by
`jsonatapy`. The library copies what it is given into its own values, so an expression is given only what its text can reach: a
tokenizer finds every `$states.input.a` and `$name` in it, and only those values are bound.

AWS's additions: `$partition $range $hash $random $uuid $parse`; `$eval` is taken away. `$now`, `$millis`, `$random` and `$uuid` ask
the `Ambient`. Whole results print as integers; the library's numbers are doubles.

Errors: `SyntaxProblem` at compilation; at evaluation `States.QueryEvaluationError` with AWS's sentences.
Bounds: `TIMEOUT_MS`, `MAX_SEQUENCE`, the library's recursion limit.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html, https://docs.jsonata.org
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

from studio.asl import jsonata_functions
from studio.asl.jsonata_analysis import References, references
from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient, ExpressionError, SyntaxProblem, Variables, kind_of, to_aws_text

JsonataEvaluator: TypeAlias = Callable[[dict[str, Json], Variables, Ambient], Json]
"""`(states, variables, ambient) -> value`; `states` is what `$states` means: `{"input": …, "context": …, "result": …}`."""

TIMEOUT_MS = 1_000
"""Milliseconds one evaluation may take."""
MAX_SEQUENCE = 1_000_000
"""Members a sequence may have."""

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_PLAIN = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)")
_KEYWORDS = {"and", "or", "in", "true", "false", "null"}


class Undefined(ExpressionError):
    """An expression that returned nothing."""


def expression_of(text: str) -> str | None:
    """The expression inside `{% … %}`, without the blanks around it; None where the text is a plain string."""
    found = _EXPRESSION.fullmatch(text)
    return None if found is None else found[1].strip()


def failure_text(expression: str, where: str, what: str) -> str:
    return f"The JSONata expression '{expression}' specified for the field '{where}' {what}"


def compile_expression(expression: str, where: str = "", *, undefined_ok: bool = False) -> JsonataEvaluator:
    """Compile an expression (without its `{% %}`). `where` names the field in causes. An undefined result raises `Undefined`
    unless `undefined_ok`, which makes it None. Raises SyntaxProblem.
    """
    plain = _PLAIN.fullmatch(expression)
    if plain is not None and plain[1] not in jsonata_functions.NAMES and plain[1] not in _BUILTINS:
        names = plain[2].split(".")[1:]
        if not _KEYWORDS.intersection(names):
            return _plain(expression, where, plain[1], names, undefined_ok=undefined_ok)
    return _library(expression, where, undefined_ok=undefined_ok)


def _undefined(expression: str, where: str) -> Undefined:
    return Undefined("States.QueryEvaluationError", failure_text(expression, where, "returned nothing (undefined)."), where)


def _plain(expression: str, where: str, variable: str, names: list[str], *, undefined_ok: bool) -> JsonataEvaluator:
    """A path read in Python. A list on the way maps over its members: that is the library's, compiled when first needed."""
    fallback: list[JsonataEvaluator] = []

    def read(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
        try:
            here: Json = states if variable == "states" else variables[variable]
            for name in names:
                here = here[name]  # type: ignore[index,call-overload]
        except (KeyError, TypeError):
            return rest(states, variables, ambient)
        return here

    def rest(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
        here: Json = states if variable == "states" else variables.get(variable)
        for name in names:
            if isinstance(here, list):
                if not fallback:
                    fallback.append(_library(expression, where, undefined_ok=undefined_ok))
                return fallback[0](states, variables, ambient)
            here = here.get(name) if isinstance(here, dict) else None
        if undefined_ok:
            return None
        raise _undefined(expression, where)

    return read


def _library(expression: str, where: str, *, undefined_ok: bool) -> JsonataEvaluator:
    _here(expression)  # a text that is no expression is refused now
    found = references(expression)
    asks_ambient = bool(found.functions & jsonata_functions.AMBIENT)
    bind = _binder(found)

    def evaluate(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
        bindings = bind(states, variables)
        compiled = _here(expression)
        if asks_ambient:
            jsonata_functions.CALL.ambient = ambient
        try:
            value = compiled.evaluate(None, bindings)
            if value is None and compiled.evaluate_json_or_none(None, bindings) is None:
                if undefined_ok:
                    return None
                raise _undefined(expression, where)
        except ValueError as problem:
            raise _thrown(expression, where, str(problem)) from None
        return value

    return evaluate


class _Known(threading.local):
    """Compiled expressions of this thread: the library's objects may neither be used nor freed in another one."""

    def __init__(self) -> None:
        self.compiled: dict[str, Any] = {}


_KNOWN = _Known()
MAX_KNOWN = 10_000
"""Expressions a thread remembers."""


def _here(expression: str) -> Any:
    """The expression compiled in and for this thread."""
    known = _KNOWN.compiled
    found = known.get(expression)
    if found is None:
        if len(known) >= MAX_KNOWN:
            known.clear()
        found = known[expression] = _compile(expression)
    return found


def _compile(expression: str) -> Any:
    import jsonatapy

    try:
        compiled = jsonatapy.compile(expression, timeout=TIMEOUT_MS, max_sequence_length=MAX_SEQUENCE)
    except ValueError as problem:
        raise SyntaxProblem(*_syntax(str(problem))) from None
    jsonata_functions.install(compiled)
    return compiled._expr  # noqa: SLF001 - the wrapper costs a quarter of a short evaluation


_POSITION = re.compile(r"(?:at )?(?:position|offset|character) (\d+)")


def _syntax(message: str) -> tuple[str, int]:
    found = _POSITION.search(message)
    return message.removeprefix("Parse error: "), int(found[1]) if found else 0


def _thrown(expression: str, where: str, message: str) -> ExpressionError:
    found = re.match(r"([A-Z]\d{4}): ?(.*)", message, re.DOTALL)
    text = message if found is None else f"{found[1]}: {jsonata_functions.aws_message(found[1], found[2])}"
    return ExpressionError(
        "States.QueryEvaluationError", failure_text(expression, where, f"threw an error during evaluation. {text}"), where
    )


def _binder(found: References) -> Callable[[dict[str, Json], Variables], dict[str, Json]]:
    """What binds the values an expression can reach, and nothing else."""
    names = tuple(found.variables)
    paths = found.states

    def bind(states: dict[str, Json], variables: Variables) -> dict[str, Json]:
        bindings: dict[str, Json] = {name: variables[name] for name in names if name in variables}
        if paths is None:
            bindings["states"] = states
        elif paths:
            bindings["states"] = prune(states, paths)
        return bindings

    return bind


def prune(states: dict[str, Json], paths: tuple[tuple[str, ...], ...]) -> dict[str, Json]:
    """`states` with only what lies on or below these member paths. A value that is no object ends a path early."""
    pruned: dict[str, Json] = {}
    for path in paths:
        here: Json = states
        there = pruned
        last = len(path) - 1
        for depth, name in enumerate(path):
            if not isinstance(here, dict) or name not in here:
                break
            here = here[name]
            if depth == last or not isinstance(here, dict):
                there[name] = here
                break
            below = there.get(name)
            if below is here:  # a shorter path took all of it
                break
            if not isinstance(below, dict):
                below = there[name] = {}
            there = below
    return pruned


_BUILTINS = frozenset(
    "sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace "
    "split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map zip filter "
    "single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct base64encode "
    "base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis".split()
)


def wrong_type(expression: str, where: str, expected: str, value: Json) -> ExpressionError:
    """AWS's sentence for a field that must be, say, an `array` and is not."""
    what = f"returned an unexpected result type. Expected '{expected}', but was '{kind_of(value)}' for value: {to_aws_text(value)}"
    return ExpressionError("States.QueryEvaluationError", failure_text(expression, where, what), where)


def evaluate(expression: str, states: dict[str, Json], variables: Variables | None = None, ambient: Ambient = NOWHERE) -> Json:
    """Compile and evaluate once: for previews and tests."""
    return compile_expression(expression)(states, variables or {}, ambient)
