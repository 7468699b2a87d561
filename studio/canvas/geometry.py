"""Plane geometry of the canvas: rectangles, text widths, and the sizes everything is drawn in.

Units: all numbers are world pixels, x to the right and y downwards, as in SVG at zoom 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NODE_W, NODE_H = 224, 56
CHOICE_H = 48
PILL_W, PILL_H = 64, 28
DOT = 14
"""Start and end of a nested scope: a dot, since its container's border already says where it begins and ends."""
HEADER_H = 32
PADDING = 16
GAP_X, GAP_Y = 32, 40
LANE_W = 14
"""Room an edge takes where it passes a layer between nodes."""
LABEL_H = 20
LABEL_MAX_W = 208
LABEL_PAD = 6
TRACK = 10
"""Distance of two horizontal runs of edges in the same gap."""


class Point(NamedTuple):
    x: float
    y: float


class Rect(NamedTuple):
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def moved(self, dx: float, dy: float) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def overlaps(self, other: Rect) -> bool:
        """Whether the interiors meet; touching borders do not count."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def contains(self, other: Rect) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


# Advance widths of Roboto in thousandths of the font size; what is not listed is taken as wide as "n" (wide scripts as an em).
_WIDTHS: dict[str, int] = {
    **dict.fromkeys("il'|", 250),
    **dict.fromkeys("jfItr.,:;!/\\()[]`-", 340),
    **dict.fromkeys(' "*', 300),
    **dict.fromkeys("{}", 340),
    **dict.fromkeys("csvxyzkJ?", 510),
    **dict.fromkeys("abdeghnopqu0123456789$_^~#EFLSTYPBRXZ", 580),
    **dict.fromkeys("ACDGHKNUVOQ<>=+&", 660),
    **dict.fromkeys("mwMW@%", 880),
    "…": 700,
    "×": 540,
    "·": 280,
    "≤": 540,
}


@lru_cache(maxsize=16_384)
def text_width(text: str, size: float) -> float:
    """How wide a text is in Roboto at `size` px: an estimate that errs on the wide side by a few per cent."""
    units = 0
    for char in text:
        units += _WIDTHS.get(char) or (1000 if ord(char) > 0x1100 else 600)
    return units * size / 1000


def ellipsis(text: str, size: float, room: float, *, middle: bool = False) -> str:
    """The text, cut with "…" at its end or in its middle so that it is at most `room` px wide."""
    text = " ".join(text[:2000].split())
    if text_width(text, size) <= room:
        return text
    low, high = 1, len(text)
    while low < high:
        keep = (low + high + 1) // 2
        if text_width(_cut(text, keep, middle=middle), size) <= room:
            low = keep
        else:
            high = keep - 1
    return _cut(text, low, middle=middle)


def _cut(text: str, keep: int, *, middle: bool) -> str:
    if not middle:
        return text[:keep].rstrip() + "…"
    head = (keep + 1) // 2
    return text[:head].rstrip() + "…" + text[len(text) - (keep - head) :].lstrip()


def simplify(points: Iterable[Point]) -> list[Point]:
    """A polyline without repeated points and without points in the middle of a straight run."""
    out: list[Point] = []
    for point in points:
        if out and abs(out[-1].x - point.x) < 0.01 and abs(out[-1].y - point.y) < 0.01:
            continue
        if len(out) > 1 and _straight(out[-2], out[-1], point):
            out[-1] = point
        else:
            out.append(point)
    return out


def _straight(a: Point, b: Point, c: Point) -> bool:
    vertical = abs(a.x - b.x) < 0.01 and abs(b.x - c.x) < 0.01
    horizontal = abs(a.y - b.y) < 0.01 and abs(b.y - c.y) < 0.01
    return (vertical and (b.y - a.y) * (c.y - b.y) >= 0) or (horizontal and (b.x - a.x) * (c.x - b.x) >= 0)


def separate(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """Positions nearest to the wanted ones (least squares) with position i+1 at least `gaps[i]` after position i.

    Isotonic regression by pooling adjacent violators; `gaps` has one element fewer than `wanted`. Linear time.
    """
    sums: list[float] = []  # of each pool: sum of weight * value, sum of weights, number of members
    totals: list[float] = []
    sizes: list[int] = []
    shifts: list[float] = []
    shift = 0.0
    for i, want in enumerate(wanted):
        if i:
            shift += gaps[i - 1]
        shifts.append(shift)
        weight = weights[i] if weights else 1.0
        value, total, size = (want - shift) * weight, weight, 1
        while sums and sums[-1] / totals[-1] > value / total:
            value += sums.pop()
            total += totals.pop()
            size += sizes.pop()
        sums.append(value)
        totals.append(total)
        sizes.append(size)
    out: list[float] = []
    for value, total, size in zip(sums, totals, sizes, strict=True):
        out.extend([value / total] * size)
    return [value + shift for value, shift in zip(out, shifts, strict=True)]
