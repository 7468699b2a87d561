"""What shows of Java in AWS's answers: texts of doubles and collections, hash order, `java.util.Random`, lenient Base64.

Step Functions runs on the JVM, and recorded answers prove it: `States.ArrayUnique([true,false])` gives `[false,true]` (the order
of a `HashSet`), `States.ArrayContains(["true"], true)` is true (values are compared as texts), `$random(42)` is the first
`nextDouble()` of `java.util.Random(42)`.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

from studio.asl.tree import Json

if TYPE_CHECKING:
    from json import JSONDecodeError


def double_text(value: float) -> str:
    """`Double.toString`: `1.0`, `0.001`, `1.0E7`, `1.0E-4`, `NaN`, `Infinity`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if not value:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    from decimal import Decimal

    if 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text else format(Decimal(text), "f")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits))
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{exponent + len(figures) - 1}"


def object_text(value: Json) -> str:
    """`String.valueOf`: texts bare, `[1, a]`, `{k=v}`."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return double_text(value)
        case list():
            return f"[{', '.join(map(object_text, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}={object_text(item)}" for key, item in value.items()) + "}"


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value


def hash_code(value: Json) -> int:
    """`Object.hashCode` of null, Boolean, Integer or Long, Double, String, List and Map: a signed 32-bit integer."""
    match value:
        case None:
            return 0
        case bool():
            return 1231 if value else 1237
        case int():
            return value if -(2**31) <= value < 2**31 else _signed(value ^ (value >> 32))
        case float():
            bits = struct.unpack(">q", struct.pack(">d", value))[0]
            return _signed(bits ^ (bits >> 32))
        case str():
            code = 0
            for unit in struct.unpack(f"<{len(raw) // 2}H", raw) if (raw := value.encode("utf-16-le", "surrogatepass")) else ():
                code = (31 * code + unit) & 0xFFFFFFFF
            return _signed(code)
        case list():
            code = 1
            for item in value:
                code = (31 * code + hash_code(item)) & 0xFFFFFFFF
            return _signed(code)
        case dict():
            return _signed(sum(hash_code(key) ^ hash_code(item) for key, item in value.items()))


def hash_set(values: list[Json]) -> list[Json]:
    """The distinct values in the order in which `new HashSet<>(values)` iterates."""
    capacity = 16
    while capacity < int(len(values) / 0.75) + 1:
        capacity *= 2
    buckets: dict[int, list[Json]] = {}
    for value in values:
        code = hash_code(value) & 0xFFFFFFFF
        bucket = buckets.setdefault((code ^ (code >> 16)) & (capacity - 1), [])
        if not any(equals(value, known) for known in bucket):
            bucket.append(value)
    return [value for at in sorted(buckets) for value in buckets[at]]


def hash_order(keys: list[str]) -> list[str]:
    """Distinct keys in the order in which a `HashMap` that grew with them iterates."""
    capacity = 16
    while len(keys) > 0.75 * capacity:
        capacity *= 2

    def bucket(key: str) -> int:
        code = hash_code(key) & 0xFFFFFFFF
        return (code ^ (code >> 16)) & (capacity - 1)

    return sorted(keys, key=bucket)


def equals(a: Json, b: Json) -> bool:
    """`Objects.equals`: types count (`1` is not `1.0`), the order of an object's members does not."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        assert isinstance(b, list)
        return len(a) == len(b) and all(map(equals, a, b))
    if isinstance(a, dict):
        assert isinstance(b, dict)
        return len(a) == len(b) and all(key in b and equals(item, b[key]) for key, item in a.items())
    return a == b


def next_double(seed: int) -> float:
    """The first `nextDouble()` of `java.util.Random(seed)`: 42 gives 0.7275636800328681."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)
    parts: list[int] = []
    for bits in (26, 27):
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        parts.append(state >> (48 - bits))
    return ((parts[0] << 27) + parts[1]) / (1 << 53)


def round_half_up(value: float) -> int:
    """`Math.round`: halves go up, so -1.5 becomes -1."""
    return math.floor(value + 0.5)


_NOT_BASE64 = r"[^A-Za-z0-9+/]"


def decode_base64(text: str) -> bytes:
    """Lenient as Commons Codec: other characters are skipped, the URL-safe alphabet is understood, `=` ends the text."""
    import base64

    kept = re.sub(_NOT_BASE64, "", text.split("=", 1)[0].replace("-", "+").replace("_", "/"))
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return base64.b64decode(kept + "=" * (-len(kept) % 4))


HIDDEN = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
"""How Jackson names a source it does not show."""
_EXPECTING = {
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Illegal trailing comma before end of object": "was expecting double-quote to start field name",
}


def jackson_error(text: str, problem: JSONDecodeError) -> str:
    """What Jackson says where Python's JSON reader says `problem`, with the place."""
    return "\n at ".join(jackson(text, problem, HIDDEN))


def jackson(text: str, problem: JSONDecodeError, source: str) -> tuple[str, str]:
    """What Jackson says where Python's JSON reader says `problem`, and its place: `[Source: (String)"…"; line: 1, column: 4]`."""

    def place(at: int) -> str:
        return f"[Source: {source}; line: {1 + text.count(chr(10), 0, at)}, column: {_column(text, at)}]"

    at = problem.pos
    if problem.msg == "Unterminated string starting at":
        named = text[:at].rstrip().endswith(("{", ",")) and (opened := _open_bracket(text[:at])) is not None and text[opened] == "{"
        where = " in field name" if named else ": was expecting closing quote for a string value"
        return f"Unexpected end-of-input{where}", place(len(text))
    if at >= len(text):
        opened = _open_bracket(text)
        kind = {"{": "Object", "[": "Array"}.get(text[opened], "") if opened is not None else ""
        close = f": expected close marker for {kind} (start marker at {place(opened or 0)})" if kind else ""
        return f"Unexpected end-of-input{close}", place(at)
    if problem.msg.startswith("Invalid control character"):
        says = f"Illegal unquoted character ((CTRL-CHAR, code {ord(text[at])})): has to be escaped using backslash to be included in string value"
        return says, place(at + 1)
    if problem.msg.startswith("Invalid \\escape") and at + 1 < len(text):
        return f"Unrecognized character escape '{text[at + 1]}' (code {ord(text[at + 1])})", place(at + 2)
    word = re.compile(r"[^\W\d]\w*").match(text, at)
    if problem.msg == "Expecting value" and word is not None:
        says = f"Unrecognized token '{word[0]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        return says, place(at + len(word[0]))
    if problem.msg == "Expecting ',' delimiter":
        opened = _open_bracket(text[:at])
        kind = "Array" if opened is not None and text[opened] == "[" else "Object"
        expecting = f"was expecting comma to separate {kind} entries"
    else:
        expecting = _EXPECTING.get(
            problem.msg, "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        )
    return f"Unexpected character ('{text[at]}' (code {ord(text[at])})): {expecting}", place(at)


def request_error(text: str) -> str | None:
    """What Lambda says of a request whose payload is not JSON; None where it is."""
    import json

    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        said = "\n at ".join(jackson(text, problem, f'(byte[])"{text[:500]}"'))
        return f"Could not parse payload into json: {said}"
    except RecursionError:
        return "Could not parse payload into json: the JSON is nested too deeply"
    return None


def _column(text: str, at: int) -> int:
    return at - (text.rfind("\n", 0, at) + 1) + 1


def _open_bracket(text: str) -> int | None:
    """The innermost bracket that is still open at the end of a JSON text."""
    stack: list[int] = []
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text, re.DOTALL):
        if found[0] in {"{", "["}:
            stack.append(found.start())
        elif found[0] in {"}", "]"} and stack:
            stack.pop()
    return stack[-1] if stack else None
