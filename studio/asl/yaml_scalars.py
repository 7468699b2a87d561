"""YAML scalars as text: plain where every YAML reader takes them for the same string, else quoted."""

from __future__ import annotations

import json
import re
from typing import Literal, TypeAlias

from studio.asl.tree import Json
from studio.asl.yaml_events import resolve

Quote: TypeAlias = Literal["plain", "single", "double"]

_PLAIN_BLOCK = re.compile(r"(?:[^\W\d]|[$./])(?:[\w$./()+=@%\[\]{},;<>?~^-]|:(?=\S)| (?=[^\s#]))*")
_PLAIN_FLOW = re.compile(r"(?:[^\W\d]|[$./])(?:[\w$./()+=@%;-]|:(?=[A-Za-z0-9/_])| (?=[^\s#]))*")
_OTHER_MEANING = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan)|\.[0-9._eE+-]+|---.*|\.\.\..*")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\xa0\xad\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_NOT_LITERAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]| \n|\n\n\n| $")


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Whether a string needs no quotes."""
    pattern = _PLAIN_FLOW if flow else _PLAIN_BLOCK
    if not pattern.fullmatch(text) or text.endswith(":") or _OTHER_MEANING.fullmatch(text):
        return False
    return isinstance(resolve(text), str)


def scalar(value: Json, *, flow: bool = False, quote: Quote = "plain") -> str:
    """The text of a scalar in one line, in the wanted kind of quotes where they will do."""
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "plain" and is_plain(value, flow=flow):
        return value
    if quote != "double" and not _UNPRINTABLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    return double(value)


def double(text: str) -> str:
    """A string in double quotes."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", quoted)


def key(text: str, *, flow: bool = False, quote: Quote = "plain") -> str:
    return scalar(text, flow=flow, quote=quote)


def literal(text: str, indent: str, newline: str) -> str | None:
    """A string as a literal block (`|`), its lines indented; None where that would not read back as the same."""
    if "\n" not in text.rstrip("\n") or _NOT_LITERAL.search(text) or text.startswith((" ", "\n")):
        return None
    body = text.removesuffix("\n")
    if body.endswith("\n"):
        return None
    header = "|" if text.endswith("\n") else "|-"
    return header + newline + newline.join(indent + line if line else "" for line in body.split("\n"))
