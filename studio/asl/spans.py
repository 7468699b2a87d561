"""Where values stand in a text: nodes with character offsets, and the walk from a pointer to a node and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from studio.asl.tree import Json, Pointer

MAX_CHARACTERS = 8 * 1024 * 1024
"""Size of a text, in characters."""
MAX_DEPTH = 200
"""Levels of objects and lists within each other."""

Kind: TypeAlias = Literal["object", "array", "scalar"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: character offsets, `end` exclusive."""

    start: int
    end: int


class Node:
    """A value in a text, from `start` to `end`. `members` are read on the first demand and kept."""

    __slots__ = ("_by_key", "_members", "_reader", "end", "kind", "start", "style")

    def __init__(self, start: int, end: int, kind: Kind, style: str = "", reader: Callable[[Node], list[Member]] | None = None) -> None:
        self.start = start
        self.end = end
        self.kind: Kind = kind
        self.style = style
        """JSON: empty. YAML: `block`, `flow`, `plain`, `single`, `double`, `literal`, `folded`, `alias`, `opaque`."""
        self._reader = reader
        self._members: list[Member] | None = None
        self._by_key: dict[str, Member] | None = None

    @property
    def members(self) -> list[Member]:
        """The members of an object or the elements of a list, in the order of the text, repeated keys included."""
        if self._members is None:
            self._members = self._reader(self) if self._reader is not None else []
        return self._members

    @members.setter
    def members(self, members: list[Member]) -> None:
        self._members = members

    def member(self, part: str | int) -> Member | None:
        """The member a pointer's part names; of a repeated key the last one, which counts."""
        if isinstance(part, int):
            return self.members[part] if self.kind == "array" and 0 <= part < len(self.members) else None
        if self.kind != "object":
            return None
        if self._by_key is None:
            self._by_key = {m.key: m for m in self.members if m.key is not None}
        return self._by_key.get(part)


class Member:
    """A member of an object, or an element of a list (`key` is None and the key's span is empty)."""

    __slots__ = ("key", "key_end", "key_start", "value")

    def __init__(self, key: str | None, key_start: int, key_end: int, value: Node) -> None:
        self.key = key
        self.key_start = key_start
        self.key_end = key_end
        self.value = value


def descend(root: Node, pointer: Pointer) -> tuple[Node, Member | None, bool]:
    """The node at a pointer, its member, and whether all of the pointer was there (else: the nearest existing ancestor)."""
    node, member = root, None
    for part in pointer:
        found = node.member(part)
        if found is None:
            return node, member, False
        node, member = found.value, found
    return node, member, True


def pointer_at(root: Node, offset: int) -> Pointer:
    """The innermost member or element whose key or value covers an offset; the container's own pointer between members."""
    pointer: list[str | int] = []
    node = root
    while True:
        for index, member in enumerate(node.members if node.kind != "scalar" else ()):
            if member.key_start <= offset <= member.value.end:
                pointer.append(index if member.key is None else member.key)
                node = member.value
                break
        else:
            return tuple(pointer)
        if offset < node.start:  # on the key, or between key and value
            return tuple(pointer)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format's parser found in a text."""

    root: Json
    node: Callable[[], Node]
    """The root's node; computed when called."""
    duplicates: list[tuple[Pointer, Span]] = field(default_factory=list[tuple[Pointer, Span]])
    placeholders: list[tuple[Pointer, Span]] = field(default_factory=list[tuple[Pointer, Span]])
    leniencies: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])
    tags: list[tuple[Pointer, str]] = field(default_factory=list[tuple[Pointer, str]])
    strict: bool = False
    """The text is plain JSON: no comments, placeholders, repeated names."""
