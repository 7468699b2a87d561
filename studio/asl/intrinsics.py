"""The 18 intrinsic functions of JSONPath states, from one table that serves evaluator, linter, completion and documentation.

What the functions do; `intrinsic_calls` reads a call of them and compiles it. The table's functions get arguments that have been counted
and are of their kinds.

Errors: `Refusal`, which the call makes `States.Runtime` with AWS's sentence.

Numbers: `States.MathAdd` rounds (halves up), every other function drops the fraction.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import NamedTuple

from studio.asl import java
from studio.asl.tree import Json
from studio.asl.values import Ambient, to_aws_text

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


class Refusal(Exception):  # noqa: N818 - a call answers it as States.Runtime
    """A function that refuses its arguments. The text is AWS's sentence; empty for `Invalid arguments in <name>`."""


# What the functions do. Arguments have been counted and their kinds checked.


def _array(values: list[Json], _a: Ambient) -> Json:
    return values


def _partition(values: list[Json], _a: Ambient) -> Json:
    items, size = _list(values[0]), _cut(values[1])
    if size < 1:
        raise Refusal
    return [items[at : at + size] for at in range(0, len(items), size)]


def _contains(values: list[Json], _a: Ambient) -> Json:
    wanted = java.object_text(values[1])
    return any(java.object_text(item) == wanted for item in _list(values[0]))


def _range(values: list[Json], _a: Ambient) -> Json:
    start, stop, step = (_cut(value) for value in values)
    if step == 0:
        raise Refusal
    made = range(start, stop + (1 if step > 0 else -1), step)
    if len(made) > MAX_RANGE:
        raise Refusal
    return list(made)


def _item(values: list[Json], _a: Ambient) -> Json:
    items, index = _list(values[0]), _cut(values[1])
    if not items:  # AWS answers null, whatever the index
        return None
    if not 0 <= index < len(items):
        raise Refusal
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
        raise Refusal
    return digest(_text(java.object_text(data)), algorithm)


def _merge(values: list[Json], _a: Ambient) -> Json:
    first, second, deep = values
    if deep is True:
        raise Refusal
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
        raise Refusal(f"Cannot convert String to Json in States.StringToJson, caused by: {problem}") from None


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
        raise Refusal
    if len(values) == 3:
        return start + int(java.next_double(_cut(values[2])) * (stop - start))
    return ambient.random.randrange(start, stop)


def _add(values: list[Json], _a: Ambient) -> Json:
    first, second = _rounded(values[0]), _rounded(values[1])
    total = first + second
    for number in (first, second, total):
        if not -(2**31) <= number < 2**31:
            raise Refusal
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
            raise Refusal(f"Invalid template in States.Format: matching {missing}.")
        holes += found[0] == "{}"
    if holes != len(values) - 1:
        raise Refusal("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.")
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
        raise Refusal
    return int(value)


def _rounded(value: Json) -> int:
    if isinstance(value, int):
        return value
    assert isinstance(value, float)
    if not math.isfinite(value):
        raise Refusal
    return java.round_half_up(value)


def _text(value: Json) -> str:
    assert isinstance(value, str)
    if len(value) > MAX_TEXT:
        raise Refusal
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
