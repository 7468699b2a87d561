"""What a run belongs to and what it led to, as one tree; a further generation is asked for when it is unfolded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError
from studio.exec.family import led_to
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.exec.family import Ask, Family, Relative

STEP = 16
"""How much further right each generation stands, px."""


def draw_family(box: ui.element, found: Family | str, ask: Ask) -> None:
    """What a run belongs to and what came out of it, or why that cannot be told; nothing where it stands alone. `ask` answers for further
    generations.
    """
    box.clear()
    relatives = () if isinstance(found, str) else found.relatives
    box.set_visibility(len(relatives) > 1 or isinstance(found, str))
    own = next((one.depth for one in relatives if one.what == "self"), 0)
    with box:
        c.text("Belongs to, and led to", "", "h3")
        if isinstance(found, str):
            c.text(found, "dim small wrap")
            return
        with c.box("list", role="tree", aria_label="Executions and Map Runs around this one"):
            if found.beyond:
                c.link("Those before", f"/runs/{quote(found.beyond, safe='')}", classes="quiet", data_family_beyond="")
            for one in relatives:
                _Node(one, one.depth, ask, folds=one.depth > own)
            _more(found.more, own + 1)


class _Node:
    """A row, and a place under it for those it led to. What is above the run, and the run itself, do not fold: the rows below are theirs."""

    def __init__(self, one: Relative, depth: int, ask: Ask, *, folds: bool) -> None:
        self.one, self.depth, self.ask = one, depth, ask
        self.asked = False
        self.client = ui.context.client
        with c.box("item kin", "div", role="treeitem", aria_level=str(depth + 1), data_family=one.what) as self.row:
            self.row.style(f"padding-left:{4 + STEP * depth}px")
            self.fold = None
            if folds and one.status:
                c.attributes(self.row, aria_expanded="false")
                self.fold = c.button("What it led to", self.toggle, icon_name="chevron_right", icon_only=True, classes="quiet kin-fold")
                c.attributes(self.fold, data_unfold=one.arn)
            else:
                c.box("kin-fold")
            own = one.what == "self"
            to = {} if own else {"href": f"/runs/{quote(one.arn, safe='')}"}
            with c.box("kin-link grow", "div" if own else "a", **to):
                if one.status:
                    c.status_chip(c.execution(one.status))
                with c.box("grow kin-name"):
                    c.text("This run" if own else one.name, "clip", title=one.arn)
                    if one.how:
                        c.text(one.how, "dim small clip kin-how", title=one.how)
                if one.counts:
                    c.text(one.counts, "dim small num")
        self.below = c.box("kin-below", role="group")
        self.below.set_visibility(False)

    async def toggle(self) -> None:
        """Shows the next generation or hides it; asked for once."""
        shown = not self.below.visible
        self.below.set_visibility(shown)
        c.attributes(self.row, aria_expanded=str(shown).lower())
        self.row.classes(add="unfolded") if shown else self.row.classes(remove="unfolded")
        if not self.asked:
            self.asked = True
            await self._ask()

    async def _ask(self) -> None:
        try:
            led, wrong = await led_to(self.ask, self.one.arn), ""
        except StudioError as problem:
            led, wrong = None, str(problem)
        if self.client.is_deleted or self.below.is_deleted:
            return
        with self.client, self.below:
            for relative in led.found if led else ():
                _Node(relative, self.depth + 1, self.ask, folds=True)
            if led is None or (not led.found and led.more == 0):
                _said(wrong or "Nothing further.", self.depth + 1)
            else:
                _more(led.more, self.depth + 1)


def _more(count: int | None, depth: int) -> None:
    """How many there are that are not named."""
    if count != 0:
        _said("More than are looked through." if count is None else f"{count:,} more", depth)


def _said(text: str, depth: int) -> None:
    c.text(text, "dim small kin-said").style(f"padding-left:{34 + STEP * depth}px")
