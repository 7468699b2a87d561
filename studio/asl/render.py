"""Tree to text: fresh, or as the smallest change of an old text.

Theory of operation: `patched` writes the changes, the result is read again, and only if it says exactly what the new tree
says is it used. Otherwise (YAML whose anchors an edit breaks) aliases are written out, and as the last resort all of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from studio.asl.align import Edits, same
from studio.asl.spans import Reading
from studio.asl.tree import Json
from studio.errors import EditRefused, TextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studio.asl.text import Format, Parsed


def render(parsed: Parsed, root: Json, read: Callable[[str], Reading]) -> tuple[str, Reading]:
    """The text for `root`, and its reading. EditRefused where the format cannot hold it."""
    for text in _attempts(parsed, root):
        try:
            reading = read(text)
        except TextError:
            continue
        if same(reading.root, root):
            return text, reading
    raise EditRefused("The change cannot be written in this file's format.", "A property name may be too long for YAML.")


def _attempts(parsed: Parsed, root: Json) -> Iterator[str]:
    if parsed.format == "json":
        yield patched_json(parsed, root)
    else:
        from studio.asl import render_yaml

        yield render_yaml.patched(parsed, root)
        if any(what == "anchor" for what, _ in parsed.leniencies):
            yield render_yaml.patched(parsed, root, expand=True)
    yield dump(root, parsed.format, 2)


def patched_json(parsed: Parsed, root: Json) -> str:
    from studio.asl.json_text import SPACE
    from studio.asl.render_flow import FlowWriter, json_dialect

    unquoted: set[tuple[str | None, str]] = set()
    for pointer, span in parsed.placeholders:
        name = next((part for part in reversed(pointer) if isinstance(part, str)), None)
        unquoted.add((name, parsed.text[span.start : span.end]))
    writer = FlowWriter(parsed.text, parsed.node, parsed.root, json_dialect(SPACE, parsed.text, unquoted))
    edits = Edits([])
    writer.patch(edits, parsed.node, parsed.root, root)
    return edits.applied(parsed.text)


def dump(root: Json, format: Format, indent: int) -> str:  # noqa: A002
    """A fresh text, with a line break at its end."""
    if format == "yaml":
        from studio.asl import render_yaml

        return render_yaml.dump(root, indent)
    try:
        text = json.dumps(root, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        raise EditRefused("JSON has no number for infinity or “not a number”.") from None
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        return json.dumps(root, indent=indent) + "\n"
    return text
