"""Payload templates: `Parameters`, `ItemSelector`, `ResultSelector`, `Assign` of JSONPath states and `Arguments`, `Output`,
`Assign` of JSONata states.

Theory of operation: a template is compiled once. A subtree without anything to evaluate is returned as it is (shared, never
copied); an object or array with something to evaluate becomes a closure that builds a new one.

JSONPath: a key that ends in `.$` has a path or an intrinsic call as its value; the key loses the `.$`. As on AWS the evaluated
members of an object follow its other members, in the order of a Java HashMap (seen wherever an output is compared as text). JSONata: a string `{% … %}`
is an expression, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from studio.asl import java
from studio.asl.jsonpath import Evaluator, PathMissing, compile_path
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, to_aws_text

Where: TypeAlias = str
"""The field an expression stands in, as AWS names it: `Output/result`, `Arguments/items[0]`."""


JsonataEvaluator: TypeAlias = Callable[[dict[str, Json], Variables, Ambient], Json]
"""`(states, variables, ambient) -> value`; `states` is what `$states` means."""

_EXPRESSION = r"(?s)\{%(.*)%\}"


def expression_of(text: str) -> str | None:
    """The JSONata expression inside `{% … %}`, without the blanks around it; None where the text is a plain string."""
    if not text.startswith("{%"):
        return None
    found = re.fullmatch(_EXPRESSION, text)
    return None if found is None else found[1].strip()


def compile_value(text: str) -> Evaluator:
    """A path or an intrinsic call, as in the value of a `.$` field. Raises SyntaxProblem."""
    if text.startswith("$"):
        return compile_path(text).read
    if text.startswith("States."):
        from studio.asl.intrinsic_calls import compile_call

        return compile_call(text)
    raise SyntaxProblem(f"'{text}' is neither a path (it would begin with '$') nor an intrinsic function ('States.…')", 0)


MAX_DEPTH = 200
"""Levels of objects and lists in a template."""


def compile_payload(template: Json) -> Evaluator:
    """A JSONPath payload template. Raises SyntaxProblem (its text names the key)."""
    compiled = _payload(template, MAX_DEPTH)
    return compiled if compiled is not None else lambda _d, _c, _v, _a: template


def _deeper(levels: int) -> int:
    if levels == 0:
        raise SyntaxProblem(f"The template is nested more than {MAX_DEPTH} levels deep", 0)
    return levels - 1


def _payload(template: Json, levels: int) -> Evaluator | None:
    """The closure of a template, or None where there is nothing to evaluate in it."""
    if isinstance(template, dict):
        levels = _deeper(levels)
        parts = {key: part for key, value in template.items() if (part := _member(key, value, levels)) is not None}
        return _object(template, parts) if parts else None
    if isinstance(template, list):
        levels = _deeper(levels)
        items = [(value, _payload(value, levels)) for value in template]
        if all(part is None for _, part in items):
            return None
        return _list(items)
    return None


def _member(key: str, value: Json, levels: int) -> Evaluator | None:
    if not key.endswith(".$"):
        return _payload(value, levels)
    if not isinstance(value, str):
        raise SyntaxProblem(f"The value for the field '{key}' must be a path or an intrinsic function", 0)
    if value.startswith("$"):
        return _field(key, value)
    return compile_value(value)


def _field(key: str, text: str) -> Evaluator:
    path = compile_path(text)
    read = path.read

    def field(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing as missing:
            if missing.outside:
                return None
            if missing.not_array:
                raise
            raise could_not_be_found(missing, key) from None

    return field


def could_not_be_found(missing: PathMissing, field: str) -> ExpressionError:
    """AWS's sentence for a path that finds nothing in a payload template or in a field that takes a path."""
    path = missing.path[1:] if missing.path.startswith("$$") else missing.path
    cause = f"The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{to_aws_text(missing.data)}'"
    return ExpressionError("States.Runtime", cause)


def _object(template: dict[str, Json], parts: dict[str, Evaluator]) -> Evaluator:
    """The builder of an object; `parts` are the members to evaluate, by their key in the template."""
    named = {key.removesuffix(".$"): part for key, part in parts.items() if key.endswith(".$")}
    live = [(key, named[key]) for key in java.hash_order(list(named))]
    if len(live) == len(template):

        def build_live(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
            return {key: part(data, context, variables, ambient) for key, part in live}

        return build_live
    still = {key: value for key, value in template.items() if not key.endswith(".$")}
    below = [(key, part) for key, part in parts.items() if not key.endswith(".$")]

    def build(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        made = still.copy()
        for key, part in below:
            made[key] = part(data, context, variables, ambient)
        for key, part in live:
            made[key] = part(data, context, variables, ambient)
        return made

    return build


def _list(items: list[tuple[Json, Evaluator | None]]) -> Evaluator:
    def build(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        return [value if part is None else part(data, context, variables, ambient) for value, part in items]

    return build


# JSONata


def compile_jsonata_value(template: Json, where: Where) -> JsonataEvaluator:
    """A JSONata value: literals with `{% … %}` strings anywhere in them. `where` names the field in causes. Raises SyntaxProblem."""
    compiled = _jsonata(template, where, MAX_DEPTH)
    return compiled if compiled is not None else lambda _s, _v, _a: template


def _jsonata(template: Json, where: Where, levels: int) -> JsonataEvaluator | None:
    if isinstance(template, str):
        expression = expression_of(template)
        if expression is None:
            return None
        from studio.asl.jsonata import compile_expression

        return compile_expression(expression, where)
    if isinstance(template, dict):
        levels = _deeper(levels)
        parts = [(key, value, _jsonata(value, f"{where}/{key}", levels)) for key, value in template.items()]
        if all(part is None for _, _, part in parts):
            return None

        def build(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
            return {key: value if part is None else part(states, variables, ambient) for key, value, part in parts}

        return build
    if isinstance(template, list):
        levels = _deeper(levels)
        items = [(value, _jsonata(value, f"{where}[{index}]", levels)) for index, value in enumerate(template)]
        if all(part is None for _, part in items):
            return None

        def build_list(states: dict[str, Json], variables: Variables, ambient: Ambient) -> Json:
            return [value if part is None else part(states, variables, ambient) for value, part in items]

        return build_list
    return None
