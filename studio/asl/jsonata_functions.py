"""AWS's functions in JSONata, their documentation, and the library's error texts as the reference implementation writes them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from studio.asl.intrinsics import HASHES, digest, java_random, parse_json
from studio.asl.tree import Json
from studio.asl.values import NOWHERE, Ambient

MAX_RANGE = 360_145
"""Elements `$range` makes on AWS before its memory limit."""


class _Call(threading.local):
    """The ambient of the evaluation under way in this thread."""

    ambient: Ambient = NOWHERE


CALL = _Call()


def _partition(items: Json = None, size: Json = None) -> Json:
    if not isinstance(items, list):
        items = [] if items is None else [items]
    if not isinstance(size, int | float) or int(size) < 1:
        return None
    width = int(size)
    return [items[at : at + width] for at in range(0, len(items), width)]


def _range(start: Json = None, stop: Json = None, step: Json = None) -> Json:
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (start, stop, step)):
        return None
    first, last, width = int(start), int(stop), int(step)  # type: ignore[arg-type]
    if width == 0:
        return None
    made = range(first, last + (1 if width > 0 else -1), width)
    if len(made) > MAX_RANGE:
        raise ValueError("Expression evaluation memory limit exceeded")
    return list(made) or None


def _hash(data: Json = None, algorithm: Json = None) -> Json:
    if not isinstance(data, str) or not isinstance(algorithm, str):
        return None
    if algorithm not in HASHES:
        raise ValueError(f"D3137: The algorithm of $hash must be one of {', '.join(HASHES)}, not '{algorithm}'")
    return digest(data, algorithm)


def _random(seed: Json = None) -> Json:
    return CALL.ambient.random.random() if not isinstance(seed, int | float) else java_random(int(seed))


def _uuid() -> Json:
    return CALL.ambient.uuid()


def _parse(text: Json = None) -> Json:
    if not isinstance(text, str):
        return None
    try:
        return parse_json(text)
    except ValueError as problem:
        raise ValueError(f"D3137: $parse could not read the text as JSON: {problem}") from None


def _millis() -> Json:
    return int(CALL.ambient.now * 1000)


def _now() -> Json:
    moment = datetime.fromtimestamp(CALL.ambient.now, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


ADDED: dict[str, tuple[Callable[..., Json], str, str]] = {
    "partition": (_partition, "$partition(array, size)", "The array in chunks of `size`."),
    "range": (_range, "$range(first, last, step)", "The numbers from `first` to `last`, `step` apart."),
    "hash": (_hash, "$hash(text, algorithm)", "The digest of a text: MD5, SHA-1, SHA-256, SHA-384 or SHA-512."),
    "uuid": (_uuid, "$uuid()", "A random UUID (version 4)."),
    "parse": (_parse, "$parse(text)", "The value a JSON text describes."),
}
"""Functions AWS adds: what they do, their signature, their documentation."""

REPLACED: dict[str, Callable[..., Json]] = {"random": _random, "millis": _millis}
"""Built-ins that ask the ambient instead of the machine. `$now` with a picture stays the library's, given the ambient's time."""

NAMES = frozenset(ADDED) | frozenset(REPLACED) | {"now"}
AMBIENT = frozenset({"random", "uuid", "now", "millis"})


def install(compiled: Any) -> None:
    """Give a compiled expression AWS's functions."""
    for name, (function, _, _) in ADDED.items():
        compiled.register(name, function)
    for name, function in REPLACED.items():
        compiled.register_override(name, function)
    compiled.register_override("now", lambda *_pictures: _now())


MESSAGES = {
    "T1006": "Attempted to invoke a non-function",
}


def aws_message(code: str, message: str) -> str:
    """The sentence of an error code as AWS prints it."""
    return MESSAGES.get(code, re.sub(r"\s+", " ", message))
