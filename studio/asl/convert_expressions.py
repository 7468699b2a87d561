"""JSONPath expressions as JSONata text: paths, intrinsic calls, payload templates, Choice rules.

Raises `Unconvertible` with a sentence where JSONata has no counterpart; nothing is ever dropped or guessed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from studio.asl.intrinsic_calls import Call, Literal, Node, parse_call
from studio.asl.jsonpath import Path
from studio.asl.jsonpath_syntax import (
    All,
    Any_,
    Comparison,
    Descend,
    Exists,
    Filter,
    Function,
    Index,
    Name,
    No,
    Query,
    Segment,
    Slice,
    Test,
    Wildcard,
)
from studio.asl.jsonpath_syntax import Literal as PathLiteral
from studio.asl.jsonpath_syntax import parse as parse_path
from studio.asl.tree import Json

_PLAIN = re.compile(r"[A-Za-z_]\w*")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})
_FUNCTIONS = {"length": "$count", "size": "$count", "min": "$min", "max": "$max", "sum": "$sum", "avg": "$average"}
_COMPARISONS = {"==": "=", "===": "=", "!=": "!=", "!==": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in"}


class Unconvertible(Exception):  # noqa: N818 - a verdict, not a fault
    """An expression without a counterpart, and why."""


def quote(value: Json) -> str:
    """A JSON value as a JSONata literal."""
    return json.dumps(value, ensure_ascii=False)


def step(name: str) -> str:
    """A field name in a JSONata path."""
    if _PLAIN.fullmatch(name) and name not in _WORDS:
        return name
    if "`" in name:
        raise Unconvertible(f"the field name {name!r} holds a backtick")
    return f"`{name}`"


def path(text: str, base: str) -> str:
    """A JSONPath read as JSONata; `$` is `base` (`$states.input`), `$$` the context object, `$name` a variable."""
    root, parsed = parse_path(text.strip())
    written = {"$": base, "$$": "$states.context"}.get(root, root)
    segments = list(parsed)
    definite = all(isinstance(s, Name | Index) for s in segments)
    call = ""
    if segments and isinstance(segments[-1], Function):
        function = segments.pop()
        assert isinstance(function, Function)
        if function.name not in _FUNCTIONS or function.arguments:
            raise Unconvertible(f"JSONata has no counterpart of {function.name}()")
        call = _FUNCTIONS[function.name]
    for before, segment in zip([None, *segments], segments, strict=False):
        if not isinstance(before, Wildcard) or isinstance(segment, Name):
            written += _segment(segment)
        elif isinstance(segment, Wildcard):  # the items of the items: an array of arrays becomes one array
            written = f"$reduce({written}, $append, [])"
        else:
            raise Unconvertible("a part in brackets right after [*]: JSONata reads it as one of the whole array")
    if call:
        return f"{call}({written})"
    return written if definite else f"[{written}]"


def _segment(segment: Segment) -> str:
    match segment:
        case Name(name):
            return f".{step(name)}"
        case Index(index):
            return f"[{index}]"
        case Wildcard():
            return ""  # JSONata maps over arrays by itself; on an object this would differ, which the proof shows
        case Descend():
            return ".**"
        case Slice(start, stop):
            if (stop or 0) < 0 or (start or 0) < 0:
                raise Unconvertible("a slice that counts from the end")
            if stop is None:
                raise Unconvertible(f"a slice without an end ([{start or 0}:])")
            return f"[[{start or 0}..{stop - 1}]]"
        case Filter(test, _):
            return f"[{_test(test)}]"
        case _:
            raise Unconvertible("a path with several names or indexes at once")


def _test(test: Test) -> str:
    match test:
        case Exists(query):
            return f"$exists({_query(query)})"
        case All(tests):
            return " and ".join(f"({_test(t)})" for t in tests)
        case Any_(tests):
            return " or ".join(f"({_test(t)})" for t in tests)
        case No(inner):
            return f"$not({_test(inner)})"
        case Comparison(left, operator, right):
            if operator not in _COMPARISONS:
                raise Unconvertible(f"the filter operator {operator}")
            return f"{_operand(left)} {_COMPARISONS[operator]} {_operand(right)}"


def _operand(side: Any) -> str:
    match side:
        case PathLiteral(value):
            return quote(value)
        case Query():
            return _query(side)
        case _:
            raise Unconvertible("a regular expression in a filter")


def _query(query: Query) -> str:
    if not query.relative:
        raise Unconvertible("a filter that reads from the root")
    if not query.segments:
        return "$"
    return "".join(_segment(s) for s in query.segments).removeprefix(".")


# Intrinsic functions


def value(text: str, base: str) -> str:
    """The value of a `.$` field: a path or an intrinsic call."""
    if text.startswith("States."):
        return _node(parse_call(text), base)
    return path(text, base)


def _node(node: Node, base: str) -> str:
    match node:
        case Literal(held, _):
            return quote(held)
        case Path():
            return path(node.text, base)
        case Call(name, arguments, _):
            return _call(name.removeprefix("States."), arguments, base)


_RENAMED = {
    "StringToJson": "$parse",
    "JsonToString": "$string",
    "ArrayPartition": "$partition",
    "ArrayRange": "$range",
    "ArrayLength": "$count",
    "ArrayUnique": "$distinct",
    "Base64Encode": "$base64encode",
    "Base64Decode": "$base64decode",
    "Hash": "$hash",
    "UUID": "$uuid",
    "StringSplit": "$split",
}


def _call(name: str, arguments: tuple[Node, ...], base: str) -> str:
    if name == "Format":
        return _format(arguments, base)
    given = [_node(a, base) for a in arguments]
    match name, given:
        case "Array", _:
            return _array(arguments, given)
        case "ArrayContains", [array, wanted]:
            return f"({wanted} in {array})"
        case "ArrayGetItem", [array, index]:
            return f"({array})[{index}]"
        case "JsonMerge", [left, right, *_]:
            return f"$merge([{left}, {right}])"
        case "MathAdd", [left, right]:
            return f"({left} + {right})"
        case "MathRandom", [start, end]:
            return f"({start} + $floor($random() * ({end} - {start})))"
        case "MathRandom", _:
            raise Unconvertible("States.MathRandom with a seed: JSONata's $random draws another number from it")
        case _ if name in _RENAMED:
            return f"{_RENAMED[name]}({', '.join(given)})"
        case _:
            raise Unconvertible(f"States.{name} has no counterpart")


_ARRAYS = frozenset({"Array", "ArrayPartition", "ArrayRange", "ArrayUnique", "StringSplit"})
_UNKNOWN = frozenset({"StringToJson", "ArrayGetItem"})
_ONE = re.compile(r"\$\$\.(Execution\.(Id|Name|RoleArn|StartTime)|State\.\w+|StateMachine\.\w+|Task\.Token|Map\.Item\.Index)")


def _array(arguments: tuple[Node, ...], given: list[str]) -> str:
    """An array of these values. JSONata's `[a, b]` takes the items of an array for the array, unless it is written in brackets itself."""
    kinds = [_kind(argument) for argument in arguments]
    items = [f"[{text}]" if kind == "array" and not text.startswith("[") else text for kind, text in zip(kinds, given, strict=True)]
    if "unknown" not in kinds:
        return f"[{', '.join(items)}]"
    parts = [f'($type({i}) = "array" ? [[{i}]] : [{i}])' if kind == "unknown" else f"[{i}]" for kind, i in zip(kinds, items, strict=True)]
    written = parts[0]
    for part in parts[1:]:
        written = f"$append({written}, {part})"
    return written


def _kind(node: Node) -> str:
    """Whether a value is an array, something else (one), or only known when it is there."""
    match node:
        case Literal():
            return "one"
        case Call(name, _, _):
            short = name.removeprefix("States.")
            return "array" if short in _ARRAYS else "unknown" if short in _UNKNOWN else "one"
        case Path():
            segments = parse_path(node.text.strip())[1]
            if segments and isinstance(segments[-1], Function):
                return "one"
            if not all(isinstance(segment, Name | Index) for segment in segments):
                return "array"
            return "one" if _ONE.fullmatch(node.text.strip()) else "unknown"


def _format(arguments: tuple[Node, ...], base: str) -> str:
    template = arguments[0] if arguments else None
    if not isinstance(template, Literal) or not isinstance(template.raw, str):
        raise Unconvertible("States.Format with a template that is not a literal")
    pieces = re.split(r"(\\.|\{\})", template.raw)
    rest = list(arguments[1:])
    parts: list[str] = []
    text = ""
    for piece in pieces:
        if piece == "{}":
            if not rest:
                raise Unconvertible("States.Format with fewer values than {}")
            if text:
                parts.append(quote(text))
                text = ""
            written = _node(rest.pop(0), base)
            parts.append(written if parts or len(arguments) > 2 else f"$string({written})" if template.raw == "{}" else written)
        elif piece.startswith("\\") and len(piece) == 2:
            text += piece[1]
        else:
            text += piece
    if text or not parts:
        parts.append(quote(text))
    return " & ".join(parts)


# Templates


def template(held: Json, base: str) -> Json:
    """A payload template as a JSONata value: the same JSON with `{% … %}` strings in place of `.$` keys."""
    if isinstance(held, dict):
        made: dict[str, Json] = {}
        for key, inner in held.items():
            if key.endswith(".$"):
                if not isinstance(inner, str):
                    raise Unconvertible(f"the value of {key!r} is not a string")
                made[key[:-2]] = braces(value(inner, base))
            else:
                made[key] = template(inner, base)
        return made
    if isinstance(held, list):
        return [template(inner, base) for inner in held]
    if isinstance(held, str) and held.startswith("{%"):
        return braces(quote(held))
    return held


def expression(held: Json, base: str) -> str:
    """A payload template as one JSONata expression."""
    if isinstance(held, dict):
        parts = [
            f"{quote(key[:-2])}: {value(inner, base)}"
            if key.endswith(".$") and isinstance(inner, str)
            else f"{quote(key)}: {expression(inner, base)}"
            for key, inner in held.items()
        ]
        return f"{{{', '.join(parts)}}}"
    if isinstance(held, list):
        return f"[{', '.join(expression(inner, base) for inner in held)}]"
    return quote(held)


def braces(text: str) -> str:
    return f"{{% {text} %}}"


# Choice rules

_SIGNS = {"Equals": "=", "LessThan": "<", "GreaterThan": ">", "LessThanEquals": "<=", "GreaterThanEquals": ">="}
_TYPES = {"IsString": "string", "IsNumeric": "number", "IsBoolean": "boolean", "IsNull": "null"}


def rule(held: dict[str, Json], base: str) -> str:
    """A Choice rule as a JSONata condition, with the types the JSONPath operator demands."""
    for name, word in (("And", " and "), ("Or", " or ")):
        inner = held.get(name)
        if isinstance(inner, list):
            return word.join(f"({rule(r, base)})" for r in inner if isinstance(r, dict))
    nested = held.get("Not")
    if isinstance(nested, dict):
        return f"$not({rule(nested, base)})"
    variable = path(str(held.get("Variable", "")), base)
    for name, operand in held.items():
        if name == "IsPresent":
            return f"$exists({variable})" if operand is True else f"$not($exists({variable}))"
        if name in _TYPES:
            test = f'$type({variable}) = "{_TYPES[name]}"'
            return test if operand is True else f"$not({test})"
        if name == "StringMatches" and isinstance(operand, str):
            return f'$type({variable}) = "string" and $contains({variable}, /^{_pattern(operand)}$/)'
        if name == "IsTimestamp":
            raise Unconvertible("IsTimestamp: JSONata has no test for a timestamp")
        for kind, word in (("String", "string"), ("Numeric", "number"), ("Boolean", "boolean"), ("Timestamp", "string")):
            sign = _SIGNS.get(name.removeprefix(kind).removesuffix("Path")) if name.startswith(kind) else None
            if sign is None:
                continue
            other = path(str(operand), base) if name.endswith("Path") else quote(operand)
            guard = f'$type({variable}) = "{word}" and ' if sign != "=" or kind == "Timestamp" else ""
            if name.endswith("Path") and guard:
                guard += f'$type({other}) = "{word}" and '
            if kind == "Timestamp":
                return f"{guard}$toMillis({variable}) {sign} $toMillis({other})"
            return f"{guard}{variable} {sign} {other}"
    raise Unconvertible("a rule without a comparison")


def _pattern(text: str) -> str:
    made = ""
    for piece in re.findall(r"\\[\\*]|.", text, re.DOTALL):
        made += ".*" if piece == "*" else re.escape(piece[-1]).replace("/", r"\/")
    return made
