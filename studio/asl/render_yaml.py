"""Patching and writing YAML in block style; flow collections are left to `render_flow`.

Theory of operation: as in `render_flow`, a block collection is cut into one chunk per member, from its first comment line to the
end of its value and the comment behind it. Chunks that stay are touched only where their value changed; what is between
chunks (blank lines, comments that stand alone) stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.asl.align import Edits, Row, Sources, align_lists, align_objects, same
from studio.asl.render_flow import Dialect, FlowWriter
from studio.asl.spans import Member, Node, descend
from studio.asl.tree import Json, get
from studio.asl.yaml_scalars import Quote, double, key, literal, scalar

if TYPE_CHECKING:
    from studio.asl.text import Parsed

_FLOW_SPACE = re.compile(r"(?:[ \t\r\n]++|(?:(?<=\s)|^)#[^\r\n]*+)*+")
_FLOW_TRAILING = re.compile(r"[ \t]++#[^\r\n]*+(?=\r?\n)|")
_TRAILING = re.compile(r"[ \t]*+(?:(?<=[ \t])#[^\r\n]*+)?+(?=\r?\n|\Z)")
_TO_DASH = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?+\r?\n)*+[ \t]*+(?=-(?:\s|\Z))")
_COLON = re.compile(r"[ \t]*+:(?=[\s]|\Z)")
_SEQUENCE_IN_MAPPING = re.compile(r"^([ ]*)(?!#)[^\s#-][^\n]*:[ ]*\r?\n([ ]*)-[ ]", re.MULTILINE)
_NESTED = re.compile(r"^([ ]*)(?!#)[^\s#-][^\n]*:[ ]*\r?\n([ ]+)[^\s#-]", re.MULTILINE)
_KINDS: dict[str, Quote] = {"plain": "plain", "single": "single", "double": "double"}


class _Unfit(Exception):  # noqa: N818 - a signal, not an error
    """A collection whose text has a form that is not patched but written anew (`? key`, an item without its dash …)."""


@dataclass(slots=True)
class _Chunk:
    member: Member
    begin: int
    """Its first comment line's `#`, its name, or its dash."""
    end: int
    head: int
    """Past its colon or dash."""


def patched(parsed: Parsed, root: Json, *, expand: bool = False) -> str:
    """The text for another tree. With `expand` every alias and merge is written out."""
    writer = _BlockWriter(parsed, expand=expand)
    edits = Edits([])
    node = parsed.node
    if writer.touches(parsed.root, root) and not writer.patch(edits, node, parsed.root, root, None):
        column = writer.column(node.start)
        edits = Edits([(node.start, node.end, writer.value(root, None, column, at_line_start=True, behind="").lstrip(" "))])
    return edits.applied(parsed.text)


def dump(root: Json, indent: int) -> str:
    """A fresh YAML text."""
    from studio.asl.spans import Reading
    from studio.asl.text import Parsed

    empty = Node(0, 0, "scalar", "plain")
    writer = _BlockWriter(Parsed("", "yaml", None, Reading(None, lambda: empty)))
    writer.unit = " " * indent
    return writer.value(root, None, 0, at_line_start=True, behind="").lstrip(" ") + "\n"


class _BlockWriter:
    def __init__(self, parsed: Parsed, *, expand: bool = False) -> None:
        self.text = parsed.text
        self.node = parsed.node
        self.root = parsed.root
        self.expand = expand
        self.anchors = any(what == "anchor" for what, _ in parsed.leniencies)
        self.sources = Sources(parsed.root)
        self.newline = "\r\n" if "\r\n" in parsed.text else "\n"
        nested = _NESTED.search(parsed.text)
        self.unit = " " * (len(nested[2]) - len(nested[1]) if nested and len(nested[2]) > len(nested[1]) else 2)
        listed = _SEQUENCE_IN_MAPPING.search(parsed.text)
        self.dash = " " * max(len(listed[2]) - len(listed[1]), 0) if listed else self.unit

    def touches(self, old: Json, new: Json) -> bool:
        return self.expand or new is not old

    def column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def behind(self, at: int) -> str:
        """What stands on the line after an offset."""
        end = self.text.find("\n", at)
        return self.text[at : end if end >= 0 else len(self.text)].strip()

    # --- patching ---------------------------------------------------------------------------------------------------

    def patch(self, edits: Edits, node: Node, old: Json, new: Json, name: str | None) -> bool:
        """Add the edits that make `new` out of `old` inside the node's own text; False where its holder must write it anew."""
        if not self.touches(old, new) or (node.kind == "scalar" and node.style != "alias" and same(old, new)):
            return True
        if node.style in {"alias", "opaque", "merge"}:
            return not self.expand and same(old, new)
        fits = (node.kind == "object" and isinstance(old, dict) and isinstance(new, dict)) or (
            node.kind == "array" and isinstance(old, list) and isinstance(new, list)
        )
        if fits and node.style == "flow":
            return self._patch_flow(edits, node, old, new, name)
        if fits and new and node.members:
            before = len(edits.rows)
            try:
                self._patch_block(edits, node, old, new)
            except _Unfit:
                del edits.rows[before:]
                return False
            return True
        if node.kind == "scalar" and node.style in _KINDS and node.end > node.start and not isinstance(new, dict | list):
            if isinstance(new, str) and "\n" in new and not isinstance(old, dict | list):
                return False
            quote: Quote = _KINDS[node.style] if isinstance(old, str) else "plain"
            edits.replace(node.start, node.end, scalar(new, quote=quote))
            return True
        return False

    def _patch_flow(self, edits: Edits, node: Node, old: Json, new: Json, name: str | None) -> bool:
        if self.expand or not _regular(node, self.text):
            return False
        first = next((m for m in node.members if m.key is not None), None)
        quoted = first is not None and self.text.startswith('"', first.key_start)
        quote: Quote = "double" if quoted or (first is None and '"' in self.text[node.start : node.start + 40]) else "plain"

        def flow_scalar(value: Json, _key: str | None, was: str) -> str:
            kept: Quote = "single" if was.startswith("'") else "double" if was.startswith('"') else quote
            return scalar(value, flow=True, quote=kept)

        dialect = Dialect(_FLOW_SPACE, _FLOW_TRAILING, flow_scalar, lambda k: key(k, flow=True, quote="double" if quoted else "plain"))
        writer = FlowWriter(self.text, node, old, dialect, Sources(None))
        writer.single_line = writer.single_line or "\n" not in self.text[node.start : node.end]
        writer.patch(edits, node, old, new, name)
        return True

    def _patch_block(self, edits: Edits, node: Node, old: Json, new: Json) -> None:
        chunks = self._chunks(node)
        if isinstance(old, dict) and isinstance(new, dict):
            members = [(c, old[c.member.key]) for c in chunks if c.member.key is not None and node.member(c.member.key) is c.member]
            rows = align_objects([c.member.key for c, _ in members if c.member.key is not None], old, new)
        else:
            assert isinstance(old, list) and isinstance(new, list)  # noqa: PT018
            members = [(c, old[i]) for i, c in enumerate(chunks)]
            rows = align_lists(old, new)
        column = self.column(chunks[0].member.key_start if node.kind == "object" else chunks[0].head - 1)
        renamed = any(r.source is not None and r.key != members[r.source][0].member.key for r in rows)
        if len(rows) == len(members) and all(r.kept for r in rows) and not (renamed and len(members) != len(chunks)):
            for row in rows:
                assert row.source is not None
                self._patch_row(edits, row, *members[row.source], column)
            return
        self._restructure(edits, chunks, rows, members, column)

    def _patch_row(self, edits: Edits, row: Row, chunk: _Chunk, old: Json, column: int) -> None:
        member = chunk.member
        if row.key is not None and row.key != member.key:
            quote: Quote = "single" if self.text[member.key_start] == "'" else "double" if self.text[member.key_start] == '"' else "plain"
            edits.replace(member.key_start, member.key_end, key(row.key, quote=quote))
        if self.patch(edits, member.value, old, row.value, row.key):
            return
        node = member.value
        gap = self.text[chunk.head : max(node.start, chunk.head)]
        comment = gap[gap.index("#") :].split("\n")[0].rstrip() if "#" in gap else ""
        behind = comment or self.behind(max(node.end, chunk.head))
        text = self.value(row.value, row.key, column, in_list=row.key is None, behind=behind)
        if comment:
            first, newline, rest = text.partition(self.newline)
            text = first + "  " + comment + newline + rest
        edits.replace(chunk.head, max(node.end, chunk.head), text)

    def _chunks(self, node: Node) -> list[_Chunk]:
        """The chunks of a block collection. _Unfit where a member has an unusual form."""
        text = self.text
        chunks: list[_Chunk] = []
        end = node.start
        for member in node.members:
            if node.kind == "object":
                begin, colon = member.key_start, _COLON.match(text, member.key_end)
                if colon is None:
                    raise _Unfit
                head = colon.end()
            else:
                dash = _TO_DASH.match(text, end)
                if dash is None:
                    raise _Unfit
                begin, head = dash.end(), dash.end() + 1
            if chunks:
                begin = self._comments(begin, chunks[-1].end)
            end = max(member.value.end, head)
            trailing = _TRAILING.match(text, end)
            end = trailing.end() if trailing else end
            chunks.append(_Chunk(member, begin, end, head))
        if any(a.end > b.begin or "\n" not in text[a.end : b.begin] for a, b in pairwise(chunks)):
            raise _Unfit
        return chunks

    def _comments(self, at: int, after: int) -> int:
        """Where the comment lines right above a line begin, at that line's own indentation; `at` where there are none."""
        text, column = self.text, self.column(at)
        while True:
            start = text.rfind("\n", 0, at) + 1
            above = text.rfind("\n", 0, max(start - 1, 0)) + 1
            if start <= after or above <= after or above == start or text[above : above + column].strip() or text[above + column] != "#":
                return at
            at = above + column

    def _restructure(self, edits: Edits, chunks: list[_Chunk], rows: list[Row], members: list[tuple[_Chunk, Json]], column: int) -> None:
        text, margin = self.text, " " * column
        staying = {id(members[r.source][0]) for r in rows if r.kept and r.source is not None}
        first = next((i for i, c in enumerate(chunks) if id(c) in staying), len(chunks))
        line = self.newline + margin
        gap = next(
            (g for a, b in pairwise(chunks) if not (g := text[a.end : b.begin]).strip() and g.endswith(line)),
            line,
        )
        if first == len(chunks):
            texts = [self._row_text(row, members, column) for row in rows]
            edits.replace(chunks[0].begin, chunks[-1].end, gap.join(texts))
            return
        if first:
            edits.replace(chunks[0].begin, chunks[first].begin, "")
        for i in range(first + 1, len(chunks)):
            if id(chunks[i]) not in staying:
                start = chunks[i - 1].end
                between = text[start : chunks[i].begin]
                if between.strip():  # comments that stand alone stay
                    start += between.rindex("\n")
                    start -= text[start - 1] == "\r"
                edits.replace(start, chunks[i].end, "")
        at: int | None = None
        for row in rows:
            if row.kept and row.source is not None:
                chunk, old = members[row.source]
                self._patch_row(edits, row, chunk, old, column)
                at = chunk.end
            elif at is None:
                edits.replace(chunks[0].begin, chunks[0].begin, self._row_text(row, members, column) + gap)
            else:
                edits.replace(at, at, gap + self._row_text(row, members, column))

    def _row_text(self, row: Row, members: list[tuple[_Chunk, Json]], column: int) -> str:
        """A whole row, as it moved or new."""
        if row.source is not None:
            chunk, old = members[row.source]
            edits = Edits([])
            self._patch_row(edits, row, chunk, old, column)
            return edits.applied(self.text, chunk.begin, chunk.end)
        return self._head(row.key) + self.value(row.value, row.key, column, in_list=row.key is None, behind="")

    @staticmethod
    def _head(name: str | None) -> str:
        return "-" if name is None else key(name) + ":"

    # --- fresh text -------------------------------------------------------------------------------------------------

    def value(self, value: Json, name: str | None, column: int, *, in_list: bool = False, at_line_start: bool = False, behind: str) -> str:
        """What follows a colon or dash (at `column`): a space and a scalar, or the lines of a block. `behind` will stand after it."""
        if not isinstance(value, dict | list):
            if isinstance(value, str) and "\n" in value:
                block = None if behind else literal(value, " " * (0 if at_line_start else column) + self.unit, self.newline)
                return " " + (block if block is not None else double(value))
            return " " + scalar(value)
        if not value:
            return " {}" if isinstance(value, dict) else " []"
        if at_line_start:
            inner = column
        elif in_list:
            inner = column + 2
        else:
            inner = column + len(self.unit if isinstance(value, dict) else self.dash)
        lead = " " if in_list or at_line_start else self.newline + " " * inner
        reused = self._reused(value, name, inner)
        if reused is not None:
            return lead + reused
        rows = list(value.items()) if isinstance(value, dict) else [(None, v) for v in value]
        lines = [self._head(k) + self.value(v, k if k is not None else name, inner, in_list=k is None, behind="") for k, v in rows]
        return lead + (self.newline + " " * inner).join(lines)

    def _reused(self, value: Json, name: str | None, column: int) -> str | None:
        """The lines a moved block had, at its new column; None where it was not there before, or not as a block."""
        if self.anchors or self.expand:
            return None
        pointer = self.sources.find(value, name, bool)
        if pointer is None:
            return None
        node, _, whole = descend(self.node, pointer)
        if not whole or node.style != "block" or not node.members:
            return None
        edits = Edits([])
        if not self.patch(edits, node, get(self.root, pointer), value, name):
            return None
        trailing = _TRAILING.match(self.text, node.end)
        end = trailing.end() if trailing else node.end
        shift = column - self.column(node.start)
        first, *lines = edits.applied(self.text, node.start, end).split("\n")
        return "\n".join([first, *(_shift(line, shift) for line in lines)])


def _shift(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line if by >= 0 else line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _regular(node: Node, text: str) -> bool:
    """Whether a flow collection is written like JSON: every member with a name, a colon and a value."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.style in {"alias", "opaque", "merge"} or (here.kind == "scalar" and here.start == here.end):
            return False
        if here.kind != "scalar" and text[here.start] not in "[{":
            return False
        for member in here.members:
            if member.key is not None and not re.match(r"[ \t]*:\s*", text[member.key_end : member.value.start]):
                return False
            stack.append(member.value)
    return True
