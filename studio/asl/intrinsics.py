r"""The 18 intrinsic functions of JSONPath states, from one table that serves evaluator, linter, completion and documentation.

Theory of operation: `States.Format('Hello {}', $.name)` is parsed into a `Call` whose arguments are literals, paths or calls, and
compiled to a closure. A quoted string has the escapes `\'`, `\{`, `\}` and `\\`; in the template of `States.Format` an
escaped brace is not a placeholder. The number of arguments is checked when the call runs, as AWS does; `problems_of` tells the
linter beforehand.

Errors: `SyntaxProblem` when the text is not a call of these functions; at run time always `States.Runtime`, in AWS's words:
`The function '<text>' had the following error: The JsonPath argument for the field '$.x' could not be found in the input '{}'` and
`There was an error while evaluating the intrinsic function: <text>. Invalid arguments in States.ArrayRange`.

Numbers: `States.MathAdd` rounds (halves up), every other function drops the fraction.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from studio.asl import java
from studio.asl.jsonpath import Evaluator, Path, PathMissing, compile_path
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, to_aws_text

MAX_NESTING = 10
"""Levels of calls within calls that AWS allows in one field."""
MAX_TEXT = 10_000
"""Characters `States.Base64Encode`, `States.Base64Decode` and `States.Hash` take."""
MAX_RANGE = 1_000
"""Elements `States.ArrayRange` makes."""


class Argument(NamedTuple):
    """One parameter of an intrinsic function: its name and JSON kind (`any`, `array`, `string`, `number`, `boolean`, `object`)."""

    name: str
    kind: str
    optional: bool = False


class Intrinsic(NamedTuple):
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
    """A function that refuses its arguments. The text is AWS's sentence; empty for `Invalid arguments in <name>`."""


# What the functions do. Arguments have been counted and their kinds checked.


def _array(values: list[Json], _a: Ambient) -> Json:
    return values


def _partition(values: list[Json], _a: Ambient) -> Json:
    items, size = _list(values[0]), _cut(values[1])
    if size < 1:
        raise _Refusal
    return [items[at : at + size] for at in range(0, len(items), size)]


def _contains(values: list[Json], _a: Ambient) -> Json:
    wanted = java.object_text(values[1])
    return any(java.object_text(item) == wanted for item in _list(values[0]))


def _range(values: list[Json], _a: Ambient) -> Json:
    start, stop, step = (_cut(value) for value in values)
    if step == 0:
        raise _Refusal
    made = range(start, stop + (1 if step > 0 else -1), step)
    if len(made) > MAX_RANGE:
        raise _Refusal
    return list(made)


def _item(values: list[Json], _a: Ambient) -> Json:
    items, index = _list(values[0]), _cut(values[1])
    if not items:  # AWS answers null, whatever the index
        return None
    if not 0 <= index < len(items):
        raise _Refusal
    return items[index]


def _length(values: list[Json], _a: Ambient) -> Json:
    return len(_list(values[0]))


def _unique(values: list[Json], _a: Ambient) -> Json:
    return java.hash_set(_list(values[0]))


def _encode(values: list[Json], _a: Ambient) -> Json:
    import base64

    return base64.b64encode(_text(values[0]).encode("utf-8", "surrogatepass")).decode("ascii")


def _decode(values: list[Json], _a: Ambient) -> Json:
    return java.decode_base64(_text(values[0])).decode("utf-8", "replace")


HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def digest(text: str, algorithm: str) -> str:
    """The hexadecimal digest of a text in UTF-8. KeyError where the algorithm is none of `HASHES`."""
    import hashlib

    return hashlib.new(HASHES[algorithm], text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _hash(values: list[Json], _a: Ambient) -> Json:
    data, algorithm = values
    if not isinstance(algorithm, str) or algorithm not in HASHES:
        raise _Refusal
    return digest(_text(java.object_text(data)), algorithm)


def _merge(values: list[Json], _a: Ambient) -> Json:
    first, second, deep = values
    if deep is True:
        raise _Refusal
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    return {**first, **second}


def _to_json(values: list[Json], _a: Ambient) -> Json:
    text = str(values[0])
    if not text.strip():  # AWS answers null
        return None
    try:
        return parse_json(text)
    except ValueError as problem:
        raise _Refusal(f"Cannot convert String to Json in States.StringToJson, caused by: {problem}") from None


def parse_json(text: str) -> Json:
    """JSON as AWS reads it: no NaN or Infinity. ValueError with Jackson's sentence where the text is not JSON."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise ValueError(java.jackson_error(text, problem)) from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _to_text(values: list[Json], _a: Ambient) -> Json:
    return to_aws_text(values[0])


def _random(values: list[Json], ambient: Ambient) -> Json:
    start, stop = _cut(values[0]), _cut(values[1])
    if start >= stop:
        raise _Refusal
    if len(values) == 3:
        return start + int(java.next_double(_cut(values[2])) * (stop - start))
    return ambient.random.randrange(start, stop)


def _add(values: list[Json], _a: Ambient) -> Json:
    first, second = _rounded(values[0]), _rounded(values[1])
    total = first + second
    for number in (first, second, total):
        if not -(2**31) <= number < 2**31:
            raise _Refusal
    return total


def _split(values: list[Json], _a: Ambient) -> Json:
    text, delimiters = str(values[0]), str(values[1])
    pieces = re.split("[" + re.escape(delimiters) + "]", text) if delimiters else [text]
    return [piece for piece in pieces if piece]


def _uuid(_values: list[Json], ambient: Ambient) -> Json:
    return ambient.uuid()


_PLACEHOLDER = re.compile(r"\\(.)|\{\}|([{}])", re.DOTALL)


def _format(values: list[Json], _a: Ambient) -> Json:
    template = format_argument(values[0])
    holes = 0
    for found in _PLACEHOLDER.finditer(template):
        if found[2] is not None:
            missing = "'}' not found for '{'" if found[2] == "{" else "'{' not found for '}'"
            raise _Refusal(f"Invalid template in States.Format: matching {missing}.")
        holes += found[0] == "{}"
    if holes != len(values) - 1:
        raise _Refusal("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.")
    given = iter(values[1:])

    def fill(found: re.Match[str]) -> str:
        if found[1] is None:
            return format_argument(next(given))
        return found[1] if found[1] in "'{}\\" else found[0]

    return _PLACEHOLDER.sub(fill, template)


def format_argument(value: Json) -> str:
    """How a value reads inside `States.Format`: strings as they are, objects as Java prints them (`{a=1}`)."""
    return java.object_text(value)


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def _cut(value: Json) -> int:
    """A number without its fraction, as Java's `(int)` makes it."""
    assert isinstance(value, int | float)
    if isinstance(value, float) and not math.isfinite(value):
        raise _Refusal
    return int(value)


def _rounded(value: Json) -> int:
    if isinstance(value, int):
        return value
    assert isinstance(value, float)
    if not math.isfinite(value):
        raise _Refusal
    return java.round_half_up(value)


def _text(value: Json) -> str:
    assert isinstance(value, str)
    if len(value) > MAX_TEXT:
        raise _Refusal
    return value


def _row(name: str, arguments: str, doc: str, example: str, run: Callable[[list[Json], Ambient], Json], *, more: bool = False) -> Intrinsic:
    """A row, its arguments written `name:kind`, with `?` behind optional ones; `more`: the last may be repeated or left out."""
    parsed = tuple(Argument(*word.rstrip("?").split(":"), optional=word.endswith("?")) for word in arguments.split())
    least = sum(not a.optional for a in parsed)
    return Intrinsic(f"States.{name}", parsed, doc, f"States.{example}", run, least, None if more else len(parsed))


TABLE: dict[str, Intrinsic] = {
    row.name: row
    for row in (
        _row("Format", "template:any value:any?", "The template with each `{}` replaced by the next value.", "Format('Hello {}', $.name)", _format, more=True),
        _row("StringToJson", "text:string", "The value a JSON text describes.", "StringToJson($.text)", _to_json),
        _row("JsonToString", "value:any", "The JSON text of a value.", "JsonToString($.order)", _to_text),
        _row("Array", "value:any?", "An array of its arguments.", "Array($.a, 'b', 3)", _array, more=True),
        _row("ArrayPartition", "array:array size:number", "The array in chunks of `size`.", "ArrayPartition($.items, 4)", _partition),
        _row("ArrayContains", "array:array value:any", "Whether the array holds the value.", "ArrayContains($.items, 5)", _contains),
        _row("ArrayRange", "first:number last:number step:number", "The numbers from `first` to `last`, `step` apart; at most 1,000.", "ArrayRange(1, 9, 2)", _range),
        _row("ArrayGetItem", "array:array index:number", "The element at an index, counted from 0.", "ArrayGetItem($.items, 0)", _item),
        _row("ArrayLength", "array:array", "The number of elements.", "ArrayLength($.items)", _length),
        _row("ArrayUnique", "array:array", "The array without repeated elements.", "ArrayUnique($.items)", _unique),
        _row("Base64Encode", "text:string", "The text in Base64; at most 10,000 characters.", "Base64Encode($.text)", _encode),
        _row("Base64Decode", "text:string", "The text that Base64 encodes; at most 10,000 characters.", "Base64Decode($.base64)", _decode),
        _row("Hash", "data:any algorithm:string", "The digest of the data: MD5, SHA-1, SHA-256, SHA-384 or SHA-512.", "Hash($.text, 'SHA-256')", _hash),
        _row("JsonMerge", "first:object second:object deep:any", "Both objects in one, the second's members winning; `deep` must be false.", "JsonMerge($.a, $.b, false)", _merge),
        _row("MathRandom", "first:number last:number seed:number?", "A random integer from `first` up to but not including `last`.", "MathRandom(1, 100)", _random),
        _row("MathAdd", "a:number b:number", "The sum of two integers.", "MathAdd($.count, 1)", _add),
        _row("StringSplit", "text:string delimiters:string", "The parts of a text between any of the delimiting characters.", "StringSplit($.csv, ',')", _split),
        _row("UUID", "", "A random UUID (version 4).", "UUID()", _uuid),
    )
}  # fmt: skip


# Calls


class Literal(NamedTuple):
    """A string, number, boolean or null; `raw` is a string with its escapes still in it."""

    value: Json
    raw: Json


class Call(NamedTuple):
    """A call; `offset` is where its name begins in the text."""

    name: str
    arguments: tuple[Node, ...]
    offset: int


Node: TypeAlias = "Literal | Path | Call"


def compile_call(text: str) -> Evaluator:
    """Compile an intrinsic call. Raises SyntaxProblem."""
    return _compile(parse_call(text), text)


def parse_call(text: str) -> Call:
    """The call a text is; numbers of arguments are not checked. Raises SyntaxProblem."""
    reader = _Reader(text)
    call = reader.call(1)
    reader.blanks()
    if reader.at < len(text):
        raise reader.problem("nothing may follow the closing parenthesis")
    return call


def problems_of(call: Call) -> list[SyntaxProblem]:
    """Calls with a wrong number of arguments, which AWS accepts in a definition and refuses when they run."""
    row = TABLE[call.name]
    found: list[SyntaxProblem] = []
    if len(call.arguments) < row.least or (row.most is not None and len(call.arguments) > row.most):
        found.append(SyntaxProblem(f"{row.signature} takes {_count(row)}, not {len(call.arguments)}", call.offset))
    for argument in call.arguments:
        if isinstance(argument, Call):
            found.extend(problems_of(argument))
    return found


def paths_of(node: Node) -> list[Path]:
    """Every path among the arguments of a call, at any depth."""
    match node:
        case Call():
            return [path for argument in node.arguments for path in paths_of(argument)]
        case Path():
            return [node]
        case Literal():
            return []


_NAME = re.compile(r"[A-Za-z_][\w.]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = ((re.compile(r"true\b"), True), (re.compile(r"false\b"), False), (re.compile(r"null\b"), None))


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
        if name not in TABLE:
            raise self.problem(f"'{name}' is not an intrinsic function", start)
        if depth > MAX_NESTING:
            raise self.problem(f"more than {MAX_NESTING} nested intrinsic functions", start)
        self.at = found.end()
        if not self.take("("):
            raise self.problem("expected '('")
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.argument(depth))
            while not self.take(")"):
                if not self.take(","):
                    raise self.problem("expected ',' or ')'")
                arguments.append(self.argument(depth))
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
            value = int(number[0]) if number[0].lstrip("-").isdecimal() and len(number[0]) < 100 else float(number[0])
            return Literal(value, value)
        for pattern, constant in _WORDS:
            if found := pattern.match(self.text, self.at):
                self.at = found.end()
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
        try:
            path = compile_path(self.text[start:at].rstrip())
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
            parts = [_compile(each, whole) for each in arguments]
            if name == "States.Format" and arguments and isinstance(arguments[0], Literal):
                raw = arguments[0].raw  # the template keeps its escapes until it is filled
                parts[0] = lambda _d, _c, _v, _a: raw
            return _call(TABLE[name], parts, whole)


def _argument(path: Path, whole: str) -> Evaluator:
    read = path.read

    def argument(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing as missing:
            shown = path.text[1:] if path.root == "$$" else path.text
            reason = missing.reason
            if not missing.not_array:
                reason = f"The JsonPath argument for the field '{shown}' could not be found in the input '{to_aws_text(data)}'"
            raise ExpressionError("States.Runtime", f"The function '{whole}' had the following error: {reason}") from None

    return argument


_TYPES: dict[str, tuple[type, ...]] = {"number": (int, float), "string": (str,), "array": (list,), "object": (dict,), "boolean": (bool,)}


def _call(row: Intrinsic, parts: list[Evaluator], whole: str) -> Evaluator:
    run, name = row.run, row.name
    counted = row.least <= len(parts) and (row.most is None or len(parts) <= row.most)
    checks = [(index, _TYPES[argument.kind]) for index, argument in enumerate(row.arguments[: len(parts)]) if argument.kind != "any"]

    def call(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        values = [part(data, context, variables, ambient) for part in parts]
        try:
            if not counted:
                raise _Refusal  # noqa: TRY301 - one sentence for all refusals
            for index, types in checks:
                if type(values[index]) not in types:
                    raise _Refusal  # noqa: TRY301
            return run(values, ambient)
        except _Refusal as refusal:
            what = str(refusal) or f"Invalid arguments in {name}"
            cause = f"There was an error while evaluating the intrinsic function: {whole}. {what}"
            raise ExpressionError("States.Runtime", cause) from None

    return call
