"""A batch of events as two JSON texts, its payloads and its events, and back.

Theory of operation: payloads are never mutated, so one object is one payload: the first time it is seen it is written and gets a
number, after that events refer to it (`{"$": n}`). The same is done for large parts of payloads, so that a document which a run carries
from state to state is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from studio.exec.events import Event

DEEP, WIDE = 4, 64
"""How far payloads are searched for parts that are written already: levels down, in objects and arrays of at most so many members."""


class Interner:
    """Payloads of one execution, and large parts of them, each written once. Keeps them alive, so that an `id()` stays theirs.

    `fresh` holds the payloads that are not written yet, with null where a part is one of their own; `shared` says which one belongs there,
    as `[payload, key or index, part]`.
    """

    __slots__ = ("_known", "fresh", "shared")

    def __init__(self) -> None:
        self._known: dict[int, tuple[dict[str, int], Any]] = {}
        self.fresh: list[Any] = []
        self.shared: list[tuple[int, str | int, int]] = []

    def skip(self, count: int) -> None:
        """Go on after the payloads that an earlier process has written."""
        for number in range(count):
            self._known[-number - 1] = ({}, None)  # no object has a negative id

    def reference(self, value: Any) -> Any:
        """`{"$": n}` for a container (`{"$": {}}` or `{"$": []}` for an empty one)."""
        known = self._known.get(id(value))
        if known is None:
            if not value:
                return {"$": value}
            return self._add(value, DEEP)
        return known[0]

    def _add(self, value: Any, levels: int) -> dict[str, int]:
        """Have a payload written, and before it the parts of it that may come again."""
        written, parts = value, ()
        if levels and len(value) <= WIDE:
            for key, part in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(part, _CONTAINERS) and _large(part):
                    known = self._known.get(id(part))
                    number = (known[0] if known else self._add(part, levels - 1))["$"]
                    written = value.copy() if written is value else written
                    written[key] = None
                    parts = (*parts, (key, number))
        mine = len(self._known)
        reference = {"$": mine}
        self._known[id(value)] = (reference, value)
        self.fresh.append(written)
        for key, number in parts:
            self.shared.append((mine, key, number))
        return reference

    def written(self) -> bytes:
        """What is new, as JSON: a list of payloads, or `{"payloads": […], "shared": […]}` where they have parts in common."""
        fresh, self.fresh = self.fresh, []
        shared, self.shared = self.shared, []
        return dumps({"payloads": fresh, "shared": shared} if shared else fresh)


def _large(part: dict[str, Any] | list[Any]) -> bool:
    """Whether a part of a payload is worth a place of its own."""
    if len(part) > 8:
        return True
    for member in part.values() if isinstance(part, dict) else part:
        if isinstance(member, _CONTAINERS) or (isinstance(member, str) and len(member) > 100):
            return True
    return False


_CONTAINERS = (dict, list)
_SHARED = frozenset({"input", "output", "parameters", "_input", "_output", "_items"})


def encode(events: Iterable[Event], interner: Interner) -> tuple[bytes, bytes]:
    """A batch as two JSON texts: its new payloads, and its events."""
    rows: list[Any] = []
    reference = interner.reference
    for event in events:
        details = event[4]
        if details:
            packed: dict[str, Any] | None = None
            for name in details:
                if name in _SHARED and isinstance(details[name], _CONTAINERS):
                    packed = packed or details.copy()
                    packed[name] = reference(packed[name])
            if packed:
                event = (*event[:4], packed)  # noqa: PLW2901 - the event as it is written
        rows.append(event)
    return interner.written(), dumps(rows)


def dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits, lone surrogates
        import json

        return json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")


def loads(data: bytes | str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        import json

        return json.loads(data)


def _parts(fresh: bytes) -> tuple[list[Any], list[Any]]:
    """A batch's payloads, and which parts of them are others."""
    found = loads(fresh)
    return (found["payloads"], found["shared"]) if isinstance(found, dict) else (found, [])


def count(fresh: bytes) -> int:
    """How many payloads a batch has brought."""
    return len(_parts(fresh)[0])


def decode(batches: Iterable[tuple[bytes, bytes]]) -> Iterator[list[Event]]:
    """Events of stored batches, payloads in place (and shared again)."""
    payloads: list[Any] = []
    for fresh, rows in batches:
        parts, shared = _parts(fresh)
        payloads.extend(parts)
        for whole, key, part in shared:
            payloads[whole][key] = payloads[part]
        found: list[Event] = []
        for kind, previous, time, frame, details in loads(rows):
            if details:
                for name in _SHARED:
                    value = details.get(name)
                    if isinstance(value, dict):
                        number = value["$"]
                        details[name] = payloads[number] if isinstance(number, int) else number
            found.append((kind, previous, time, frame, details))
        yield found
