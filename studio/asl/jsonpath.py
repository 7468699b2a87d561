"""JSONPath as Step Functions reads it: reference paths compiled to closures, full paths after Jayway's rules.

Theory of operation: a path has a root (`$` the payload, `$$` the context object, `$name` a variable) and segments. When every
segment is a name or an index the path is *definite*: it reads one value, and compiles to a closure that subscripts without a
loop; only a miss walks again, slowly, to say what Jayway would say (`Missing property in path $['a']`). Any other segment
(wildcard, slice, union, filter, `..`) makes it *indefinite*: its result is always a list, empty where nothing matches.

Errors: `SyntaxProblem` when the text is not a path; `PathMissing` (an `ExpressionError`) when a definite path finds nothing.
Bounds: an indefinite path may visit `BUDGET` values, then it fails.

Spec: https://states-language.net/spec.html#path, https://github.com/json-path/JsonPath
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from studio.asl.jsonpath_query import PathMissing, Segment, evaluate, is_definite
from studio.asl.jsonpath_syntax import Index, Name, parse, render
from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient, Context, ExpressionError, SyntaxProblem, Variables, kind_of, to_aws_text

Evaluator: TypeAlias = Callable[[Json, Context, Variables, Ambient], Json]
"""What every JSONPath-side expression compiles to: `(data, context, variables, ambient) -> value`; raises ExpressionError."""

NOTHING: dict[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path. `read` is the closure itself; calling the object is the same with convenient defaults."""

    text: str
    root: str
    """`$`, `$$`, or `$name` of a variable."""
    segments: tuple[Segment, ...]
    definite: bool
    read: Evaluator = field(repr=False, compare=False)

    def __call__(self, data: Json, context: Context = NOTHING, variables: Variables = NOTHING, ambient: Ambient = NOWHERE) -> Json:
        return self.read(data, context, variables, ambient)

    def base(self, data: Json, context: Context, variables: Variables) -> Json:
        """What the path is applied to."""
        return _base(self.text, self.root, data, context, variables)


@dataclass(frozen=True, slots=True)
class Reference(Path):
    """A reference path: only names and indexes, so it can be written to."""

    def write(self, data: Json, value: Json) -> Json:
        """`data` with `value` at this path; everything else is shared with `data`. Missing objects on the way are made.

        Errors: `States.ResultPathMatchFailure` where something other than an object (or a list, for an index) is in the way,
        and where an index is outside its list.
        """
        try:
            return _put(data, self.segments, 0, value)
        except _InTheWay:
            cause = f"Unable to apply ReferencePath {self.text} to input {to_aws_text(data)}"
            raise ExpressionError("States.ResultPathMatchFailure", cause) from None


class _InTheWay(Exception):  # noqa: N818 - never leaves this module
    pass


def compile_path(text: str) -> Path:
    """Compile any path. Raises SyntaxProblem."""
    root, segments = parse(text)
    if is_definite(segments):
        return Reference(text, root, segments, True, _reader(text, root, segments))
    return Path(text, root, segments, False, _query(text, root, segments))


def compile_reference(text: str) -> Reference:
    """Compile a path that must be a reference path (ResultPath, ItemsPath, Variable…). Raises SyntaxProblem."""
    path = compile_path(text)
    if not isinstance(path, Reference):
        raise SyntaxProblem(f"'{text}' is not a reference path: only names and single indexes are allowed here", 0)
    return path


def _base(text: str, root: str, data: Json, context: Context, variables: Variables) -> Json:
    if root == "$":
        return data
    if root == "$$":
        return context  # type: ignore[return-value]  # a Mapping that is a dict
    try:
        return variables[root[1:]]
    except KeyError:
        raise PathMissing(text, f"Variable '{root}' is not defined", data) from None


def _reader(text: str, root: str, segments: tuple[Segment, ...]) -> Evaluator:
    """A closure for a definite path."""
    if any(not isinstance(segment, Name) for segment in segments):
        return _general_reader(text, root, segments)
    names = [segment.name for segment in segments if isinstance(segment, Name)]
    match root:
        case "$":
            return _payload_reader(text, segments, names)
        case "$$":
            return _context_reader(text, segments, names)
        case _:
            return _variable_reader(text, root, segments, names)


def _payload_reader(text: str, segments: tuple[Segment, ...], names: list[str]) -> Evaluator:
    # Unrolled: a subscript costs some 20 ns, a loop over names several times that. Strings and lists do not take a name as a
    # subscript (TypeError), so the happy path needs no type checks.
    match names:
        case []:
            return lambda data, _c, _v, _a: data
        case [a]:

            def one(data: Json, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a]  # type: ignore[index,call-overload]
                except (KeyError, TypeError):
                    raise explain(text, segments, data) from None

            return one
        case [a, b]:

            def two(data: Json, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a][b]  # type: ignore[index,call-overload]
                except (KeyError, TypeError):
                    raise explain(text, segments, data) from None

            return two
        case [a, b, c]:

            def three(data: Json, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a][b][c]  # type: ignore[index,call-overload]
                except (KeyError, TypeError):
                    raise explain(text, segments, data) from None

            return three
        case _:

            def many(data: Json, _c: Context, _v: Variables, _a: Ambient) -> Json:
                here = data
                try:
                    for name in names:
                        here = here[name]  # type: ignore[index,call-overload]
                except (KeyError, TypeError):
                    raise explain(text, segments, data) from None
                return here

            return many


def _context_reader(text: str, segments: tuple[Segment, ...], names: list[str]) -> Evaluator:
    def read(_data: Json, context: Context, _v: Variables, _a: Ambient) -> Json:
        here: Json = context  # type: ignore[assignment]
        try:
            for name in names:
                here = here[name]  # type: ignore[index,call-overload]
        except (KeyError, TypeError):
            raise explain(text, segments, context) from None  # type: ignore[arg-type]
        return here

    return read


def _variable_reader(text: str, root: str, segments: tuple[Segment, ...], names: list[str]) -> Evaluator:
    variable = root[1:]

    def read(data: Json, _c: Context, variables: Variables, _a: Ambient) -> Json:
        if variable not in variables:
            _base(text, root, data, NOTHING, variables)
        here = top = variables[variable]
        try:
            for name in names:
                here = here[name]  # type: ignore[index,call-overload]
        except (KeyError, TypeError):
            raise explain(text, segments, top) from None
        return here

    return read


def _general_reader(text: str, root: str, segments: tuple[Segment, ...]) -> Evaluator:
    parts: list[str | int] = [s.name if isinstance(s, Name) else s.index for s in segments if isinstance(s, Name | Index)]

    def read(data: Json, context: Context, variables: Variables, _a: Ambient) -> Json:
        here = top = _base(text, root, data, context, variables)
        for part in parts:
            if isinstance(part, str):
                if isinstance(here, dict) and part in here:
                    here = here[part]
                    continue
            elif isinstance(here, list) and -len(here) <= part < len(here):
                here = here[part]
                continue
            raise explain(text, segments, top)
        return here

    return read


def _query(text: str, root: str, segments: tuple[Segment, ...]) -> Evaluator:
    def read(data: Json, context: Context, variables: Variables, _a: Ambient) -> Json:
        top = _base(text, root, data, context, variables)
        return evaluate(text, segments, top, data)

    return read


def explain(text: str, segments: tuple[Segment, ...], top: Json) -> PathMissing:
    """Why a definite path finds nothing in `top`, in Jayway's words."""
    here = top
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        upto = render(segments[:position])
        match segment:
            case Name(name):
                if not isinstance(here, dict):
                    found = _JAVA[kind_of(here)]
                    reason = (
                        f"Expected to find an object with property ['{name}'] in path {upto} but found '{found}'. This is not a json "
                        f"object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
                    )
                    return PathMissing(text, reason, top)
                if name not in here:
                    what = "No results for path: " if last else "Missing property in path "
                    return PathMissing(text, what + render(segments[: position + 1]), top)
                here = here[name]
            case Index(index):
                if here is None:
                    return PathMissing(text, f"The path {upto} is null", top)
                if not isinstance(here, list):
                    reason = f"Filter: {render((segment,))[1:]} can only be applied to arrays. Current context is: {to_aws_text(here)}"
                    return PathMissing(text, reason, top, not_array=True)
                if not -len(here) <= index < len(here):
                    return PathMissing(text, "No results for path: " + render(segments), top, outside=last)
                here = here[index]
            case _:  # an indefinite path is never asked
                break
    return PathMissing(text, "No results for path: " + render(segments), top)


_JAVA = {
    "string": "com.fasterxml.jackson.databind.node.TextNode",
    "number": "com.fasterxml.jackson.databind.node.IntNode",
    "boolean": "com.fasterxml.jackson.databind.node.BooleanNode",
    "null": "null",
    "array": "com.fasterxml.jackson.databind.node.ArrayNode",
    "object": "com.fasterxml.jackson.databind.node.ObjectNode",
}


def _put(here: Json, segments: tuple[Segment, ...], position: int, value: Json) -> Json:
    if position == len(segments):
        return value
    match segments[position]:
        case Name(name) if isinstance(here, dict):
            copy = here.copy()
            copy[name] = _put(here.get(name, NOTHING), segments, position + 1, value)
            return copy
        case Index(index) if isinstance(here, list) and -len(here) <= index < len(here):
            items = here.copy()
            items[index] = _put(here[index], segments, position + 1, value)
            return items
        case _:
            raise _InTheWay
