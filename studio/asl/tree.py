"""The value tree of a definition, and pointers into it.

Theory of operation: a tree is plain JSON data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`) that nobody mutates.
`put`, `drop`, `insert` and `rename_key` return a new root that shares every untouched branch with the old one, so an old
root stays valid (undo) and `diff` finds what changed by comparing identities.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Pointer: TypeAlias = tuple[str | int, ...]
"""Where a value is: `("States", "Pay", "Retry", 0)`; the root is `()`."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def to_text(pointer: Pointer) -> str:
    """A JSON Pointer (RFC 6901): `/States/Pay/Retry/0`; the root is the empty string."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def from_text(text: str, root: Json = None) -> Pointer:
    """The pointer a JSON Pointer text names. Digits become indexes where `root` (if given) holds a list there."""
    pointer: Pointer = ()
    here: Json | _Missing = root
    for raw in text.split("/")[1:]:
        part: str | int = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and raw.isdecimal() and raw.isascii():
            part = int(part)
        pointer = (*pointer, part)
        here = child(here, part)
    return pointer


def child(value: Json | _Missing, part: str | int) -> Json | _Missing:
    """The member or element `part` of a value, or MISSING."""
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part, MISSING)
    if isinstance(value, list) and isinstance(part, int) and not isinstance(part, bool) and 0 <= part < len(value):
        return value[part]
    return MISSING


def find(root: Json, pointer: Pointer) -> Json | _Missing:
    """The value at a pointer, or MISSING."""
    here: Json | _Missing = root
    for part in pointer:
        here = child(here, part)
        if isinstance(here, _Missing):
            return MISSING
    return here


def get(root: Json, pointer: Pointer, default: Json = None) -> Json:
    """The value at a pointer, or `default`."""
    value = find(root, pointer)
    return default if isinstance(value, _Missing) else value


def has(root: Json, pointer: Pointer) -> bool:
    return find(root, pointer) is not MISSING


def put(root: Json, pointer: Pointer, value: Json) -> Json:
    """The root with `value` at `pointer`: replaced in place, appended to its object where the key is new, or to its list
    where the index is the list's length. Missing objects on the way are made. KeyError where a scalar is in the way.
    """
    if not pointer:
        return value
    head, rest = pointer[0], pointer[1:]
    if isinstance(root, list):
        if not isinstance(head, int) or not 0 <= head <= len(root):
            raise KeyError(to_text(pointer))
        copy = list(root)
        if head == len(root):
            copy.append(put({}, rest, value))
        else:
            copy[head] = put(root[head], rest, value)
        return copy
    if not isinstance(root, dict) or not isinstance(head, str):
        raise KeyError(to_text(pointer))
    return {**root, head: put(root.get(head, {}), rest, value)}


def insert(root: Json, pointer: Pointer, value: Json, *, before: str | None = None) -> Json:
    """The root with `value` inserted: into a list at the pointer's index, or into an object under its key, ahead of the key
    `before` (at the end where that is None or absent).
    """
    parent, key = get(root, pointer[:-1]), pointer[-1]
    if isinstance(parent, list) and isinstance(key, int):
        return put(root, pointer[:-1], [*parent[:key], value, *parent[key:]])
    if not isinstance(parent, dict) or not isinstance(key, str):
        raise KeyError(to_text(pointer))
    items = [(k, v) for k, v in parent.items() if k != key]
    at = next((i for i, (k, _) in enumerate(items) if k == before), len(items))
    items.insert(at, (key, value))
    return put(root, pointer[:-1], dict(items))


def drop(root: Json, pointer: Pointer) -> Json:
    """The root without what is at `pointer`. KeyError where nothing is."""
    parent, key = get(root, pointer[:-1]), pointer[-1]
    if child(parent, key) is MISSING:
        raise KeyError(to_text(pointer))
    if isinstance(parent, list):
        return put(root, pointer[:-1], [v for i, v in enumerate(parent) if i != key])
    assert isinstance(parent, dict)
    return put(root, pointer[:-1], {k: v for k, v in parent.items() if k != key})


def rename_key(root: Json, pointer: Pointer, name: str) -> Json:
    """The root with the member at `pointer` called `name`, at the same place among its siblings."""
    parent, key = get(root, pointer[:-1]), pointer[-1]
    if not isinstance(parent, dict) or key not in parent:
        raise KeyError(to_text(pointer))
    return put(root, pointer[:-1], {(name if k == key else k): v for k, v in parent.items()})


def walk(root: Json, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Json]]:
    """Every value with its pointer, parents first, in document order. Iterative: depth costs no stack."""
    stack: list[tuple[Pointer, Json]] = [(pointer, root)]
    while stack:
        here, value = stack.pop()
        yield here, value
        if isinstance(value, dict):
            stack.extend(((*here, k), v) for k, v in reversed(value.items()))
        elif isinstance(value, list):
            stack.extend(((*here, i), value[i]) for i in range(len(value) - 1, -1, -1))


def diff(old: Json, new: Json) -> list[Pointer]:
    """The smallest set of pointers at which `new` differs from `old`; subtrees that are the same object are not looked into.
    An object whose keys changed order counts as changed.
    """
    changed: list[Pointer] = []
    stack: list[tuple[Pointer, Json, Json]] = [((), old, new)]
    while stack:
        here, a, b = stack.pop()
        if a is b:
            continue
        if isinstance(a, dict) and isinstance(b, dict) and list(a) == list(b):
            stack.extend(((*here, k), a[k], b[k]) for k in reversed(a))
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            stack.extend(((*here, i), a[i], b[i]) for i in range(len(a) - 1, -1, -1))
        elif type(a) is not type(b) or isinstance(a, dict | list) or a != b:
            changed.append(here)
    return changed


def share(old: Json, new: Json) -> Json:
    """`new` with every subtree that equals the old one at its place replaced by that very object; `old` itself where all do.

    So a text that was typed and read anew differs by identity only where it changed.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        members = {k: share(old[k], v) if k in old else v for k, v in new.items()}
        same = len(old) == len(members) and all(a == b and old[a] is members[b] for a, b in zip(old, members, strict=True))
        return old if same else members
    if isinstance(old, list) and isinstance(new, list):
        elements = [share(a, b) for a, b in zip(old, new, strict=False)] + new[len(old) :]
        same = len(old) == len(elements) and all(a is b for a, b in zip(old, elements, strict=True))
        return old if same else elements
    return old if type(old) is type(new) and old == new else new
