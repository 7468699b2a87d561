"""`/runs/compare?a=…&b=now`: a run over the definition as it is in the editor: the path it took, the states that are otherwise now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.asl import tree
from studio.asl.graph import Graph, build
from studio.asl.text import tree_of
from studio.errors import StudioError
from studio.exec.views.overlay import over_definition
from studio.ui.pages.compare import Half, draw_graph, graph_of, payloads, read, run_head, top_bar
from studio.ui.pages.runs import address, status_cell
from studio.ui.shell import Shell
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.ui.context import Studio

COLUMNS = [
    {"name": "name", "label": "State", "width": "minmax(140px, 1fr)"},
    {"name": "status", "label": "In the run", "width": "128px", "kind": "status"},
    {"name": "since", "label": "Definition", "width": "minmax(120px, 1fr)"},
]
WORDS = {"changed": "changed", "added": "new", "gone": "gone"}


async def page(studio: Studio, arn: str, *, state: str = "") -> None:
    """Reads the run and the workflow; one that is not there is told with the way back."""
    shell = Shell(studio, "Compare with the definition")
    try:
        half = await read(studio, arn)
        session = await studio.sessions.open(str(half.described.get("workflow") or ""))
        root = tree_of(session.definition_to_run())
    except StudioError as problem:
        shell.tell_missing(
            "Compare with the definition", f"{problem} A run and its workflow in this workspace are needed.", "The run", address(arn)
        )
        return
    view = NowPage(shell, half, root, session.path)
    view.build()
    await ui.context.client.connected()
    view.draw()
    if state:
        view.select(state)


class NowPage:
    """The page of a run over its workflow."""

    def __init__(self, shell: Shell, run: Half, root: tree.Json, workflow: str) -> None:
        self.shell, self.run, self.root, self.workflow = shell, run, root, workflow
        self.graph: Graph = build(root)
        self.over = over_definition(run.view, run.graph, self.graph)
        self.since = {name: side for name, (side, _) in self.over.states.items()} | dict.fromkeys(self.over.hidden, "gone")

    def build(self) -> None:
        with c.box("shell"):
            with top_bar(self.shell, "Compare with the definition"):
                c.link("Open in the editor", f"/w/{quote(self.workflow)}", icon_name="edit")
            with c.box("compare-heads"):
                run_head(self.run, "◀", "A")
                with c.box("compare-head", "section", aria_label="Definition now", data_side="b"):
                    c.text("The definition now", "compare-mark")
                    c.text(self.workflow, "clip grow")
            with c.box("compare", "main"):
                with c.box("compare-graphs one"):
                    _, self.canvas = graph_of(self._intend, "The run over the definition now", "both")
                with c.box("compare-states", "section", data_panel="table", aria_label="States"):
                    with c.box("events-head"):
                        c.text(self._sentence(), "grow", data_comparison="")
                    with c.box("events-body"):
                        self.rows = Rows(COLUMNS, self._rows(), lambda name: self.select(str(name)), label="States")
                        self.detail = c.box("events-detail", data_difference="")
                    self.detail.set_visibility(False)
        self.shell.ready()

    def _sentence(self) -> str:
        if not self.since:
            return "The definition is as it was when this ran."
        counts = {word: sum(side == key for side in self.since.values()) for key, word in WORDS.items()}
        reached = sum(name in self.since for name, state in self.run.view.states.items() if state.visits)
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return f"States since this ran: {told}. The run came to {reached} of them."

    def _rows(self) -> list[dict[str, Any]]:
        """What is otherwise comes first, then what the run came to."""
        statuses = {name: state.status for name, state in self.run.view.states.items()}
        names = list(dict.fromkeys([*self.since, *(n for n, s in statuses.items() if s != "not-reached"), *statuses]))
        return [
            {
                "id": name,
                "name": name,
                "status": _cell(statuses.get(name)),
                "since": WORDS.get(self.since.get(name, ""), ""),
                "class": "differs" if name in self.since else "",
                "attributes": {"data-row": name, "data-since": self.since.get(name, "same")},
            }
            for name in names
        ]

    def draw(self) -> None:
        draw_graph(self.canvas, self.root, self.graph, self.over.statuses, frozenset())
        self.canvas.sides({f"{source}->{target}": side for (source, target), side in self.over.edges.items()}, self.over.states)

    async def _intend(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") in {"select", "open"}:
            ids = intent.get("ids") or [intent.get("id")]
            node = self.graph.states.get(tree.from_text(str(ids[0]), self.root)) if ids and ids[0] else None
            if node is not None:
                self.select(node.name)

    def select(self, name: str) -> None:
        """The state on the graph and in the table, and its definition then and now."""
        then, now = self.run.graph.by_name(name), self.graph.by_name(name)
        if then is None and now is None:
            return
        self.canvas.select([tree.to_text(now.pointer)] if now else [])
        if now is not None:
            self.canvas.focus(tree.to_text(now.pointer))
        self.rows.choose(name)
        self.detail.clear()
        self.detail.set_visibility(True)
        with self.detail:
            with c.box("row"):
                c.text(name, "grow clip", "h2")
                c.button("Close", lambda: self.detail.set_visibility(False), icon_name="close", icon_only=True, classes="quiet")
            payloads("Definition", _text(then), _text(now))
        ui.navigate.history.replace(f"/runs/compare?a={quote(self.run.arn, safe='')}&b=now&state={quote(name, safe='')}")


def _text(node: Any) -> str | None:
    return None if node is None else json.dumps(node.value, ensure_ascii=False)


def _cell(status: str | None) -> dict[str, str]:
    icon, word = c.STATUS.get(status or "not-reached", ("help_outline", str(status)))
    return {**status_cell(""), "tone": status or "not-reached", "icon": icon, "word": word}
