"""JSONPath as Step Functions reads it: reference paths compiled to closures, full paths after Jayway's rules.

Theory of operation: a path has a root (`$` the payload, `$$` the context object, `$name` a variable) and steps. When every step is a
name or an index the path is *definite*: it reads one value, and compiles to a closure that subscripts without a loop; only a miss
walks again, slowly, to say what Jayway would say (`Missing property in path $['a']`). Anything else (wildcard, slice, union, filter,
`..`, functions) makes it *indefinite*: its result is a list, empty where nothing matches. Definite paths are recognised here; the
grammar and evaluation of the others are loaded when the first one is met.

Errors: `SyntaxProblem` when the text is not a path; `PathMissing` (an `ExpressionError`) when a definite path finds nothing.

Spec: https://states-language.net/spec.html#path, https://github.com/json-path/JsonPath
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, cast

from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient, Context, ExpressionError, SyntaxProblem, Variables, kind_of, to_aws_text

Evaluator: TypeAlias = Callable[[Json, Context, Variables, Ambient], Json]
"""What every JSONPath-side expression compiles to: `(data, context, variables, ambient) -> value`; raises ExpressionError."""
Steps: TypeAlias = tuple[str | int, ...]

NOTHING: dict[str, Json] = {}


class PathMissing(ExpressionError):  # noqa: N818 - a fact about data, told in many ways
    """A definite path that finds nothing: `path` is its text, `reason` Jayway's sentence, `data` what it was applied to.

    `outside`: the last index lies outside its list, which AWS reads as null in payload templates. `not_array`: an index met
    something else than a list; AWS then shows Jayway's own sentence.
    """

    def __init__(self, path: str, reason: str, data: Json, *, outside: bool = False, not_array: bool = False) -> None:
        super().__init__("States.Runtime", f"Invalid path '{path}' : {reason}")
        self.path = path
        self.reason = reason
        self.data = data
        self.outside = outside
        self.not_array = not_array


class Path(NamedTuple):
    """A compiled path. `read` is the closure itself; calling the object is the same with convenient defaults."""

    text: str
    root: str
    """`$`, `$$`, or `$name` of a variable."""
    steps: Steps
    """The names and indexes it begins with: all of it where it is definite."""
    definite: bool
    read: Evaluator

    def __call__(self, data: Json, context: Context = NOTHING, variables: Variables = NOTHING, ambient: Ambient = NOWHERE) -> Json:
        return self.read(data, context, variables, ambient)


class Reference(Path):
    """A reference path: only names and indexes, so it can be written to."""

    __slots__ = ()

    def write(self, data: Json, value: Json) -> Json:
        """`data` with `value` at this path; everything else is shared with `data`. Missing objects on the way are made.

        Errors: `States.ResultPathMatchFailure` where something other than an object (or a list, for an index) is in the way,
        and where an index is outside its list.
        """
        try:
            return _put(data, self.steps, 0, value)
        except _InTheWay:
            cause = f"Unable to apply ReferencePath {self.text} to input {to_aws_text(data)}"
            raise ExpressionError("States.ResultPathMatchFailure", cause) from None


class _InTheWay(Exception):  # noqa: N818 - never leaves this module
    pass


_DEFINITE = re.compile(r"(\$\$?|\$(?:[A-Za-z_]|[^\x00-\x7f])\w*)((?:\.[^.\[( '\"*]+|\['[^'\\]*'\]|\[\"[^\"\\]*\"\]|\[-?\d{1,9}\])*)")
_STEP = re.compile(r"\.([^.\[]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(-?\d+)\]")


def compile_path(text: str) -> Path:
    """Compile any path. Raises SyntaxProblem."""
    plain = _DEFINITE.fullmatch(text)
    if plain is not None:
        steps: Steps = tuple(int(index) if index else a or b or c for a, b, c, index in _STEP.findall(plain[2]))
        return Reference(text, plain[1], steps, True, _reader(text, plain[1], steps))
    from studio.asl.jsonpath_query import compile_query
    from studio.asl.jsonpath_syntax import parse, plain_steps

    root, segments = parse(text)
    steps = plain_steps(segments)
    if len(steps) == len(segments):
        return Reference(text, root, steps, True, _reader(text, root, steps))
    return Path(text, root, steps, False, compile_query(text, segments, base_of(text, root)))


def compile_reference(text: str) -> Reference:
    """Compile a path that must be a reference path (ResultPath, ItemsPath, Variable…). Raises SyntaxProblem."""
    path = compile_path(text)
    if not isinstance(path, Reference):
        raise SyntaxProblem(f"'{text}' is not a reference path: only names and single indexes are allowed here", 0)
    return path


def base_of(text: str, root: str) -> Evaluator:
    """What reads the root of a path. An undefined variable is a PathMissing."""
    if root == "$":
        return lambda data, _c, _v, _a: data
    if root == "$$":
        return lambda _d, context, _v, _a: cast("Json", context)
    variable = root[1:]

    def base(data: Json, _c: Context, variables: Variables, _a: Ambient) -> Json:
        if variable in variables:
            return variables[variable]
        raise PathMissing(text, f"Variable '{root}' is not defined", data)

    return base


def _reader(text: str, root: str, steps: Steps) -> Evaluator:
    """A closure for a definite path."""
    names = [step for step in steps if isinstance(step, str)]
    if len(names) < len(steps):
        return _indexed_reader(text, root, steps)
    return _payload_reader(text, names) if root == "$" else _named_reader(text, root, names)


def _payload_reader(text: str, names: list[str]) -> Evaluator:
    # Unrolled: a subscript costs some 20 ns, a loop over names several times that. Strings and lists do not take a name as a
    # subscript (TypeError), so the happy path needs no type checks.
    steps = tuple(names)
    match names:
        case []:
            return lambda data, _c, _v, _a: data
        case [a]:

            def one(data: Any, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a]
                except (KeyError, TypeError):
                    raise explain(text, steps, data) from None

            return one
        case [a, b]:

            def two(data: Any, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a][b]
                except (KeyError, TypeError):
                    raise explain(text, steps, data) from None

            return two
        case [a, b, c]:

            def three(data: Any, _c: Context, _v: Variables, _a: Ambient) -> Json:
                try:
                    return data[a][b][c]
                except (KeyError, TypeError):
                    raise explain(text, steps, data) from None

            return three
        case _:
            return _named_reader(text, "$", names)


def _named_reader(text: str, root: str, names: list[str]) -> Evaluator:
    base = base_of(text, root)
    steps = tuple(names)

    def read(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        top: Any = base(data, context, variables, ambient)
        here = top
        try:
            for name in names:
                here = here[name]
        except (KeyError, TypeError):
            raise explain(text, steps, top) from None
        return here

    return read


def _indexed_reader(text: str, root: str, steps: Steps) -> Evaluator:
    base = base_of(text, root)

    def read(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        here = top = base(data, context, variables, ambient)
        for step in steps:
            if isinstance(step, str):
                if isinstance(here, dict) and step in here:
                    here = here[step]
                    continue
            elif isinstance(here, list) and -len(here) <= step < len(here):
                here = here[step]
                continue
            raise explain(text, steps, top)
        return here

    return read


def shown(steps: Steps) -> str:
    """Jayway's own form of a definite path: `$['a'][0]`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps)


def explain(text: str, steps: Steps, top: Json) -> PathMissing:
    """Why a definite path finds nothing in `top`, in Jayway's words."""
    here = top
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        upto = shown(steps[:position])
        if isinstance(step, str):
            if not isinstance(here, dict):
                reason = (
                    f"Expected to find an object with property ['{step}'] in path {upto} but found '{_JAVA[kind_of(here)]}'. This is not "
                    f"a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
                )
                return PathMissing(text, reason, top)
            if step not in here:
                what = "No results for path: " if last else "Missing property in path "
                return PathMissing(text, what + shown(steps[: position + 1]), top)
            here = here[step]
        else:
            if here is None:
                return PathMissing(text, f"The path {upto} is null", top)
            if not isinstance(here, list):
                reason = f"Filter: [{step}] can only be applied to arrays. Current context is: {to_aws_text(here)}"
                return PathMissing(text, reason, top, not_array=True)
            if not -len(here) <= step < len(here):
                return PathMissing(text, "No results for path: " + shown(steps), top, outside=last)
            here = here[step]
    return PathMissing(text, "No results for path: " + shown(steps), top)


_JAVA = {
    "string": "com.fasterxml.jackson.databind.node.TextNode",
    "number": "com.fasterxml.jackson.databind.node.IntNode",
    "boolean": "com.fasterxml.jackson.databind.node.BooleanNode",
    "null": "null",
    "array": "com.fasterxml.jackson.databind.node.ArrayNode",
    "object": "com.fasterxml.jackson.databind.node.ObjectNode",
}


def _put(here: Json, steps: Steps, position: int, value: Json) -> Json:
    if position == len(steps):
        return value
    match steps[position]:
        case str(name) if isinstance(here, dict):
            copy = here.copy()
            copy[name] = _put(here.get(name, NOTHING), steps, position + 1, value)
            return copy
        case int(index) if isinstance(here, list) and -len(here) <= index < len(here):
            items = here.copy()
            items[index] = _put(here[index], steps, position + 1, value)
            return items
        case _:
            raise _InTheWay
