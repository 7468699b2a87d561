"""`/runs/compare?a=…&b=…`: two runs on one graph or on two, their states with what differs, and the payloads of the selected state.
`b=now` is the definition as it is in the editor (`compare_now`).

A is `◀` and blue, B is `▶` and amber: never the colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.asl import tree
from studio.asl.graph import Graph, build
from studio.asl.text import tree_of
from studio.canvas import scene
from studio.canvas.element import Canvas
from studio.errors import ServiceError, StudioError
from studio.exec.exported import whole_history
from studio.exec.views.compare import Comparison, Difference, StatePair, compare, differences
from studio.exec.views.overlay import overlay
from studio.exec.views.run import RunView, project
from studio.ui.pages.runs import address, comparison, workflow_of
from studio.ui.shell import Shell
from studio.ui.times import between, clock, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import JsonTree
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.ui.context import Studio

COLUMNS = [
    {"name": "path", "label": "In", "width": "32px", "class": "mono pre"},
    {"name": "name", "label": "State", "width": "minmax(110px, 1fr)"},
    {"name": "a", "label": "◀ A", "width": "104px", "kind": "status"},
    {"name": "b", "label": "▶ B", "width": "104px", "kind": "status"},
    {"name": "seconds", "label": "Duration ◀ → ▶", "width": "116px", "class": "num", "spare": 1},
    {"name": "slower", "label": "B takes", "width": "76px", "class": "num", "spare": 3},
    {"name": "attempts", "label": "Attempts", "width": "60px", "class": "num dim", "spare": 5},
    {"name": "inputs", "label": "Input", "width": "66px", "class": "dim", "spare": 4},
    {"name": "outputs", "label": "Output", "width": "76px", "spare": 2},
]
PATHS = {"both": "◀ ▶", "a": "◀", "b": "  ▶", "neither": ""}
SHOWN = 200


async def page(studio: Studio, a: str, b: str, *, state: str = "") -> None:
    """Reads both histories; a run that is not there is told with the way back."""
    if b == "now":
        from studio.ui.pages import compare_now

        await compare_now.page(studio, a, state=state)
        return
    shell = Shell(studio, "Compare runs")
    try:
        sides = [await read(studio, arn) for arn in (a, b)]
    except StudioError as problem:
        shell.tell_missing("Compare runs", f"{problem} Two runs of this workspace are needed.", "All runs", "/runs")
        return
    view = ComparePage(shell, *sides)
    view.build()
    await ui.context.client.connected()
    view.draw()
    if state:
        view.select(state)


class Half:
    """One of the runs, read."""

    def __init__(self, arn: str, described: dict[str, Any], root: tree.Json, view: RunView) -> None:
        self.arn, self.described, self.root, self.view = arn, described, root, view
        self.graph: Graph = build(root)


async def read(studio: Studio, arn: str) -> Half:
    """A run of the workspace, or on AWS."""
    if not arn:
        raise ServiceError("InvalidArn", "The address names no run.")
    engine, described = await studio.ask("describe_execution", executionArn=arn)
    machine = await engine.describe_state_machine_for_execution(executionArn=arn)
    root = tree_of(machine["definition"])
    return Half(arn, described, root, project(root, await whole_history(engine, arn)))


async def last_success(studio: Studio, described: dict[str, Any]) -> str | None:
    """The newest run of the same workflow that succeeded, another one than this; None where there is none."""
    found = await studio.engine.search_executions(statusFilter="SUCCEEDED", workflow=described.get("workflow"), maxResults=1000)
    same = (
        item["executionArn"]
        for item in found["executions"]
        if item["executionArn"] != described["executionArn"] and item["stateMachineArn"] == described["stateMachineArn"]
    )
    return next(same, None)


@contextmanager
def top_bar(shell: Shell, title: str) -> Iterator[None]:
    """The bar of a comparison: the way back to the runs, the title, and the buttons made inside."""
    with c.box("topbar", "header"):
        with c.box():
            shell.brand()
            c.text("/", "crumb", "span")
            c.link("Runs", "/runs", classes="btn quiet")
            c.text("/", "crumb", "span")
            c.text(title, "crumb-name", "h1")
        c.box()
        with c.box():
            yield
            shell.command_button("command-palette", icon_only=True, classes="quiet")


def run_head(half: Half, mark: str, name: str) -> None:
    """Which run a side of a comparison is, and how it ended."""
    view, described = half.view, half.described
    with c.box("compare-head", "section", aria_label=f"Run {name}", data_side=name.lower()):
        c.text(f"{mark} {name}", "compare-mark")
        c.status_chip(c.execution(described["status"]))
        c.link(described["name"], address(half.arn), classes="mono clip")
        c.text(workflow_of(described), "dim clip grow")
        if view.error:
            c.text(view.error, "mono clip", title=view.cause or "")
        c.text(clock(view.started), "dim num", title=exact(view.started))
        c.text(between(view.started, view.ended), "num")


class ComparePage:
    """The page of a comparison."""

    def __init__(self, shell: Shell, a: Half, b: Half) -> None:
        self.shell, self.a, self.b = shell, a, b
        self.found: Comparison = compare(a.view, b.view, a.graph, b.graph)
        self.pairs = {pair.name: pair for pair in self.found.states}
        self.over = overlay(self.found, a.view, b.view, b.graph, c.seconds)
        self.only_different = False
        self.state: str | None = None

    def build(self) -> None:
        with c.box("shell"):
            with top_bar(self.shell, "Compare"):
                c.link("Swap", comparison(self.b.arn, self.a.arn), icon_name="swap_horiz", classes="btn quiet", data_swap="")
            with c.box("compare-heads"):
                run_head(self.a, "◀", "A")
                run_head(self.b, "▶", "B")
            with c.box("compare", "main"):
                with c.box("compare-graphs one") as self.graphs:
                    with c.box("segments", role="group", aria_label="Graphs"):
                        self.counts = {
                            key: c.button(label, lambda _=None, key=key: self._show(key), data_graphs=key)
                            for key, label in (("one", "One graph"), ("two", "Two graphs"))
                        }
                    both = graph_of(lambda intent: self._intend(self.b, intent), "Both runs", "both")
                    self.stages, self.canvases = [both[0]], [both[1]]
                    for half, name in ((self.a, "A"), (self.b, "B")):
                        stage, canvas = graph_of(lambda intent, half=half: self._intend(half, intent), f"Run {name}", name.lower())
                        self.stages.append(stage)
                        self.canvases.append(canvas)
                with c.box("compare-states", "section", data_panel="table", aria_label="States of both runs"):
                    with c.box("events-head"):
                        c.text(self._sentence(), "grow", data_comparison="")
                        c.check("Differences only", False, self._filter, data_only_different="")
                    with c.box("events-body"):
                        self.rows = Rows(COLUMNS, [], lambda name: self.select(str(name)), label="States")
                        self.detail = c.box("events-detail", data_difference="")
                    self.detail.set_visibility(False)
        self.shell.ready()
        self._draw_rows()
        self.drawn: set[str] = set()
        self._show("one", draw=False)

    def _show(self, count: str, *, draw: bool = True) -> None:
        """Both runs on one graph, or each on its own."""
        c.mark(self.counts, count, "aria-pressed")
        self.count = count
        self.graphs.classes(add="one") if count == "one" else self.graphs.classes(remove="one")
        for at, stage in enumerate(self.stages):
            stage.set_visibility((at == 0) == (count == "one"))
        if draw:
            self.draw()

    def _sentence(self) -> str:
        """What differs, in words."""
        states = self.found.states
        only_a, only_b = sum(pair.path == "a" for pair in states), sum(pair.path == "b" for pair in states)
        changed = sum(pair.path == "both" and not pair.alike for pair in states)
        parts = [
            *([f"{changed} state{'' if changed == 1 else 's'} went otherwise"] if changed else []),
            *([f"{only_a} only in A"] if only_a else []),
            *([f"{only_b} only in B"] if only_b else []),
        ]
        if self.found.inputs:
            parts.append(f"the inputs differ in {_places(self.found.inputs)}")
        if self.found.outputs:
            parts.append(f"the outputs differ in {_places(self.found.outputs)}")
        if self.over.hidden:
            parts.append(f"A's definition had {', '.join(self.over.hidden[:5])} too, which the graph does not show")
        return f"{'; '.join(parts)}." if parts else "Both runs went the same way, with the same payloads."

    def draw(self) -> None:
        """The graphs that are shown, when they are shown first."""
        if self.count in self.drawn:
            return
        self.drawn.add(self.count)
        if self.count == "one":
            canvas = self.canvases[0]
            draw_graph(canvas, self.b.root, self.b.graph, self.over.statuses, frozenset())
            canvas.sides({f"{source}->{target}": side for (source, target), side in self.over.edges.items()}, self.over.states)
            return
        for half, canvas in zip((self.a, self.b), self.canvases[1:], strict=True):
            statuses = {name: state.status for name, state in half.view.states.items()}
            draw_graph(canvas, half.root, half.graph, statuses, half.view.transitions_taken)

    async def _intend(self, half: Half, intent: dict[str, Any]) -> None:
        if intent.get("kind") in {"select", "open"}:
            ids = intent.get("ids") or [intent.get("id")]
            node = half.graph.states.get(tree.from_text(str(ids[0]), half.root)) if ids and ids[0] else None
            if node is not None:
                self.select(node.name, skip=half)

    def _filter(self, on: bool) -> None:
        self.only_different = on
        self._draw_rows()

    def _draw_rows(self) -> None:
        self.rows.show([_row(pair) for pair in self.found.states if not (self.only_different and pair.alike)])

    def select(self, name: str, *, skip: Half | None = None) -> None:
        """The state in both graphs, in the table, and its payloads side by side."""
        pair = self.pairs.get(name)
        if pair is None:
            return
        self.state = name
        for half, canvas in zip((self.b, self.a, self.b), self.canvases, strict=True):
            node = half.graph.by_name(name)
            if half is not skip or self.count == "two":
                identity = tree.to_text(node.pointer) if node else ""
                canvas.select([identity] if node else [])
                if node:
                    canvas.focus(identity)
        self.rows.choose(name)
        self.detail.clear()
        self.detail.set_visibility(True)
        with self.detail:
            with c.box("row"):
                c.text(name, "grow clip", "h2")
                c.button("Close", lambda: self.detail.set_visibility(False), icon_name="close", icon_only=True, classes="quiet")
            for title, before, after in (("Output", pair.a.output, pair.b.output), ("Input", pair.a.input, pair.b.input)):
                payloads(title, before, after)
        ui.navigate.history.replace(f"{comparison(self.a.arn, self.b.arn)}&state={quote(name, safe='')}")


def graph_of(on_intent: Any, label: str, side: str) -> tuple[ui.element, Canvas]:
    """A canvas with the stage it stands on."""
    stage = c.box("stage", "section", data_panel="canvas", data_side=side, aria_label=label)
    with stage, c.box("stage-body"), c.box("canvas-host"):
        return stage, Canvas(on_intent=on_intent, label=label, readonly=True)


def draw_graph(canvas: Canvas, root: tree.Json, graph: Graph, statuses: Mapping[str, str], taken: frozenset[tuple[str, str]]) -> None:
    drawn = scene.build(root, graph=graph, collapsed=frozenset(), statuses=statuses, taken=frozenset(taken))
    canvas.apply(scene.patch(None, drawn))
    canvas.fit()


def _places(count: int) -> str:
    return f"{count} place{'' if count == 1 else 's'}"


def payloads(title: str, before: str | None, after: str | None) -> None:
    """One payload of both runs: the places that differ, then both as trees."""
    with c.box("rows", "section", aria_label=title, data_payload=title.lower()):
        c.text(title, "", "h3")
        if before is None or after is None:
            where = "neither run has" if before is None and after is None else "only B has" if before is None else "only A has"
            c.text(f"{title}: {where} one.", "dim")
        elif not (found := differences(before, after)):
            c.text("The same in both.", "dim")
        else:
            for one in found[:SHOWN]:
                _difference(one)
            if len(found) > SHOWN:
                c.text(f"{len(found) - SHOWN:,} more differences.", "dim small")
        with c.box("compare-trees"):
            for mark, text in (("◀ A", before), ("▶ B", after)):
                with c.box("rows"):
                    c.text(mark, "compare-mark")
                    if text is not None:
                        JsonTree(text, f"{title} of {mark}")


def _difference(one: Difference) -> None:
    with c.box("difference", data_pointer=tree.to_text(one.pointer)):
        c.text(tree.to_text(one.pointer) or "(the whole)", "mono dim wrap")
        if one.before is not None:
            c.text(f"◀ {one.before[:500]}", "mono wrap side-a")
        if one.after is not None:
            c.text(f"▶ {one.after[:500]}", "mono wrap side-b")


def _row(pair: StatePair) -> dict[str, Any]:
    def status(word: str) -> dict[str, str]:
        icon, name = c.STATUS.get(word, ("help_outline", word))
        return {"tone": word, "icon": icon, "word": name}

    slower = pair.slower
    told = "" if slower is None or abs(slower) < 0.0005 else f"{c.seconds(abs(slower))} {'more' if slower > 0 else 'less'}"
    attempts = (pair.a.attempts, pair.b.attempts)
    return {
        "id": pair.name,
        "path": PATHS[pair.path],
        "name": pair.name,
        "a": status(pair.a.status),
        "b": status(pair.b.status),
        "seconds": "" if pair.path == "neither" else f"{c.seconds(pair.a.seconds)} → {c.seconds(pair.b.seconds)}",
        "slower": told,
        "attempts": "" if attempts in {(0, 0), (1, 1)} else f"{attempts[0]} → {attempts[1]}",
        "inputs": _differs(pair.inputs),
        "outputs": _differs(pair.outputs),
        "class": "" if pair.alike else "differs",
        "attributes": {"data-row": pair.name, "data-path": pair.path},
    }


def _differs(count: int | None) -> str:
    return "" if count is None else "same" if count == 0 else f"differs ({count})"
