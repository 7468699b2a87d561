"""YAML text to value tree, with spans; safe, bounded, and quick to read again after a keystroke.

Theory of operation: a block document is split at its top-level keys and at the states of the root's `States`, and each piece is
parsed by itself and remembered. So a keystroke parses the one state it is in again, and all others are the very same
values. A document that cannot be split like that (anchors, flow style at the top, directives …) is parsed whole.
"""

from __future__ import annotations

import re
from functools import lru_cache

from studio.asl.spans import Member, Node, Reading, Span
from studio.asl.tree import Pointer
from studio.asl.yaml_events import NotAPiece, Piece, parse
from studio.errors import TextError

MAX_YAML = 2 * 1024 * 1024
"""Characters of a YAML text: twice what AWS takes as a definition, and some seconds of parsing."""


def read(text: str) -> Reading:
    """Parse YAML. TextError where it cannot be read, is too large, too deep, or grows too much by its aliases."""
    if len(text) > MAX_YAML:
        raise TextError(
            f"The YAML text has {len(text) / 1024 / 1024:.1f} MB; the limit is {MAX_YAML // 1024 // 1024} MB.",
            hint="A definition on AWS may have 1 MB.",
        )
    try:
        piece = _by_pieces(text)
    except NotAPiece:
        piece = parse(text)
    node = piece.node
    return Reading(piece.root, lambda: node, piece.duplicates, piece.placeholders, piece.leniencies, piece.tags)


# --- piece by piece -------------------------------------------------------------------------------------------------

_TOP = re.compile(r"^(?=[^\s#])", re.MULTILINE)
_STATES = re.compile(r"States:[ \t]*(?:#[^\n]*)?\r?\n")
_FIRST = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ ]+)[^\s#]")
_KEY = re.compile(r"""[ ]*["'A-Za-z0-9_$/(\[]""")
_BEGIN = re.compile(r"^---[ \t\r]*$", re.MULTILINE)
_MARKER = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)
_UNUSUAL = re.compile("\r(?!\n)|[\x85\u2028\u2029\ufeff]")


@lru_cache(maxsize=4096)
def _remembered(text: str) -> Piece:
    """A piece that is one member of a block mapping. NotAPiece where it is anything else."""
    piece = parse(text, pieces=True)
    if piece.node.kind != "object" or piece.node.style != "block" or len(piece.node.members) != 1:
        raise NotAPiece
    return piece


def _by_pieces(text: str) -> Piece:
    """The document out of its remembered pieces. NotAPiece where it is not a plain block mapping."""
    if _UNUSUAL.search(text):
        raise NotAPiece
    starts = [m.start() for m in _TOP.finditer(text)]
    if starts and text[starts[0] :].split("\n", 1)[0].strip() == "---":
        starts = starts[1:]
    if not starts or not _only_comments(_BEGIN.sub("", text[: starts[0]])) or _MARKER.search(text, starts[0]):
        raise NotAPiece
    whole = Piece({}, Node(0, 0, "object", "block"))
    whole.node.members = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        header = _STATES.match(text, start)
        inner = _states(text, header.end(), end) if header else None
        if inner is None:
            piece = _remembered(text[start:end])
            _append(whole, piece, start, (), whole.node)
            low, high = start + piece.node.start, start + piece.node.end
        else:
            _append_states(whole, inner, start)
            low, high = start, whole.node.members[-1].value.end
        whole.node.start = low if whole.node.end == 0 else whole.node.start
        whole.node.end = high
    return whole


def _states(text: str, start: int, end: int) -> list[tuple[int, Piece]] | None:
    """The states of the root's `States`, each with its offset; None where they are not a block mapping."""
    first = _FIRST.match(text, start, end)
    if first is None:
        return None
    column = len(first[1])
    edges = [m.start() for m in re.finditer(rf"^ {{{column}}}(?=[^\s#])", text[start:end], re.MULTILINE)]
    if re.search(rf"^ {{0,{column - 1}}}(?=[^\s#])", text[start:end], re.MULTILINE):
        raise NotAPiece
    if edges[0] and text[start : start + edges[0]].strip() and not _only_comments(text[start : start + edges[0]]):
        raise NotAPiece
    return [(start + a, _remembered(text[start + a : start + b])) for a, b in zip(edges, [*edges[1:], end - start], strict=True)]


def _only_comments(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def _append(whole: Piece, piece: Piece, offset: int, above: Pointer, into: Node) -> None:
    """Add a piece's one member to a mapping of the whole."""
    assert isinstance(piece.root, dict)
    target = whole.root
    for part in above:
        assert isinstance(target, dict) and isinstance(part, str)  # noqa: PT018
        target = target[part]
    assert isinstance(target, dict)
    member = piece.node.members[0]
    assert member.key is not None
    if member.key == "<<":
        raise NotAPiece
    if member.key in target:
        whole.duplicates.append(((*above, member.key), Span(member.key_start + offset, member.key_end + offset)))
    target.update(piece.root)
    into.members.append(_shifted(member, offset))
    whole.duplicates.extend(((*above, *p), Span(s.start + offset, s.end + offset)) for p, s in piece.duplicates)
    whole.placeholders.extend(((*above, *p), Span(s.start + offset, s.end + offset)) for p, s in piece.placeholders)
    whole.leniencies.extend((w, Span(s.start + offset, s.end + offset)) for w, s in piece.leniencies)
    whole.tags.extend(((*above, *p), tag) for p, tag in piece.tags)


def _append_states(whole: Piece, inner: list[tuple[int, Piece]], start: int) -> None:
    assert isinstance(whole.root, dict)
    if "States" in whole.root:
        raise NotAPiece
    whole.root["States"] = {}
    node = Node(0, 0, "object", "block")
    node.members = []
    for offset, piece in inner:
        _append(whole, piece, offset, ("States",), node)
    node.start, node.end = inner[0][0] + inner[0][1].node.start, inner[-1][0] + inner[-1][1].node.end
    whole.node.members.append(Member("States", start, start + len("States"), node))


def _shifted(member: Member, by: int) -> Member:
    return Member(member.key, member.key_start + by, member.key_end + by, _moved(member.value, by))


def _moved(node: Node, by: int) -> Node:
    """A node at another offset; its members are moved when somebody looks at them."""
    return Node(node.start + by, node.end + by, node.kind, node.style, lambda _: [_shifted(m, by) for m in node.members])
