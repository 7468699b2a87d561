"""The bar of a run that waits: held at a breakpoint, in a Wait, before a retry. What waits, and the ways on.

It asks the engine (`describe_moment`) when the run's history grows and once a second; it is not there where nothing waits, or where
the run is on AWS, which can neither hold nor skip.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.errors import ServiceError
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.exec.views.run import Path
    from studio.ui.shell import Shell
    from studio.ui.watch import RunWatch

SHOWN = 4
"""Lines of work named in the bar; the others are counted."""
BRIEF = 60
"""Characters of a pending input that stand in the bar."""
WAITS = {"waiting", "backoff"}


class DebugBar:
    """`look()` after news of the run and every second. `select` shows a state in the iterations it is in."""

    def __init__(self, shell: Shell, engine: Any, run: Callable[[], RunWatch | None], select: Callable[[str, Path], Any]) -> None:
        self.shell, self.engine, self.run, self.select = shell, engine, run, select
        self.client = ui.context.client
        self.held: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []
        self.paused = False
        self._shown: Any = None
        self._asking = False
        self._selected: tuple[Any, ...] | None = None
        """The line of work that was shown last because it is held."""
        self._chosen: tuple[Any, ...] | None = None
        """The held line of work that is stepped, or whose input is changed; the first where it is gone."""
        self._bind()
        self.root = c.box("bar debug", "div", role="status", data_debug="")
        self.root.set_visibility(False)
        with self.root:  # the buttons stay as they are while what is held or waits changes many times a second
            self.marks = {name: c.icon(name, "icon-20") for name in ("pause_circle", "hourglass_top")}
            self.words = c.box("grow wrap")
            with c.box("row") as self.for_held:
                c.button("Input…", lambda: self._edit(self._line()), icon_name="data_object", classes="quiet", data_edit_pending="")
                shell.command_button("continue")
                shell.command_button("step")
                shell.command_button("step-into", classes="quiet")
            with c.box("row") as self.for_waiting:
                shell.command_button("skip-wait")

    def _bind(self) -> None:
        bind = self.shell.commands.bind
        not_held = lambda: None if self.held else "Nothing is held."  # noqa: E731
        bind("continue", lambda: self._do("continue_execution"), not_held)
        bind("step", lambda: self._do("step_execution", over=True), not_held)
        bind("step-into", lambda: self._do("step_execution", over=False), not_held)
        bind("pause", lambda: self._do("pause_execution"), self._why_no_pause)
        bind("skip-wait", lambda: self._do("skip_wait"), lambda: None if self.waiting else "Nothing waits.")

    def _why_no_pause(self) -> str | None:
        run = self.run()
        if run is None or run.ended:
            return "Nothing is running."
        return "The run is held already." if self.paused else None

    async def look(self) -> None:
        """Ask the engine, and draw where something changed."""
        told = await self.ask()
        if told is not None and not self.client.is_deleted:
            with self.client:
                self.take(told)

    async def ask(self) -> dict[str, Any] | None:
        """What is held and what waits, to be given to `take`; None while another question is under way."""
        run = self.run()
        if run is None or run.ended or not hasattr(self.engine, "describe_moment"):
            return {"lines": [], "paused": False}
        if self._asking:
            return None
        self._asking = True
        try:
            return dict(await self.engine.describe_moment(executionArn=run.arn))
        except ServiceError:
            return {"lines": [], "paused": False}
        finally:
            self._asking = False

    def take(self, told: dict[str, Any]) -> None:
        """Draws what `ask` told."""
        lines: list[dict[str, Any]] = told["lines"]
        self.held = [line for line in lines if line["phase"] == "held"]
        self.waiting = [line for line in lines if line["phase"] in WAITS]
        self.paused = told["paused"]
        self._draw()

    def _draw(self) -> None:
        seen = (self._chosen, [_key(line) for line in self.held], Counter(_waits(line) for line in self.waiting))
        if seen == self._shown:
            return
        self._shown = seen
        self.root.set_visibility(bool(self.held or self.waiting))
        for part in (self.marks["pause_circle"], self.for_held):
            part.set_visibility(bool(self.held))
        for part in (self.marks["hourglass_top"], self.for_waiting):
            part.set_visibility(not self.held)
        self.words.clear()
        with self.words:
            if self.held:
                self._tell_held()
            else:
                self._tell_waiting()
        line = self._line() if self.held else None
        shown = _key(line) if line else None
        if shown != self._selected:
            self._selected = shown
            if line is not None:
                self.select(str(line["state"]), _iterations(line))
        self.shell.commands.refresh()

    def _tell_held(self) -> None:
        c.text("Held before ", "", "span")
        chosen = self._line()
        for line in self.held[:SHOWN]:
            held = f"{line['state']}{_where(line)}"
            if len(self.held) == 1:
                c.text(f"{held} ", "strong", "span", data_held=str(line["state"]))
                continue
            made = c.button(held, lambda _=None, line=line: self._choose(line), classes="quiet", data_held=str(line["state"]))
            c.attributes(made, aria_pressed=str(line is chosen).lower(), title="Step and edit this one")
        if len(self.held) > SHOWN:
            c.text(f"and {len(self.held) - SHOWN} more ", "", "span")
        given = str(chosen["input"])
        c.text(f"with {given[:BRIEF]}{'…' if len(given) > BRIEF else ''}", "mono dim", "span")

    def _line(self) -> dict[str, Any]:
        """The held line of work that is acted on."""
        return next((line for line in self.held if _place(line) == self._chosen), self.held[0])

    def _choose(self, line: dict[str, Any]) -> None:
        self._chosen = _place(line)
        self._draw()

    def _tell_waiting(self) -> None:
        alike = Counter((_waits(line), str(line["state"])) for line in self.waiting)
        for (said, state), count in list(alike.items())[:SHOWN]:
            c.text(f"{said}{f' ({count:,} times)' if count > 1 else ''}. ", "num", "span", data_waiting=state)
        if len(alike) > SHOWN:
            c.text(f"{sum(list(alike.values())[SHOWN:]):,} more wait.", "", "span")

    async def _do(self, operation: str, **more: Any) -> None:
        run = self.run()
        if run is None:
            return
        line = self._line() if operation == "step_execution" and self.held else None
        if line is not None:  # of a Map Run's children each counts its lines from 0
            more |= {"frame": line["frame"], "executionArn": line["executionArn"]}
        try:
            await getattr(self.engine, operation)(**{"executionArn": run.arn, **more})
        except ServiceError as problem:
            c.toast(problem.message)
        await self.look()

    def _edit(self, line: dict[str, Any]) -> None:
        """The input that waits, to be changed before the state gets it."""
        with ui.dialog() as dialog, c.box("dialog wide", "form", role="dialog", aria_label="Pending input") as form:
            with c.box("dialog-head"):
                c.text(f"Input of {line['state']}", "grow", "h1")
            with c.box("dialog-body"):
                c.text("The state gets this input instead of the one that came. Only this run is changed.", "dim")
                text = ui.textarea(value=json.dumps(json.loads(line["input"]), indent=2, ensure_ascii=False)).props("outlined autogrow")
                c.attributes(text, aria_label="Input", data_pending_input="").classes("mono")
                wrong = c.text("", "note error", role="alert")
                wrong.set_visibility(False)
            with c.box("dialog-foot"):
                c.button("Cancel", dialog.close)
                c.button("Continue with this input", None, classes="primary").props["type"] = "submit"

        async def go() -> None:
            run = self.run()
            try:
                value = json.dumps(json.loads(str(text.value)))
                if run is not None:
                    await self.engine.continue_execution(executionArn=line["executionArn"], frame=line["frame"], input=value)
            except (ValueError, ServiceError) as problem:
                wrong.set_text(f"This is not JSON: {problem}" if isinstance(problem, ValueError) else str(problem))
                wrong.set_visibility(True)
                return
            dialog.close()
            await self.look()

        form.on("submit.prevent", go)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _waits(line: dict[str, Any]) -> str:
    word = "Waiting in" if line["phase"] == "waiting" else f"Retry {line['attempt']} of"
    return f"{word} {line['state']}{_where(line)}: {_left(line)}"


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["executionArn"], line["frame"], line["state"], line["phase"]


def _place(line: dict[str, Any]) -> tuple[Any, ...]:
    """Which line of work it is, wherever it has come to."""
    return line["executionArn"], line["frame"]


def _iterations(line: dict[str, Any]) -> Path:
    return tuple((str(level["state"]), int(level["index"])) for level in line["iterations"] if level["kind"] == "iteration")


def _where(line: dict[str, Any]) -> str:
    """` #7` for the seventh iteration around it."""
    inside = [str(level["index"]) for level in line["iterations"] if level["kind"] == "iteration"]
    return f" #{'.'.join(inside)}" if inside else ""


def _left(line: dict[str, Any]) -> str:
    """`3,580 s left`."""
    seconds = max(0, round((line["until"] - datetime.now(UTC)).total_seconds()))
    return f"{seconds:,} s left"
