"""What a hand does: dragging, waiting for the picture to settle, reading JSON off the page."""

from __future__ import annotations

from typing import Any


def opened(page: Any) -> None:
    """Waits until the canvas shows the workflow, from where it is looked at first."""
    page.wait_for_selector("[data-panel=canvas] [data-state]")
    if "/w/" in page.url:
        page.wait_for_selector("[data-begun]")
    still(page)


def still(page: Any) -> None:
    """Waits until nothing has moved on the canvas for a quarter of a second."""
    page.wait_for_function(
        """() => {
            const parts = document.querySelectorAll('[data-panel=canvas] [data-state], [data-panel=canvas] [data-edge]');
            const now = [...parts].map((part) => Object.values(part.getBoundingClientRect().toJSON()).map(Math.round)).join(';');
            if (window.seenParts !== now) [window.seenParts, window.seenAt] = [now, performance.now()];
            return performance.now() - window.seenAt > 250;
        }""",
        polling=50,
    )


def middle(page: Any, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def edge_middle(page: Any, edge: str) -> tuple[float, float]:
    """A point on the line of a transition, halfway along it."""
    found = page.locator(f'[data-edge="{edge}"]').first
    point = found.evaluate(
        """(element) => {
            const path = element instanceof SVGGeometryElement ? element : element.querySelector('path');
            const at = path.getPointAtLength(path.getTotalLength() / 2);
            const screen = new DOMPoint(at.x, at.y).matrixTransform(path.getScreenCTM());
            return [screen.x, screen.y];
        }"""
    )
    return point[0], point[1]


def drag(page: Any, source: str, to: tuple[float, float], *, drop: str | None = None) -> None:
    """Drags an element to a point, as slowly as a hand; `drop` names the target that must light up on the way."""
    x, y = middle(page, source)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y + 6, steps=2)
    page.mouse.move(to[0], to[1], steps=12)
    if drop is not None:
        page.wait_for_selector(f'[data-drop="{drop}"]', state="attached")
    page.mouse.move(to[0] + 1, to[1], steps=2)
    page.mouse.up()


def drag_to_edge(page: Any, source: str, edge: str) -> None:
    drag(page, source, edge_middle(page, edge), drop=f"edge:{edge}")


def states(page: Any) -> set[str]:
    """The names of the states on the canvas."""
    return set(page.locator("[data-panel=canvas] [data-state]").evaluate_all("(all) => all.map((one) => one.dataset.state)"))


def command(page: Any, name: str) -> None:
    page.locator(f'[data-command="{name}"]:visible').first.click()


def edge_end(page: Any, edge: str, *, before: float = 10, source: bool = False) -> tuple[float, float]:
    """A point on a transition's line, so many pixels of the picture before the state it leads to (or after the one it comes from)."""
    found = page.locator(f'[data-edge="{edge}"] .sc-line').first
    point = found.evaluate(
        """(path, [before, source]) => {
            const at = path.getPointAtLength(source ? before : path.getTotalLength() - before);
            const screen = new DOMPoint(at.x, at.y).matrixTransform(path.getScreenCTM());
            return [screen.x, screen.y];
        }""",
        [before, source],
    )
    return point[0], point[1]


def pull(page: Any, start: tuple[float, float], to: tuple[float, float]) -> None:
    """Presses at one point and moves to another, as slowly as a hand; does not let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 6, start[1] + 6, steps=2)
    page.mouse.move(*to, steps=12)
