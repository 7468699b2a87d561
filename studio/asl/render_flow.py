"""Patching text with brackets: JSON, and YAML's flow style.

Theory of operation: a container's text is cut into *chunks*, one per member: from the end of the one before (its comma and a
comment behind it included) to the end of this one. Chunks of members that stay are not touched, except inside where
their value changed, and for the comma that a new last or no longer last member needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from studio.asl.align import Edits, Row, Sources, align_lists, align_objects, same
from studio.asl.spans import Member, Node, descend
from studio.asl.tree import Json, get

_INLINE_LIST = re.compile(r""":[ \t]*\[[ \t]*["'\dtfn-][^\n\[\]{}]*\]""")
_TALL_LIST = re.compile(r""":[ \t]*\[[ \t]*\r?\n\s*["'\dtfn-]""")
_BLANK = re.compile(r"\r?\n[ \t]*(?=\r?\n)")
_ESCAPED = re.compile(r"\\u(?!00[01])[0-9a-fA-F]{4}")
_LINE = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between JSON and YAML's flow style."""

    space: re.Pattern[str]
    """White space and comments."""
    trailing: re.Pattern[str]
    """A comment behind something, up to the end of its line (exclusive)."""
    scalar: Callable[[Json, str | None, str], str]
    """The text of a scalar: value, the name it stands under, the text it replaces (or empty)."""
    key: Callable[[str], str]


@dataclass(slots=True)
class _Chunk:
    member: Member
    begin: int
    end: int
    comma: int
    """The offset of its comma; -1 where it has none."""


class FlowWriter:
    """Writes values in brackets, into and out of one old text."""

    def __init__(self, text: str, node: Node, root: Json, dialect: Dialect, sources: Sources | None = None) -> None:
        self.text = text
        self.node = node
        self.root = root
        self.dialect = dialect
        self.sources = sources if sources is not None else Sources(root)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.single_line = "\n" not in text.strip()
        self.colon, self.unit, self.comma, self.pad = self._detect()
        self.inline_lists = len(_INLINE_LIST.findall(text[:200_000])) > len(_TALL_LIST.findall(text[:200_000]))

    def _detect(self) -> tuple[str, str, str, str]:
        """The file's own style: between name and value, indentation, between members in one line, inside brackets in one line."""
        text, node = self.text, self.node
        if node.kind == "scalar" or not node.members:
            return ": ", "  ", ", ", ""
        first = node.members[0]
        colon = text[first.key_end : first.value.start] if first.key is not None else ": "
        if not re.fullmatch(r"[ \t]*:[ \t]*", colon):
            colon = ": "
        lead = text[node.start + 1 : first.key_start]
        outer = self._indent(node.start)
        inner = self._indent(first.key_start) if "\n" in lead else ""
        unit = inner[len(outer) :] if inner.startswith(outer) and len(inner) > len(outer) else "  "
        tight = not colon.endswith((" ", "\t"))
        pad = lead if "\n" not in lead and not lead.strip() else ""
        return colon, unit, "," if tight else ", ", pad if self.single_line else ""

    def _indent(self, at: int) -> str:
        """The white space at the beginning of the line that holds an offset."""
        start = self.text.rfind("\n", 0, at) + 1
        found = _LINE.match(self.text, start, at)
        return found[0] if found else ""

    # --- patching ---------------------------------------------------------------------------------------------------

    def patch(self, edits: Edits, node: Node, old: Json, new: Json, key: str | None = None) -> None:
        """Add the edits that make `new` out of `old`, whose text is at `node`."""
        if new is old:
            return
        if isinstance(old, dict) and isinstance(new, dict) and node.kind == "object":
            self._patch_members(edits, node, self._object_rows(node, old, new), key, new)
        elif isinstance(old, list) and isinstance(new, list) and node.kind == "array":
            members = [(m, old[i]) for i, m in enumerate(node.members)]
            self._patch_members(edits, node, (align_lists(old, new), members), key, new)
        elif not same(old, new):
            edits.replace(node.start, node.end, self.fresh(new, key, self._indent(node.start), node=node))

    def _object_rows(self, node: Node, old: dict[str, Json], new: dict[str, Json]) -> tuple[list[Row], list[tuple[Member, Json]]]:
        members = [(m, old[m.key]) for m in node.members if m.key is not None and node.member(m.key) is m]
        return align_objects([m.key for m, _ in members if m.key is not None], old, new), members

    def _patch_members(
        self, edits: Edits, node: Node, aligned: tuple[list[Row], list[tuple[Member, Json]]], key: str | None, new: Json
    ) -> None:
        rows, members = aligned
        renamed = any(r.source is not None and r.key != members[r.source][0].key for r in rows)
        repeated = len(members) != len(node.members)
        if len(rows) == len(members) and all(r.kept for r in rows) and not (renamed and repeated):
            for row in rows:
                assert row.source is not None
                member, old = members[row.source]
                self._patch_row(edits, row, member, old, key)
        elif not rows or not members:
            edits.replace(node.start, node.end, self.fresh(new, key, self._indent(node.start)))
        else:
            self._restructure(edits, node, rows, members, key)

    def _patch_row(self, edits: Edits, row: Row, member: Member, old: Json, above: str | None) -> None:
        if row.key is not None and row.key != member.key:
            edits.replace(member.key_start, member.key_end, self.dialect.key(row.key))
        self.patch(edits, member.value, old, row.value, row.key if row.key is not None else above)

    def _chunks(self, node: Node) -> list[_Chunk]:
        text, close = self.text, node.end - 1
        chunks: list[_Chunk] = []
        begin = self._after(node.start + 1, close)
        for member in node.members:
            at = self._skip(member.value.end, close)
            comma = at if at < close and text[at] == "," else -1
            end = self._after(comma + 1 if comma >= 0 else member.value.end, close)
            chunks.append(_Chunk(member, begin, end, comma))
            begin = end
        return chunks

    def _skip(self, at: int, close: int) -> int:
        found = self.dialect.space.match(self.text, at, close)
        return found.end() if found else at

    def _after(self, at: int, close: int) -> int:
        """Past a comment that ends the line `at` is on."""
        found = self.dialect.trailing.match(self.text, at, close)
        return found.end() if found else at

    def _restructure(self, edits: Edits, node: Node, rows: list[Row], members: list[tuple[Member, Json]], above: str | None) -> None:
        """Members come, go, or change places."""
        text = self.text
        first = node.members[0]
        inline = "\n" not in text[node.start : first.key_start]
        whole_inline = inline and "\n" not in text[node.start : node.end]
        tall = any(row.source is None and _is_tall(row.value) for row in rows)
        base = self._indent(node.start)
        if whole_inline and tall and not self.single_line:
            edits.replace(node.start, node.end, self._expanded(node, rows, members, base, above))
            return
        chunks = self._chunks(node)
        by_member = {id(c.member): i for i, c in enumerate(chunks)}
        place = [by_member[id(m)] for m, _ in members]
        staying = {place[r.source] for r in rows if r.kept and r.source is not None}
        last_has_comma = chunks[-1].comma >= 0
        indent = base if inline else self._indent(first.key_start)
        between, opening = self._leads(chunks, inline=inline, indent=indent)
        for i, chunk in enumerate(chunks):
            if i not in staying:
                edits.replace(self._detached(chunk, text), chunk.end, "")
        at = chunks[0].begin
        # whether a comment up to the end of the line comes before: then the next must begin a line
        commented = chunks[0].begin > node.start + 1
        for n, row in enumerate(rows):
            comma = n < len(rows) - 1 or last_has_comma
            if row.kept and row.source is not None:
                chunk = chunks[place[row.source]]
                member, old = members[row.source]
                lead = text[chunk.begin : member.key_start]
                if commented and "\n" not in lead:
                    edits.replace(chunk.begin, chunk.begin, self.newline + indent)
                elif inline and not lead.strip() and (n == 0) != (chunk is chunks[0]):
                    edits.replace(chunk.begin, member.key_start, opening if n == 0 else between)
                self._patch_row(edits, row, member, old, above)
                if comma and chunk.comma < 0:
                    edits.replace(member.value.end, member.value.end, ",")
                elif not comma and chunk.comma >= 0:
                    edits.replace(chunk.comma, chunk.comma + 1, "")
                at = chunk.end
                commented = self._trail(chunk) != ""
                continue
            lead, trail = opening if n == 0 and inline else between, ""
            if commented and "\n" not in lead:
                lead = self.newline + indent
            if row.source is not None:
                chunk = chunks[place[row.source]]
                member, old = members[row.source]
                if not inline and (text[chunk.begin : member.key_start]).strip():
                    lead = text[self._detached(chunk, text) : member.key_start]
                trail = self._trail(chunk) if not inline else ""
                body = self._moved_text(row, member, old, above)
            else:
                name = row.key if row.key is not None else above
                value = self.fresh(row.value, name, indent, inline=whole_inline)
                body = value if row.key is None else self.dialect.key(row.key) + self._colon_of(node) + value
            edits.replace(at, at, lead + body + ("," if comma else "") + trail)
            commented = trail != ""
        if commented and "\n" not in text[chunks[-1].end : node.end]:
            edits.replace(node.end - 1, node.end - 1, self.newline + base)

    def _trail(self, chunk: _Chunk) -> str:
        """The comment behind a member, up to the end of its line."""
        return self.text[chunk.comma + 1 if chunk.comma >= 0 else chunk.member.value.end : chunk.end]

    def _colon_of(self, node: Node) -> str:
        first = node.members[0]
        colon = self.text[first.key_end : first.value.start]
        return colon if re.fullmatch(r"[ \t]*:[ \t]*", colon) else self.colon

    def _detached(self, chunk: _Chunk, text: str) -> int:
        """Where a chunk's own text begins: after comments that a blank line separates from it."""
        lead = text[chunk.begin : chunk.member.key_start]
        if not lead.strip():
            return chunk.begin
        blanks = [m.end() for m in _BLANK.finditer(lead) if lead[: m.start()].strip()]
        return chunk.begin + (blanks[-1] if blanks else 0)

    def _leads(self, chunks: list[_Chunk], *, inline: bool, indent: str) -> tuple[str, str]:
        """White space ahead of a member that has one before it, and ahead of the first."""
        text = self.text
        leads = [text[c.begin : c.member.key_start] for c in chunks]
        opening = leads[0] if not leads[0].strip() else self.pad
        plain = next((lead for lead in leads[1:] if not lead.strip()), None)
        if inline:
            return (plain if plain is not None else self.comma[1:]), opening
        fallback = self.newline + indent
        return (plain if plain is not None and "\n" in plain else fallback), fallback

    def _moved_text(self, row: Row, member: Member, old: Json, above: str | None) -> str:
        edits = Edits([])
        self._patch_row(edits, row, member, old, above)
        return edits.applied(self.text, member.key_start, member.value.end)

    def _expanded(self, node: Node, rows: list[Row], members: list[tuple[Member, Json]], base: str, above: str | None) -> str:
        """A container that was in one line, with a line for each member; members that were there keep their spelling."""
        lines: list[str] = []
        for row in rows:
            if row.source is not None:
                lines.append(self._moved_text(row, *members[row.source], above))
                continue
            value = self.fresh(row.value, row.key if row.key is not None else above, base + self.unit)
            lines.append(value if row.key is None else self.dialect.key(row.key) + self._colon_of(node) + value)
        return self._tall("{}" if node.kind == "object" else "[]", lines, base)

    # --- fresh text -------------------------------------------------------------------------------------------------

    def fresh(self, value: Json, key: str | None, indent: str, *, inline: bool = False, node: Node | None = None) -> str:
        """The text of a value that stands in a line indented by `indent`, in one line where `inline`."""
        if not isinstance(value, dict | list):
            return self.dialect.scalar(value, key, self.text[node.start : node.end] if node is not None else "")
        if not value:
            return "{}" if isinstance(value, dict) else "[]"
        reused = self._reused(value, key, indent)
        if reused is not None and not ((inline or self.single_line) and "\n" in reused):
            return reused
        inline = inline or self.single_line or (isinstance(value, list) and self.inline_lists and not _is_tall(value))
        inner = indent if inline else indent + self.unit
        if isinstance(value, dict):
            rows = [self.dialect.key(k) + self.colon + self.fresh(v, k, inner, inline=inline) for k, v in value.items()]
        else:
            rows = [self.fresh(v, key, inner, inline=inline) for v in value]
        brackets = "{}" if isinstance(value, dict) else "[]"
        if not inline:
            return self._tall(brackets, rows, indent)
        pad = self.pad if self.single_line else " " if isinstance(value, dict) else ""
        return brackets[0] + pad + self.comma.join(rows) + pad + brackets[1]

    def _tall(self, brackets: str, rows: list[str], indent: str) -> str:
        inner = self.newline + indent + self.unit
        return brackets[0] + inner + ("," + inner).join(rows) + self.newline + indent + brackets[1]

    def _reused(self, value: Json, key: str | None, indent: str) -> str | None:
        """The text a moved value had, at its new indentation; None where it was not there before."""
        pointer = self.sources.find(value, key, bool)
        if pointer is None:
            return None
        node, _, whole = descend(self.node, pointer)
        if not whole or node.kind == "scalar":
            return None
        edits = Edits([])
        self.patch(edits, node, get(self.root, pointer), value, key)
        text = edits.applied(self.text, node.start, node.end)
        old = self._indent(node.start)
        first, *lines = text.split("\n")
        return "\n".join([first, *(indent + line[len(old) :] if line.startswith(old) else line for line in lines)])


def _is_tall(value: Json) -> bool:
    """Whether a value is better written in several lines: an object, or a list that holds one."""
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and any(isinstance(v, dict | list) and v for v in value)


def json_dialect(space: re.Pattern[str], text: str, unquoted: set[tuple[str | None, str]]) -> Dialect:
    """JSON as this file writes it. `unquoted` are its placeholders without quotes, each with the name it stands under."""
    ascii_only = text.isascii() and _ESCAPED.search(text) is not None

    def scalar(value: Json, key: str | None, was: str) -> str:
        if (
            isinstance(value, str)
            and value.startswith("${")
            and ((key, value) in unquoted or (was.startswith("${") and value.endswith("}")))
        ):
            return value
        return json.dumps(value, ensure_ascii=ascii_only)

    return Dialect(
        space,
        re.compile(r"(?:[ \t]*+/\*(?:[^*\r\n]++|\*(?!/))*+\*/)*+(?:[ \t]*+//[^\r\n]*+)?+(?=[ \t]*+\r?\n)"),
        scalar,
        lambda key: json.dumps(key, ensure_ascii=ascii_only),
    )
