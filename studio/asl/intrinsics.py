"""The 18 intrinsic functions of JSONPath states, from one table that serves evaluator, linter, completion and documentation.

Theory of operation: `States.Format('Hello {}', $.name)` is parsed into a `Call` whose arguments are literals, paths or calls, checked
against `TABLE` for arity, and compiled to a closure. A quoted string has the escapes `\\'`, `\\{`, `\\}` and `\\\\`; in
the template of `States.Format` an escaped brace is not a placeholder.

Errors: `SyntaxProblem` when the text is not a call; `States.Runtime` when a path argument finds nothing; `States.IntrinsicFailure`
when a function refuses its arguments. Causes read as AWS's: `The function '<text>' had the following error: …`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from studio.asl.jsonpath import Evaluator, Path, PathMissing, compile_path
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, is_number, kind_of, same, to_aws_text

MAX_NESTING = 10
"""Levels of calls within calls that AWS allows in one field."""
MAX_TEXT = 10_000
"""Characters `States.Base64Encode`, `States.Base64Decode` and `States.Hash` take."""
MAX_RANGE = 1_000
"""Elements `States.ArrayRange` makes."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of an intrinsic function: its name and JSON kind (`any`, `array`, `string`, `number`, `boolean`, `object`)."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A row of the table. `least` and `most` are the numbers of arguments it takes (`most` None: any number)."""

    name: str
    arguments: tuple[Argument, ...]
    doc: str
    example: str
    run: Callable[[list[Json], Ambient], Json]
    least: int
    most: int | None

    @property
    def signature(self) -> str:
        shown = [f"[{a.name}]" if a.optional else a.name for a in self.arguments]
        return f"{self.name}({', '.join([*shown, '…'] if self.most is None else shown)})"

    @property
    def arity(self) -> tuple[int, int | None]:
        return self.least, self.most


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    """A function that refuses its arguments, with the reason."""


# What the functions do. Arguments have been counted, not yet checked.


def _kind(value: Json, kind: str, name: str) -> None:
    if kind != "any" and kind_of(value) != kind:
        raise _Refusal(f"Invalid arguments in {name}")


def _array(values: list[Json], _a: Ambient) -> Json:
    return values


def _partition(values: list[Json], _a: Ambient) -> Json:
    items, size = _list(values[0]), _whole(values[1])
    if size < 1:
        raise _Refusal("Invalid arguments in States.ArrayPartition: chunk size must be a non-zero, positive integer")
    return [items[at : at + size] for at in range(0, len(items), size)]


def _contains(values: list[Json], _a: Ambient) -> Json:
    wanted = values[1]
    return any(same(item, wanted) for item in _list(values[0]))


def _range(values: list[Json], _a: Ambient) -> Json:
    start, stop, step = (_whole(value) for value in values)
    if step == 0:
        raise _Refusal("Invalid arguments in States.ArrayRange: step must be a non-zero integer")
    made = range(start, stop + (1 if step > 0 else -1), step)
    if len(made) > MAX_RANGE:
        raise _Refusal(f"Invalid arguments in States.ArrayRange: the array may not have more than {MAX_RANGE} elements")
    return list(made)


def _item(values: list[Json], _a: Ambient) -> Json:
    items, index = _list(values[0]), _whole(values[1])
    if not 0 <= index < len(items):
        raise _Refusal(f"Invalid arguments in States.ArrayGetItem: index {index} is out of bounds for an array of length {len(items)}")
    return items[index]


def _length(values: list[Json], _a: Ambient) -> Json:
    return len(_list(values[0]))


def _unique(values: list[Json], _a: Ambient) -> Json:
    kept: list[Json] = []
    seen: set[str] = set()
    for item in _list(values[0]):
        key = to_aws_text(_canonical(item))
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _canonical(value: Json) -> Json:
    """A form in which equal values have equal texts: keys sorted, whole doubles as integers."""
    if isinstance(value, dict):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _encode(values: list[Json], _a: Ambient) -> Json:
    return base64.b64encode(_text(values[0], "States.Base64Encode").encode("utf-8", "surrogatepass")).decode("ascii")


def _decode(values: list[Json], _a: Ambient) -> Json:
    try:
        return base64.b64decode(_text(values[0], "States.Base64Decode"), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise _Refusal("Invalid arguments in States.Base64Decode: the text is not Base64") from None


HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def digest(text: str, algorithm: str) -> str:
    """The hexadecimal digest of a text in UTF-8. KeyError where the algorithm is none of `HASHES`."""
    return hashlib.new(HASHES[algorithm], text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _hash(values: list[Json], _a: Ambient) -> Json:
    data, algorithm = values
    text = data if isinstance(data, str) else to_aws_text(data)
    if len(text) > MAX_TEXT:
        raise _Refusal(f"Invalid arguments in States.Hash: the data may not have more than {MAX_TEXT} characters")
    if algorithm not in HASHES or not isinstance(algorithm, str):
        raise _Refusal(f"Invalid arguments in States.Hash: the algorithm must be one of {', '.join(HASHES)}")
    return digest(text, algorithm)


def _merge(values: list[Json], _a: Ambient) -> Json:
    first, second, deep = values
    if deep is not False:
        raise _Refusal("Invalid arguments in States.JsonMerge: only shallow merging is supported, the third argument must be false")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    return {**first, **second}


def _to_json(values: list[Json], _a: Ambient) -> Json:
    try:
        return parse_json(str(values[0]))
    except ValueError as problem:
        raise _Refusal(f"Invalid arguments in States.StringToJson: {problem}") from None


def parse_json(text: str) -> Json:
    """JSON as AWS reads it: no NaN or Infinity. ValueError with a sentence where the text is not JSON."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _to_text(values: list[Json], _a: Ambient) -> Json:
    return to_aws_text(values[0])


def _random(values: list[Json], ambient: Ambient) -> Json:
    start, stop = _whole(values[0]), _whole(values[1])
    if start >= stop:
        raise _Refusal("Invalid arguments in States.MathRandom: the first number must be less than the second")
    if len(values) == 3:
        return start + int(java_random(_whole(values[2])) * (stop - start))
    return ambient.random.randrange(start, stop)


def java_random(seed: int) -> float:
    """The first `nextDouble()` of `java.util.Random(seed)`: 42 gives 0.7275636800328681."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)
    parts: list[int] = []
    for bits in (26, 27):
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        parts.append(state >> (48 - bits))
    return ((parts[0] << 27) + parts[1]) / (1 << 53)


def _add(values: list[Json], _a: Ambient) -> Json:
    total = _whole(values[0]) + _whole(values[1])
    if not -(2**31) <= total < 2**31:
        raise _Refusal("Invalid arguments in States.MathAdd: the sum is outside the range of 32-bit integers")
    return total


def _split(values: list[Json], _a: Ambient) -> Json:
    text, delimiters = str(values[0]), str(values[1])
    if not delimiters:
        return [text]
    return [piece for piece in re.split("[" + re.escape(delimiters) + "]", text) if piece]


def _uuid(_values: list[Json], ambient: Ambient) -> Json:
    return ambient.uuid()


PLACEHOLDER = re.compile(r"\\(.)|\{\}|([{}])", re.DOTALL)


def _format(values: list[Json], _a: Ambient) -> Json:
    template, given = values[0], iter(values[1:])
    if not isinstance(template, str):
        raise _Refusal("Invalid arguments in States.Format: the template must be a string")
    if _holes(template) != len(values) - 1:
        raise _Refusal("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}")

    def fill(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1] if found[1] in "'{}\\" else found[0]
        if found[2] is not None:
            raise _Refusal("Invalid template in States.Format: matching '}' not found for '{'.")
        return format_argument(next(given))

    return PLACEHOLDER.sub(fill, template)


def _holes(template: str) -> int:
    return sum(1 for found in PLACEHOLDER.finditer(template) if found[0] == "{}")


def format_argument(value: Json) -> str:
    """How a value reads inside `States.Format`: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else to_aws_text(value)


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def _whole(value: Json) -> int:
    """A number rounded as Java's `Math.round`: halves go up (-1.5 becomes -1)."""
    assert isinstance(value, int | float)
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        raise _Refusal("Invalid arguments: a number is too large")
    return math.floor(value + 0.5)


def _text(value: Json, name: str) -> str:
    assert isinstance(value, str)
    if len(value) > MAX_TEXT:
        raise _Refusal(f"Invalid arguments in {name}: the text may not have more than {MAX_TEXT} characters")
    return value


def _row(name: str, arguments: str, doc: str, example: str, run: Callable[[list[Json], Ambient], Json], *, more: bool = False) -> Intrinsic:
    """A row, its arguments written `name:kind`, with `?` behind optional ones; `more`: the last may be repeated or left out."""
    parsed = tuple(Argument(*word.rstrip("?").split(":"), optional=word.endswith("?")) for word in arguments.split())
    least = sum(not a.optional for a in parsed)
    return Intrinsic(f"States.{name}", parsed, doc, example, run, least, None if more else len(parsed))


TABLE: dict[str, Intrinsic] = {
    row.name: row
    for row in (
        _row(
            "Format",
            "template:any value:any?",
            "The template with each `{}` replaced by the next value.",
            "States.Format('Hello {}', $.name)",
            _format,
            more=True,
        ),
        _row("StringToJson", "text:string", "The value a JSON text describes.", "States.StringToJson($.text)", _to_json),
        _row("JsonToString", "value:any", "The JSON text of a value.", "States.JsonToString($.order)", _to_text),
        _row("Array", "value:any?", "An array of its arguments.", "States.Array($.a, 'b', 3)", _array, more=True),
        _row(
            "ArrayPartition", "array:array size:number", "The array in chunks of `size`.", "States.ArrayPartition($.items, 4)", _partition
        ),
        _row("ArrayContains", "array:array value:any", "Whether the array holds the value.", "States.ArrayContains($.items, 5)", _contains),
        _row(
            "ArrayRange",
            "first:number last:number step:number",
            "The numbers from `first` to `last`, `step` apart (at most 1,000).",
            "States.ArrayRange(1, 9, 2)",
            _range,
        ),
        _row("ArrayGetItem", "array:array index:number", "The element at an index from 0.", "States.ArrayGetItem($.items, 0)", _item),
        _row("ArrayLength", "array:array", "The number of elements.", "States.ArrayLength($.items)", _length),
        _row("ArrayUnique", "array:array", "The array without repeated elements.", "States.ArrayUnique($.items)", _unique),
        _row("Base64Encode", "text:string", "The text in Base64 (at most 10,000 characters).", "States.Base64Encode($.text)", _encode),
        _row(
            "Base64Decode",
            "text:string",
            "The text that Base64 encodes (at most 10,000 characters).",
            "States.Base64Decode($.base64)",
            _decode,
        ),
        _row(
            "Hash",
            "data:any algorithm:string",
            "The digest of the data: MD5, SHA-1, SHA-256, SHA-384 or SHA-512.",
            "States.Hash($.text, 'SHA-256')",
            _hash,
        ),
        _row(
            "JsonMerge",
            "first:object second:object deep:boolean",
            "Both objects in one, the second's members winning; `deep` must be false.",
            "States.JsonMerge($.a, $.b, false)",
            _merge,
        ),
        _row(
            "MathRandom",
            "first:number last:number seed:number?",
            "A random integer from `first` up to but not including `last`.",
            "States.MathRandom(1, 100)",
            _random,
        ),
        _row("MathAdd", "a:number b:number", "The sum of two integers.", "States.MathAdd($.count, 1)", _add),
        _row(
            "StringSplit",
            "text:string delimiters:string",
            "The parts of a text between any of the delimiting characters.",
            "States.StringSplit($.csv, ',')",
            _split,
        ),
        _row("UUID", "", "A random UUID (version 4).", "States.UUID()", _uuid),
    )
}


# Calls


@dataclass(frozen=True, slots=True)
class Literal:
    value: Json
    """The string, number, boolean or null; a string keeps its escapes (`raw` has them removed)."""
    raw: Json


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]
    offset: int


Node: TypeAlias = "Literal | Path | Call"


def compile_call(text: str) -> Evaluator:
    """Compile an intrinsic call. Raises SyntaxProblem."""
    return _compile(parse_call(text), text)


def parse_call(text: str) -> Call:
    """The call a text is, its names and numbers of arguments checked against `TABLE`. Raises SyntaxProblem."""
    reader = _Reader(text)
    call = reader.call(1)
    reader.blanks()
    if reader.at < len(text):
        raise reader.problem("nothing may follow the closing parenthesis")
    return call


def paths_of(node: Node) -> list[Path]:
    """Every path among the arguments of a call, at any depth."""
    match node:
        case Call():
            return [path for argument in node.arguments for path in paths_of(argument)]
        case Path():
            return [node]
        case Literal():
            return []


_NAME = re.compile(r"States\.\w+|[A-Za-z_][\w.]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def problem(self, what: str, at: int | None = None) -> SyntaxProblem:
        offset = self.at if at is None else at
        where = "at the end" if offset >= len(self.text) else f"at character {offset + 1}"
        return SyntaxProblem(f"{what[:1].upper()}{what[1:]} {where} of '{self.text}'", offset)

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def take(self, char: str) -> bool:
        self.blanks()
        if self.text.startswith(char, self.at):
            self.at += len(char)
            return True
        return False

    def call(self, depth: int) -> Call:
        self.blanks()
        start = self.at
        found = _NAME.match(self.text, start)
        if found is None:
            raise self.problem("expected the name of a function")
        name = found[0]
        row = TABLE.get(name)
        if row is None:
            raise self.problem(f"'{name}' is not an intrinsic function", start)
        if depth > MAX_NESTING:
            raise self.problem(f"more than {MAX_NESTING} nested intrinsic functions", start)
        self.at = found.end()
        if not self.take("("):
            raise self.problem("expected '('")
        arguments: list[Node] = []
        if not self.take(")"):
            while True:
                arguments.append(self.argument(depth))
                if self.take(")"):
                    break
                if not self.take(","):
                    raise self.problem("expected ',' or ')'")
        if len(arguments) < row.least or (row.most is not None and len(arguments) > row.most):
            raise self.problem(f"{row.signature} takes {_count(row)}, not {len(arguments)},", start)
        return Call(name, tuple(arguments), start)

    def argument(self, depth: int) -> Node:
        self.blanks()
        if self.at >= len(self.text):
            raise self.problem("expected an argument")
        char = self.text[self.at]
        if char == "'":
            return self.string()
        if char == "$":
            return self.path()
        number = _NUMBER.match(self.text, self.at)
        if number is not None:
            self.at = number.end()
            value = int(number[0]) if re.fullmatch(r"-?\d+", number[0]) else float(number[0])
            return Literal(value, value)
        for word, constant in (("true", True), ("false", False), ("null", None)):
            if re.compile(word + r"\b").match(self.text, self.at):
                self.at += len(word)
                return Literal(constant, constant)
        return self.call(depth + 1)

    def string(self) -> Literal:
        start = self.at + 1
        at = start
        while at < len(self.text) and self.text[at] != "'":
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise self.problem("this quote is not closed", start - 1)
        self.at = at + 1
        raw = self.text[start:at]
        return Literal(re.sub(r"\\(['{}\\])", r"\1", raw), raw)

    def path(self) -> Path:
        """A path ends at the first ',' or ')' outside brackets, quotes and its own parentheses."""
        start = at = self.at
        depth = 0
        while at < len(self.text):
            char = self.text[at]
            if depth == 0 and char in ",)":
                break
            if char in "'\"" and depth:
                at = self.text.find(char, at + 1)
                if at < 0:
                    raise self.problem("this path is not closed", start)
            elif char in "[(":
                depth += 1
            elif char in "])":
                depth -= 1
            at += 1
        text = self.text[start:at].rstrip()
        try:
            path = compile_path(text)
        except SyntaxProblem as problem:
            raise SyntaxProblem(problem.message, start + problem.offset) from None
        self.at = at
        return path


def _count(row: Intrinsic) -> str:
    if row.most is None:
        return f"at least {row.least} argument{'' if row.least == 1 else 's'}"
    if row.least != row.most:
        return f"{row.least} or {row.most} arguments"
    return {0: "no arguments", 1: "one argument"}.get(row.least, f"{row.least} arguments")


def _compile(node: Node, whole: str) -> Evaluator:
    match node:
        case Literal(value):
            return lambda _d, _c, _v, _a: value
        case Path():
            return _argument(node, whole)
        case Call(name, arguments):
            row = TABLE[name]
            parts = [_compile(each, whole) for each in arguments]
            if name == "States.Format" and isinstance(arguments[0], Literal):  # its template keeps `\{` until it is filled
                raw = arguments[0].raw
                parts[0] = lambda _d, _c, _v, _a: raw
            return _call(row, parts, whole)


def _argument(path: Path, whole: str) -> Evaluator:
    read = path.read

    def argument(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing:
            shown = path.text[1:] if path.root == "$$" else path.text
            cause = (
                f"The function '{whole}' had the following error: The JsonPath argument for the field '{shown}' "
                f"could not be found in the input '{to_aws_text(data)}'"
            )
            raise ExpressionError("States.Runtime", cause) from None

    return argument


def _call(row: Intrinsic, parts: list[Evaluator], whole: str) -> Evaluator:
    run, kinds = row.run, [argument.kind for argument in row.arguments]
    checks = [(index, kind) for index, kind in enumerate(kinds) if kind != "any"]
    name = row.name

    def call(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        values = [part(data, context, variables, ambient) for part in parts]
        try:
            for index, kind in checks:
                if index < len(values):
                    _kind(values[index], kind, name)
            return run(values, ambient)
        except _Refusal as refusal:
            raise ExpressionError("States.IntrinsicFailure", f"The function '{whole}' had the following error: {refusal}") from None

    return call


def is_call(text: str) -> bool:
    """Whether the value of a `.$` field is meant as an intrinsic call (a path begins with `$`)."""
    return not text.startswith("$")


def number_like(value: Json) -> bool:
    return is_number(value)
