"""The functions AWS adds to JSONata or that need the ambient world, with documentation; error texts as AWS prints them.

Theory of operation: the library's host functions cannot return "nothing", so each function is a small JSONata lambda around a host
function: `$range := function($a,$b,$c){ $__range({"a":$a,"b":$b,"c":$c}).v }`. The object leaves out what is undefined, and a host
that answers `{}` makes the call undefined. A lambda is only added to expressions that call it.

`$eval` is taken away: it answers as an unknown function. `$now` and `$millis` tell the ambient's time.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from studio.asl import java
from studio.asl.intrinsics import HASHES, digest, parse_json
from studio.asl.jsonata_analysis import References
from studio.asl.jsonata_errors import ARITY, MEMORY, mismatch
from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient, is_number

MAX_RANGE = 360_145
"""Elements `$range` makes on AWS before its memory limit."""
MAX_PADDED = 6_990_256
"""Characters `$pad` makes: the bytes one value may have on AWS."""

Given: TypeAlias = dict[str, Json]
"""The arguments a host function gets, by the letters of its lambda; an undefined one is not there."""
Made: TypeAlias = dict[str, Json]
"""What a host function answers: `{"v": value}`, or `{}` for undefined."""


class _Call(threading.local):
    """The ambient of the evaluation under way in this thread."""

    ambient: Ambient = NOWHERE


CALL = _Call()


@dataclass(frozen=True, slots=True)
class Added:
    """A function: its JSON kinds by letter, the least number of arguments, what it does, its documentation."""

    name: str
    kinds: tuple[str, ...]
    least: int
    run: Callable[[Given], Made]
    signature: str
    doc: str
    ambient: bool = False

    def host(self, given: Given) -> Made:
        """The host function: checks the arguments as JSONata's signatures do, then runs."""
        for index, kind in enumerate(self.kinds):
            letter = "abcd"[index]
            if letter not in given:
                if index < self.least:
                    raise ValueError(mismatch(self.name, index + 1))
                continue
            value = given[letter]
            if kind == "array" and not isinstance(value, list):
                raise ValueError(f'T0412: Argument {index + 1} of function "{self.name}" must be an array of undefined')
            if (kind == "number" and not is_number(value)) or (kind == "string" and not isinstance(value, str)):
                raise ValueError(mismatch(self.name, index + 1))
        return self.run(given)

    @property
    def prelude(self) -> str:
        letters = "abcd"[: len(self.kinds)]
        parameters = ",".join(f"${letter}" for letter in letters)
        members = ",".join(f'"{letter}":${letter}' for letter in letters)
        return f"${self.name} := function({parameters}){{ $__{self.name}({{{members}}}).v }};"


def _number(value: Json) -> float:
    assert isinstance(value, int | float)
    return value


def _partition(given: Given) -> Made:
    items = given.get("a")
    if not isinstance(items, list) or not items:
        return {}
    if "b" not in given:
        return {"v": [items]}
    size = int(_number(given["b"]))
    if size < 0:
        raise ValueError("D3137: Second argument must be zero or greater")
    return {"v": [items[at : at + size] for at in range(0, len(items), size)]} if size else {}


def _range(given: Given) -> Made:
    if len(given) < 3:
        return {}
    start, stop, step = (int(_number(given[letter])) for letter in "abc")
    if step == 0:
        return {}
    made = range(start, stop + (1 if step > 0 else -1), step)
    if len(made) > MAX_RANGE:
        raise ValueError(MEMORY)
    if len(made) <= 1:
        return {"v": made[0]} if made else {}
    return {"v": list(made)}


def _hash(given: Given) -> Made:
    if "b" not in given:
        return {}
    algorithm = str(given["b"])
    if algorithm not in HASHES:
        raise ValueError(f"D3137: Hash algorithm '{algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5")
    return {"v": digest(str(given["a"]), algorithm)}


def _random(given: Given) -> Made:
    return {"v": java.next_double(int(_number(given["a"]))) if "a" in given else CALL.ambient.random.random()}


def _uuid(_given: Given) -> Made:
    return {"v": CALL.ambient.uuid()}


def _parse(given: Given) -> Made:
    if "a" not in given:
        return {}
    try:
        return {"v": parse_json(str(given["a"]))}
    except ValueError:
        raise ValueError("D3137: Invalid JSON") from None


def _pad(given: Given) -> Made:
    if "a" not in given:
        return {}
    text, width, filler = str(given["a"]), int(_number(given.get("b", 0))), str(given.get("c", "") or " ")
    missing = abs(width) - len(text)
    if missing <= 0:
        return {"v": text}
    if abs(width) > MAX_PADDED:
        raise ValueError(MEMORY)
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return {"v": text + padding if width > 0 else padding + text}


def _clone(given: Given) -> Made:
    if "a" in given and not isinstance(given["a"], dict | list):
        raise ValueError(mismatch("clone", 1))
    return {"v": given["a"]} if "a" in given else {}


def _roman(given: Given) -> Made:
    """`$formatInteger` in Roman numerals has an M for each thousand, without an end of its own."""
    number, picture = given.get("a"), given.get("b")
    if (
        isinstance(picture, str)
        and picture.partition(";")[0] in {"I", "i"}
        and is_number(number)
        and abs(_number(number)) > MAX_PADDED * 1000
    ):
        raise ValueError(MEMORY)
    return {}


_RESERVED = ";/?:@&=+$,#"
"""What `encodeURI` leaves as it is and `decodeURI` leaves encoded, beside letters, digits and `-_.!~*'()`."""


def _encode_url(given: Given) -> Made:
    from urllib.parse import quote

    if "a" not in given:
        return {}
    text = str(given["a"])
    try:
        return {"v": quote(text, safe=_RESERVED + "-_.!~*'()")}
    except UnicodeEncodeError:
        raise ValueError(f"D3140: Malformed URL passed to $encodeUrl(): {json.dumps(text)}") from None


def _decode_url(given: Given) -> Made:
    from urllib.parse import unquote

    if "a" not in given:
        return {}
    text = str(given["a"])
    kept = re.sub(r"%[0-9A-Fa-f]{2}", lambda found: f"%25{found[0][1:]}" if chr(int(found[0][1:], 16)) in _RESERVED else found[0], text)
    malformed = f"D3140: Malformed URL passed to $decodeUrl(): {json.dumps(text, ensure_ascii=False)}"
    if re.search(r"%(?![0-9A-Fa-f]{2})", kept):
        raise ValueError(malformed)
    try:
        return {"v": unquote(kept, errors="strict")}
    except ValueError:
        raise ValueError(malformed) from None


ADDED: dict[str, Added] = {
    function.name: function
    for function in (
        Added("partition", ("array", "number"), 0, _partition, "$partition(array, size)", "The array in chunks of `size`."),
        Added("range", ("number", "number", "number"), 0, _range, "$range(first, last, step)", "The numbers from `first` to `last`, `step` apart."),
        Added("hash", ("string", "string"), 1, _hash, "$hash(text, algorithm)", "The digest of a text: MD5, SHA-1, SHA-256, SHA-384 or SHA-512."),
        Added("random", ("number",), 0, _random, "$random([seed])", "A number from 0 up to but not including 1; the same for the same seed.", ambient=True),
        Added("uuid", (), 0, _uuid, "$uuid()", "A random UUID (version 4).", ambient=True),
        Added("parse", ("string",), 0, _parse, "$parse(text)", "The value a JSON text describes."),
    )
}  # fmt: skip
"""The functions AWS adds to JSONata."""

_PAD = Added("pad", ("string", "number", "string"), 0, _pad, "$pad(text, width [, char])", "The text filled up to `width`.")
_ENCODE = Added("encodeUrl", ("string",), 0, _encode_url, "$encodeUrl(text)", "The address with what is no part of one encoded.")
_DECODE = Added("decodeUrl", ("string",), 0, _decode_url, "$decodeUrl(text)", "The address decoded.")
_CLONE = Added("clone", ("any",), 0, _clone, "$clone(value)", "The object or the array as it is.")
_INSTALLED: dict[str, Added] = {**ADDED, "pad": _PAD, "encodeUrl": _ENCODE, "decodeUrl": _DECODE, "clone": _CLONE}
_ROMAN = "$__formatInteger := $formatInteger; $formatInteger := function($a,$b){ ($__roman({'a':$a,'b':$b}); $__formatInteger($a,$b)) };"
_NOW = "$now := function($p,$t){ $fromMillis($millis(),$p,$t) };"
AMBIENT = frozenset({"random", "uuid", "now", "millis"})

_WORDS = """
sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match
contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power
boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort
shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis
clone now millis
"""
BUILT_IN = frozenset(_WORDS.split())
"""JSONata's own functions, as far as AWS has them (no `$eval`)."""
FUNCTIONS = BUILT_IN | frozenset(ADDED)
"""Every function an expression may call."""


def prelude(found: References) -> str:
    """The lambdas an expression needs in front of it."""
    wanted = [_INSTALLED[name].prelude for name in sorted(found.variables & _INSTALLED.keys())]
    if "now" in found.variables:
        wanted.append(_NOW)
    if _is_bounded(found):
        wanted.append(_ROMAN)
    return "".join(wanted)


def _is_bounded(found: References) -> bool:
    """Whether Roman numerals are looked after; not where a call lacks an argument, which the function itself tells in its own words."""
    return "formatInteger" in found.variables and all(call.arguments == 2 for call in found.calls if call.name == "formatInteger")


def too_many(found: References) -> str | None:
    """The error of the first call with more arguments than its function has; a lambda would ignore them."""
    for call in found.calls:
        function = _INSTALLED.get(call.name)
        most = len(function.kinds) if function is not None else ARITY[call.name][1] if call.name in {"now", "millis"} else None
        if most is not None and call.arguments > most:
            return mismatch(call.name, most + 1)
    return None


def install(compiled: Any, found: References) -> None:
    """Give a compiled expression the host functions behind its lambdas."""
    for name in found.variables & _INSTALLED.keys():
        compiled.register(f"__{name}", _INSTALLED[name].host)
    if found.variables & {"now", "millis"}:
        compiled.register_override("millis", lambda: int(CALL.ambient.now * 1000))
    if _is_bounded(found):
        compiled.register("__roman", _roman)
    if "eval" in found.variables:
        compiled.register_override("eval", _no_eval)


def _no_eval(*_arguments: Json) -> Json:
    raise ValueError("T1006: Attempted to invoke a non-function")
