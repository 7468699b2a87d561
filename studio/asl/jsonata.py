"""JSONata as Step Functions evaluates it: `$states`, variables, AWS's functions, bounded.

Theory of operation: an expression that is only a path (`$states.input.order.id`, `$total`) is read in Python, with JSONata's own
rules: a missing member is undefined, a list in the middle maps (left to the library). Everything else is compiled by
`jsonatapy`. The library copies what it is given into its own values, so an expression is given only what its text can reach: a
tokenizer finds every `$states.input.a` and `$name` in it, and only those values are bound.

Numbers: the library computes with doubles; whole results come back as integers, and infinities as the texts AWS answers. An integer
beyond 2^53 would lose digits on its way through, so where one appears in a result the expression is evaluated once more with such
integers disguised as texts, which keeps those that are only passed on exact.

Errors: `SyntaxProblem` at compilation; at evaluation `States.QueryEvaluationError` with AWS's sentences.
Bounds: `TIMEOUT_MS`, `MAX_SEQUENCE`, the library's recursion limit. Memory is bounded by the time only.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html, https://docs.jsonata.org
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable
from typing import Any

import orjson

from studio.asl.jsonata_analysis import References, references
from studio.asl.jsonata_errors import misspelt, threw
from studio.asl.jsonata_functions import AMBIENT, CALL, FUNCTIONS, install, prelude, too_many
from studio.asl.templates import JsonataEvaluator
from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient, ExpressionError, SyntaxProblem, Variables, kind_of, to_aws_text

TIMEOUT_MS = 900
"""Milliseconds one evaluation may take."""
MAX_SEQUENCE = 873_782
"""Members a sequence may have, as on AWS."""
MAX_DEPTH = 200
"""Levels of an evaluation, as the library counts them: it takes all that AWS's hundred take, and ends what has no end."""
MAX_TEXT = 1_000_000
"""Characters of an expression."""

_PLAIN = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)")
_KEYWORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


class Undefined(ExpressionError):  # noqa: N818 - what JSONata calls it
    """An expression that returned nothing."""


def compile_expression(expression: str, where: str = "", *, undefined_ok: bool = False) -> JsonataEvaluator:
    """Compile an expression (without its `{% %}`). `where` names the field in causes. An undefined result raises `Undefined`
    unless `undefined_ok`, which makes it None. Raises SyntaxProblem.
    """
    plain = _PLAIN.fullmatch(expression)
    if plain is not None:
        names = plain[2].split(".")[1:]
        if not _KEYWORDS.intersection(names):
            return _plain(expression, where, plain[1], names, undefined_ok=undefined_ok)
    return _library(expression, where, undefined_ok=undefined_ok)


def failure(expression: str, where: str, what: str) -> ExpressionError:
    """`The JSONata expression '…' specified for the field '…' …` as an error."""
    return ExpressionError("States.QueryEvaluationError", _sentence(expression, where, what), where or None)


def wrong_type(expression: str, where: str, expected: str, value: Json) -> ExpressionError:
    """AWS's sentence for a field that must be, say, an `array` and is not."""
    what = f"returned an unexpected result type. Expected '{expected}', but was '{kind_of(value)}' for value: {to_aws_text(value)}"
    return failure(expression, where, what)


def evaluate(expression: str, states: dict[str, Json], variables: Variables | None = None, ambient: Ambient = NOWHERE) -> Json:
    """Compile and evaluate once: for previews and tests."""
    return compile_expression(expression)(states, variables or {}, ambient)


def _sentence(expression: str, where: str, what: str) -> str:
    return f"The JSONata expression '{expression}' specified for the field '{where}' {what}"


def _undefined(expression: str, where: str) -> Undefined:
    return Undefined("States.QueryEvaluationError", _sentence(expression, where, "returned nothing (undefined)."), where or None)


def _plain(expression: str, where: str, variable: str, names: list[str], *, undefined_ok: bool) -> JsonataEvaluator:
    """A path read in Python. What it does not find, and a list on the way, is the library's, compiled when first needed."""
    compiled: list[JsonataEvaluator] = []

    def read(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
        try:
            here: Any = states if variable == "states" else variables[variable]
            for name in names:
                here = here[name]
        except (KeyError, TypeError):
            if not compiled:
                compiled.append(_library(expression, where, undefined_ok=undefined_ok))
            return compiled[0](states, variables, ambient)
        return here

    return read


def _library(expression: str, where: str, *, undefined_ok: bool) -> JsonataEvaluator:
    found = references(expression)
    _here(expression, found)  # a text that is no expression is refused now
    asks_ambient = bool(found.variables & AMBIENT)
    bind = _binder(found)
    refused = too_many(found)

    def run(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
        if refused is not None:
            raise failure(expression, where, f"threw an error during evaluation. {refused}")
        if asks_ambient:
            CALL.ambient = ambient
        bindings = bind(states, variables)
        compiled = _here(expression, found)
        try:
            value = compiled.evaluate(None, bindings)
            if value is None:
                return _nothing(compiled, bindings)
        except ValueError as problem:

            def value_of(part: str) -> Json:
                try:
                    return _library(part.strip(), where, undefined_ok=True)(states, variables, ambient)
                except ExpressionError as inner:
                    raise ValueError(inner.cause) from None

            raise failure(expression, where, threw(str(problem), found, expression, FUNCTIONS, value_of)) from None
        if isinstance(value, str | bool):
            return value
        return _numbers(value, compiled, bindings)

    def _nothing(compiled: Any, bindings: dict[str, Json]) -> Json:
        text = compiled.evaluate_json_or_none(None, bindings)
        if text == "null":
            return None
        if text is not None:  # a function or a regular expression: JSON has none
            raise failure(expression, where, "returned an unsupported result type.")
        if undefined_ok:
            return None
        raise _undefined(expression, where)

    return run


class _Known(threading.local):
    """Compiled expressions of this thread: the library's objects may be used and freed in the thread that made them only, while the
    closures made here may go anywhere.
    """

    def __init__(self) -> None:
        self.compiled: dict[str, Any] = {}


_KNOWN = _Known()
MAX_KNOWN = 10_000
"""Expressions a thread remembers."""


def _here(expression: str, found: References) -> Any:
    """The expression compiled in and for this thread."""
    known = _KNOWN.compiled
    compiled = known.get(expression)
    if compiled is None:
        if len(known) >= MAX_KNOWN:
            known.clear()
        compiled = known[expression] = _compile(expression, found)
    return compiled


def _compile(expression: str, found: References) -> Any:
    import jsonatapy

    compiled: Any
    if len(expression) > MAX_TEXT:
        raise SyntaxProblem(f"The expression has {len(expression)} characters; at most {MAX_TEXT} are allowed", 0)
    limits = {"timeout": TIMEOUT_MS, "max_sequence_length": MAX_SEQUENCE, "max_stack_depth": MAX_DEPTH}
    try:
        compiled = jsonatapy.compile(expression, **limits)
        lambdas = prelude(found)
        if lambdas:
            compiled = jsonatapy.compile(f"({lambdas}{expression}\n)", **limits)
    except ValueError as problem:
        raise SyntaxProblem(*_syntax(str(problem), expression)) from None
    install(compiled, found)
    return getattr(compiled, "_expr")  # noqa: B009 - the wrapper around it costs a quarter of a short evaluation


_POSITION = re.compile(r"(?:position|offset|character|column) (\d+)")
_NOISE = re.compile(r"^(?:Parse error: |Invalid syntax: )+")


def _syntax(message: str, expression: str) -> tuple[str, int]:
    found = _POSITION.search(message)
    return misspelt(_NOISE.sub("", message), expression), int(found[1]) if found else 0


def _binder(found: References) -> Callable[[dict[str, Json], Variables], dict[str, Json]]:
    """What binds the values an expression can reach, and nothing else."""
    names = tuple(sorted(found.variables))
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
    """`states` with only what lies on or below these member paths, which are sorted. What is no object ends a path early."""
    pruned: dict[str, Json] = {}
    for path in paths:
        here: Json = states
        there = pruned
        last = len(path) - 1
        for depth, name in enumerate(path):
            if name not in here:
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


# Numbers

_EXACT = 2**53
_LONG_DIGITS = re.compile(rb"[0-9](?<=[^0-9.][0-9])[0-9]{15}")
_NOT_FINITE = re.compile(rb"null")
_DISGUISED = re.compile("\ue000(-?[0-9]+)\ue001")


def _numbers(value: Json, compiled: Any, bindings: dict[str, Json]) -> Json:
    """The value with its infinities as texts and its long integers exact."""
    if isinstance(value, int):
        return value if -_EXACT < value < _EXACT else _exactly(value, compiled, bindings)
    if isinstance(value, float):
        if not math.isfinite(value):
            return _texts(value)
        return value if abs(value) < _EXACT else _exactly(value, compiled, bindings)
    try:
        raw = orjson.dumps(value)
    except TypeError:
        return _exactly(value, compiled, bindings)
    if _NOT_FINITE.search(raw) is not None:
        value = _texts(value)
    return _exactly(value, compiled, bindings) if _LONG_DIGITS.search(raw) or b"e+" in raw else value


def _texts(value: Json) -> Json:
    """Infinities and NaN as AWS writes them: `"Infinity"`."""
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_texts(item) for item in value]
        case dict():
            return {key: _texts(item) for key, item in value.items()}
        case _:
            return value


def _exactly(value: Json, compiled: Any, bindings: dict[str, Json]) -> Json:
    """Evaluate again with integers beyond 2^53 disguised as texts. Where the expression computes with them, the doubles stay."""
    disguised = _map(bindings, _disguise)
    if disguised == bindings:
        return value
    try:
        again = compiled.evaluate(None, disguised)
    except ValueError:
        return value
    return _map(again, _reveal)


def _disguise(value: Json) -> Json:
    long = isinstance(value, int) and not -_EXACT < value < _EXACT
    return f"\ue000{value}\ue001" if long else value


def _reveal(value: Json) -> Json:
    if not isinstance(value, str) or "\ue000" not in value:
        return _texts(value)
    whole = _DISGUISED.fullmatch(value)
    return int(whole[1]) if whole else _DISGUISED.sub(r"\1", value)


def _map(value: Json, change: Callable[[Json], Json]) -> Json:
    if isinstance(value, dict):
        return {key: _map(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map(item, change) for item in value]
    return change(value)
