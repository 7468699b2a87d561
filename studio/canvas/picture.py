"""Pictures of a scene for files: a standalone SVG (no scripts, no fonts, no links), and Graphviz DOT.

Everything that comes from a definition is text: it is escaped, control characters are dropped, and none of it reaches an
attribute other than a `data-` one. Looks: the canvas's own (geometry and colours of the design), light or dark.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from studio.canvas.geometry import HEADER_H, Point, Rect, ellipsis, text_width
from studio.canvas.icons import HUES, ICONS, NEUTRAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio.canvas.scene import Edge, Node, Scene

Theme = Literal["light", "dark"]

_FONT = "Roboto, 'Helvetica Neue', Helvetica, Arial, sans-serif"
_RADIUS = 8
_ARROW = 6


class Palette(NamedTuple):
    page: str
    surface: str
    sunken: str
    hairline: str
    line: str
    text: str
    second: str
    action: str
    catch: str
    error: str
    warning: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        "#F6F7F9", "#FFFFFF", "#F6F7F9", "#C9D0D8", "#6B7480", "#0B1220", "#4B5563", "#1257B0", "#C96A08", "#A3120A", "#C96A08"
    ),
    "dark": Palette(
        "#0E1216", "#1B2027", "#14181D", "#3A424C", "#8A94A0", "#E6EAEF", "#A3ADB8", "#87AFDD", "#F7B90F", "#F7535B", "#F7B90F"
    ),
}


class Look(NamedTuple):
    """How a status is drawn: icon, stroke width and dashes, and per theme (stroke, tint)."""

    icon: str
    width: float
    dash: str
    light: tuple[str, str]
    dark: tuple[str, str]


_AMBER = (("#C96A08", "#FBEFDF"), ("#F7B90F", "#35290F"))
_RED = (("#A3120A", "#FBE7E5"), ("#F7535B", "#3A1B1F"))
STATUS: dict[str, Look] = {
    "succeeded": Look("check_circle", 2, "", ("#088F5B", "#E3F4EC"), ("#41D9A6", "#15302A")),
    "failed": Look("cancel", 3, "", *_RED),
    "running": Look("autorenew", 2, "8 4", ("#1257B0", "#E5EEF9"), ("#87AFDD", "#1C2A3B")),
    "waiting": Look("hourglass_top", 2, "2 3", ("#6D1FD6", "#EFE7FB"), ("#A968F7", "#2A1F40")),
    "retrying": Look("replay", 2, "6 4", *_AMBER),
    "caught": Look("shield", 2, "", *_AMBER),
    "timed-out": Look("timer_off", 3, "", *_RED),
    "stopped": Look("stop_circle", 2, "", ("#57606A", "#F1F3F5"), ("#9AA4AF", "#20262D")),
    "not-reached": Look("radio_button_unchecked", 1, "4 3", ("#8A94A0", ""), ("#6B7480", "")),
}
_UNKNOWN = Look("help_outline", 1.5, "", ("#57606A", ""), ("#9AA4AF", ""))


CHANGES: dict[str, tuple[str, tuple[str, str]]] = {
    "added": ("+", ("#066B45", "#41D9A6")),
    "removed": ("\u2212", ("#A3120A", "#F7535B")),
    "changed": ("\u00b1", ("#8A4500", "#F7B90F")),
    "renamed": ("=", ("#1257B0", "#87AFDD")),
    "moved": ("\u21c4", ("#1257B0", "#87AFDD")),
}
"""How a state that a version differs in is marked: a sign, and the colour of its ring, light and dark."""


def svg(scene: Scene, *, theme: Theme = "light", title: str = "", changes: Mapping[str, str] | None = None) -> str:
    """The scene as the text of an SVG file. `changes`: what became of states in another version (a key of CHANGES), by name."""
    palette = PALETTES[theme]
    width, height = max(scene.width, 1), max(scene.height, 1)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" font-family="{_FONT}" font-size="13">',
        f"<title>{_text(title or 'Workflow')}</title>",
        f'<rect width="{width}" height="{height}" fill="{palette.page}"/>',
    ]
    depth = _depths(scene)
    for node in scene.nodes.values():
        if node.branches:
            lines += _container(node, theme, palette, depth[node.id])
    for edge in scene.edges.values():
        lines += _edge(edge, palette)
    for node in scene.nodes.values():
        if not node.branches:
            lines += _node(node, theme, palette)
    for edge in scene.edges.values():
        lines += _label(edge, palette)
    for node in scene.nodes.values():
        if changes and node.kind == "state" and (kind := changes.get(node.name)) in CHANGES:
            lines += _change(node, kind, theme, palette)
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _change(node: Node, kind: str, theme: Theme, palette: Palette) -> Iterator[str]:
    """A ring around a state and its sign at the corner."""
    sign, colours = CHANGES[kind]
    colour = colours[theme == "dark"]
    ring = f'fill="none" stroke="{colour}" stroke-width="2.5"'
    yield f'<g data-change="{kind}"><rect x="{node.x - 4}" y="{node.y - 4}" width="{node.w + 8}" height="{node.h + 8}" rx="9" {ring}/>'
    yield f'<circle cx="{node.x}" cy="{node.y}" r="9" fill="{colour}"/>'
    yield f"{_write(node.x, node.y + 4.5, sign, fill=palette.page, weight=500, anchor='middle')}</g>"


def _depths(scene: Scene) -> dict[str, int]:
    depth: dict[str, int] = {}
    for node in scene.nodes.values():  # parents come first
        depth[node.id] = depth[node.parent] + 1 if node.parent else 0
    return depth


def _text(value: str) -> str:
    """A text as XML content: escaped, without characters XML forbids."""
    kept = "".join(c for c in value if c in "\t\n" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF)))
    return escape(kept, quote=True)


def _write(x: float, y: float, text: str, *, fill: str, size: float = 13, weight: int = 400, anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size:g}" font-weight="{weight}" text-anchor="{anchor}">{_text(text)}</text>'
    )


def _icon(name: str, x: float, y: float, size: float, colour: str) -> str:
    path = ICONS.get(name, ICONS["bolt"])
    return (
        f'<path transform="translate({x:g} {y:g}) scale({size / 24:g})" d="{path}" fill="none" stroke="{colour}"'
        f' stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _look(node: Node) -> Look | None:
    return None if node.status is None else STATUS.get(node.status, _UNKNOWN)


def _stroke(node: Node, theme: Theme, palette: Palette) -> tuple[str, str]:
    """Attributes of the border, and the fill."""
    look = _look(node)
    if look is None:
        colour = palette.error if node.malformed else palette.hairline
        dash = ' stroke-dasharray="4 3"' if node.malformed else ""
        return f'stroke="{colour}" stroke-width="1"{dash}', palette.surface
    stroke, tint = look.dark if theme == "dark" else look.light
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    return f'stroke="{stroke}" stroke-width="{look.width:g}"{dash}', tint or palette.surface


def _container(node: Node, theme: Theme, palette: Palette, depth: int) -> Iterator[str]:
    border, fill = _stroke(node, theme, palette)
    body = palette.sunken if depth % 2 else palette.surface
    if theme == "dark":
        body = palette.surface if depth % 2 else palette.sunken
    yield f'<g data-state="{_text(node.name)}" data-type="{_text(node.type)}">'
    yield f"<title>{_text(node.label)}</title>"
    yield f'<rect x="{node.x}" y="{node.y}" width="{node.w}" height="{node.h}" rx="6" fill="{body}" {border}/>'
    if node.status:
        yield f'<rect x="{node.x + 2}" y="{node.y + 2}" width="{node.w - 4}" height="{HEADER_H - 2}" rx="5" fill="{fill}"/>'
    yield f'<path d="M{node.x} {node.y + HEADER_H}h{node.w}" stroke="{palette.hairline}" fill="none"/>'
    for lane in node.branches[1:]:
        yield f'<path d="M{lane.x:g} {lane.y:g}v{lane.h:g}" stroke="{palette.hairline}" stroke-dasharray="2 4" fill="none"/>'
    light, dark = HUES.get(node.icon, NEUTRAL)
    yield _icon(node.icon, node.x + 9, node.y + 7, 18, dark if theme == "dark" else light)
    room = node.w - 34 - (28 if node.status else 8) - _marks_width(node)
    name = ellipsis(node.title, 13.3, room, middle=True)
    yield _write(node.x + 34, node.y + 20.5, name, fill=palette.text, weight=500)
    left = room - text_width(name, 13.3) - 12
    if left > 48:
        yield _write(
            node.x + 34 + text_width(name, 13.3) + 12, node.y + 20.5, ellipsis(node.subtitle, 11, left), fill=palette.second, size=11
        )
    yield from _marks(node, node.x + node.w - (30 if node.status else 10), node.y + 16, palette)
    yield from _status_icon(node, node.x + node.w - 24, node.y + 8, theme)
    yield "</g>"


def _node(node: Node, theme: Theme, palette: Palette) -> Iterator[str]:
    if node.kind != "state":
        yield from _pseudo(node, palette)
        return
    border, fill = _stroke(node, theme, palette)
    opacity = ' opacity="0.6"' if node.status == "not-reached" else ""
    yield f'<g data-state="{_text(node.name)}" data-type="{_text(node.type)}"{opacity}>'
    yield f"<title>{_text(node.label)}</title>"
    yield _outline(node, f'fill="{fill}" {border}')
    if node.collapsed:
        yield f'<path d="M{node.x + 6} {node.y + node.h + 3}h{node.w - 12}" stroke="{palette.hairline}" fill="none"/>'
    if node.mocked:
        inner = f'fill="none" stroke="{palette.second}" stroke-dasharray="3 3"'
        yield f'<rect x="{node.x + 3}" y="{node.y + 3}" width="{node.w - 6}" height="{node.h - 6}" rx="4" {inner}/>'
    light, dark = HUES.get(node.icon, NEUTRAL)
    hue = dark if theme == "dark" else light
    top = node.y + (node.h - 32) / 2
    yield f'<rect x="{node.x + 12}" y="{top:g}" width="32" height="32" rx="4" fill="{hue}" fill-opacity="0.12"/>'
    yield _icon(node.icon, node.x + 18, top + 6, 20, hue)
    middle = node.y + node.h / 2
    room = node.w - 54 - (30 if node.status else 12)
    yield _write(node.x + 54, middle - 3.5, ellipsis(node.title, 13.3, room, middle=True), fill=palette.text, weight=500)
    room = node.w - 54 - 12 - _marks_width(node)
    yield _write(node.x + 54, middle + 13.5, ellipsis(node.subtitle, 11, room), fill=palette.second, size=11)
    yield from _marks(node, node.x + node.w - 10, middle + 10, palette)
    yield from _status_icon(node, node.x + node.w - 24, node.y + 7, theme)
    yield "</g>"


def _outline(node: Node, attributes: str) -> str:
    if node.type != "Choice":
        return f'<rect x="{node.x}" y="{node.y}" width="{node.w}" height="{node.h}" rx="6" {attributes}/>'
    x, y, w, h, cut = node.x, node.y, node.w, node.h, 12
    path = f"M{x + cut} {y}H{x + w - cut}L{x + w} {y + h / 2:g}L{x + w - cut} {y + h}H{x + cut}L{x} {y + h / 2:g}Z"
    return f'<path d="{path}" stroke-linejoin="round" {attributes}/>'


def _pseudo(node: Node, palette: Palette) -> Iterator[str]:
    if node.kind == "empty":
        yield (
            f'<rect x="{node.x}" y="{node.y}" width="{node.w}" height="{node.h}" rx="6" fill="none" stroke="{palette.hairline}"'
            f' stroke-width="1.5" stroke-dasharray="6 5"/>'
        )
        yield _write(node.x + node.w / 2, node.y + node.h / 2 + 4, node.title, fill=palette.second, size=12, anchor="middle")
    elif node.title:
        yield (
            f'<rect x="{node.x}" y="{node.y}" width="{node.w}" height="{node.h}" rx="{node.h / 2:g}" fill="{palette.surface}"'
            f' stroke="{palette.hairline}"/>'
        )
        yield _write(node.x + node.w / 2, node.y + node.h / 2 + 4, node.title, fill=palette.second, size=12, weight=500, anchor="middle")
    else:
        radius = node.w / 2
        filled = palette.line if node.kind == "start" else palette.surface
        yield (
            f'<circle cx="{node.x + radius:g}" cy="{node.y + radius:g}" r="{radius - 2:g}" fill="{filled}"'
            f' stroke="{palette.line}" stroke-width="1.5"/>'
        )


def _mark_list(node: Node) -> list[tuple[str, str, str]]:
    """Small marks at the right: (icon or shape, number, kind)."""
    marks: list[tuple[str, str, str]] = []
    for chip in node.chips:
        word, _, number = chip.partition(" ")
        marks.append(("replay" if word == "retry" else "shield", number, "chip"))
    if node.mocked:
        marks.append(("push_pin", "", "chip"))
    errors, warnings, _ = node.problems
    if errors:
        marks.append(("octagon", str(errors), "error"))
    if warnings:
        marks.append(("triangle", str(warnings), "warning"))
    return marks


def _marks_width(node: Node) -> float:
    return sum(18 + text_width(number, 10.5) + 4 for _, number, _ in _mark_list(node))


def _marks(node: Node, right: float, middle: float, palette: Palette) -> Iterator[str]:
    for name, number, kind in reversed(_mark_list(node)):
        width = text_width(number, 10.5)
        colour = {"error": palette.error, "warning": palette.warning}.get(kind, palette.second)
        x = right - width - 14
        match name:
            case "octagon":
                yield f'<path d="M{x + 3:g} {middle - 5:g}h5l3 3v5l-3 3h-5l-3-3v-5z" fill="{colour}"/>'
            case "triangle":
                yield f'<path d="M{x + 5.5:g} {middle - 5:g}l6 10.5h-12z" fill="{colour}"/>'
            case _:
                yield _icon(name, x - 1, middle - 6, 12, colour)
        if number:
            yield _write(right - width, middle + 3.8, number, fill=colour, size=10.5)
        right = x - 6


def _status_icon(node: Node, x: float, y: float, theme: Theme) -> Iterator[str]:
    look = _look(node)
    if look is not None:
        yield _icon(look.icon, x, y, 16, (look.dark if theme == "dark" else look.light)[0])


def _edge(edge: Edge, palette: Palette) -> Iterator[str]:
    colour = palette.catch if edge.kind == "catch" else palette.error if edge.missing else palette.action if edge.taken else palette.line
    dash = ' stroke-dasharray="2 4"' if edge.missing else ' stroke-dasharray="6 4"' if edge.kind == "catch" else ""
    width = 2.5 if edge.taken else 1.5
    yield f'<g data-edge="{_text(edge.source)}-&gt;{_text(edge.target)}" data-kind="{edge.kind}">'
    yield f'<path d="{rounded(edge.points)}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'
    if len(edge.points) > 1:
        tip, before = edge.points[-1], edge.points[-2]
        yield f'<path d="{_arrow(before, tip)}" fill="{colour}"/>'
    yield "</g>"


def rounded(points: Sequence[Point]) -> str:
    """An orthogonal polyline as path data with rounded corners, ending short of its last point where the arrow begins."""
    if len(points) < 2:
        return ""
    way = list(points)
    way[-1] = _towards(points[-1], points[-2], _ARROW)
    parts = [f"M{way[0].x:g} {way[0].y:g}"]
    for a, b, c in zip(way, way[1:], way[2:], strict=False):
        radius = min(_RADIUS, _distance(a, b) / 2, _distance(b, c) / 2)
        enter, leave = _towards(b, a, radius), _towards(b, c, radius)
        parts.append(f"L{enter.x:g} {enter.y:g}Q{b.x:g} {b.y:g} {leave.x:g} {leave.y:g}")
    parts.append(f"L{way[-1].x:g} {way[-1].y:g}")
    return "".join(parts)


def _distance(a: Point, b: Point) -> float:
    return abs(a.x - b.x) + abs(a.y - b.y)


def _towards(a: Point, b: Point, by: float) -> Point:
    """The point `by` px from a on the (horizontal or vertical) way to b."""
    length = _distance(a, b)
    if not length:
        return a
    share = min(1.0, by / length)
    return Point(round(a.x + (b.x - a.x) * share, 2), round(a.y + (b.y - a.y) * share, 2))


def _arrow(before: Point, tip: Point) -> str:
    base = _towards(tip, before, _ARROW)
    dx, dy = (base.y - tip.y) * 0.6, (tip.x - base.x) * 0.6
    return f"M{tip.x:g} {tip.y:g}L{base.x + dx:g} {base.y + dy:g}L{base.x - dx:g} {base.y - dy:g}Z"


def _label(edge: Edge, palette: Palette) -> Iterator[str]:
    box: Rect | None = edge.label_box
    if box is None:
        return
    colour = palette.catch if edge.kind == "catch" else palette.error if edge.missing else palette.second
    yield "<g>"
    if edge.full_label != edge.label:
        yield f"<title>{_text(edge.full_label)}</title>"
    yield (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" rx="4" fill="{palette.surface}"'
        f' stroke="{colour}" stroke-opacity="0.4"/>'
    )
    yield _write(box.x + box.w / 2, box.y + box.h / 2 + 4, edge.label, fill=colour, size=11, anchor="middle")
    yield "</g>"


def dot(scene: Scene, *, title: str = "Workflow") -> str:
    """The scene's states and transitions as Graphviz DOT: containers are clusters. Only text; Graphviz itself is not needed."""
    import graphviz  # pyright: ignore[reportMissingTypeStubs]

    top: Any = graphviz.Digraph(
        "workflow",
        graph_attr={"label": graphviz.escape(title), "rankdir": "TB", "compound": "true", "fontname": "Helvetica"},
        node_attr={"shape": "box", "style": "rounded", "fontname": "Helvetica", "fontsize": "12"},
        edge_attr={"fontname": "Helvetica", "fontsize": "10"},
    )
    inside: dict[str | None, list[Node]] = {}
    for node in scene.nodes.values():
        inside.setdefault(node.parent, []).append(node)
    anchors: dict[str, str] = {}

    def fill(graph: Any, parent: str | None) -> None:
        for node in inside.get(parent, ()):
            name = f"n{len(anchors)}"
            anchors[node.id] = name
            if inside.get(node.id):
                with graph.subgraph(name=f"cluster_{name}") as cluster:
                    cluster.attr(label=graphviz.escape(f"{node.title}\n{node.subtitle}"), style="rounded", color="gray60")
                    cluster.node(name, "", shape="point", style="invis")
                    fill(cluster, node.id)
            elif node.kind == "state":
                shape = {"Choice": "hexagon", "Succeed": "box", "Fail": "box"}.get(node.type, "box")
                graph.node(name, graphviz.escape(f"{node.title}\n{node.subtitle}"), shape=shape)
            elif node.kind == "empty":
                graph.node(name, "(empty)", style="dashed")
            else:
                graph.node(name, node.title, shape="oval" if node.title else "point")

    fill(top, None)
    for edge in scene.edges.values():
        attributes = {"label": graphviz.escape(edge.label)} if edge.label else {}
        if edge.kind == "catch":
            attributes["style"] = "dashed"
        if edge.missing:
            attributes["style"] = "dotted"
        for end, key in ((edge.source_id, "ltail"), (edge.target_id, "lhead")):
            if inside.get(end):
                attributes[key] = f"cluster_{anchors[end]}"
        top.edge(anchors[edge.source_id], anchors[edge.target_id], **attributes)
    return str(top.source)
