"""The head of a run's page: the run in one sentence, a failure first: which state, which attempt, why, with what input, and what now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.exec.views.looked_at import where
from studio.ui.times import between, clock, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.failure import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.elements.mixins.text_element import TextElement

    from studio.exec.views.run import RunView, Visit
    from studio.ui.watch import RunWatch

LONG = 300
"""Characters of a cause or an input the head shows; all of it is in the inspector."""
Failing = tuple[str, "Visit"]


class RunHead:
    """`actions` makes the buttons of a failed run; `go` selects the failing state; `bell` makes the button of one that goes on."""

    def __init__(
        self,
        watch: RunWatch,
        described: dict[str, Any],
        actions: Callable[[str, Visit, RunView], None],
        go: Callable[[], Any],
        bell: Callable[[], None],
    ) -> None:
        self.watch, self.described, self.actions, self.go, self.bell = watch, described, actions, go, bell
        self.key: Any = None
        self.root = c.box("run-head", "section", aria_label="Summary", data_run_head="")
        self.said: TextElement | None = None
        self.duration: TextElement | None = None
        self.count: TextElement | None = None

    def draw(self) -> None:
        """Anew where the status changed; else only what it says and the time go on."""
        view = self.watch.view
        status = c.EXECUTION_STATUS.get(view.status or self.described["status"], "running")
        ended = status not in {"running", "waiting"}
        key = (view.status, view.redrives, view.started, self.watch.problem, len(self.watch.events) if ended else None)
        if key != self.key:
            self.key = key
            self.root.clear()
            with self.root:
                self._draw(view, status)
        if self.said is not None:
            _say(self.said, sentence(view, status))
        if self.duration is not None and self.count is not None:
            _say(self.duration, between(view.started, view.ended))
            _say(self.count, f"{len(self.watch.events):,} events")

    def _draw(self, view: RunView, status: str) -> None:
        failing = self.watch.failing() if status in {"failed", "timed-out"} else None
        self.said = None
        with c.box("row"):
            c.status_chip(status)
            if failing is not None:
                self._failed(view, failing)
            else:
                self.said = c.text("", "grow clip")
            if status == "running":
                self.bell()
            if view.redrives:
                c.text(f"redriven {view.redrives} ×", "dim small")
            c.text(clock(view.started), "dim num", title=exact(view.started))
            self.duration = c.text("", "num", data_fact="run-duration")
            self.count = c.text("", "dim num")
        if failing is not None:
            self._evidence(*failing)

    def _failed(self, view: RunView, failing: Failing) -> None:
        name, visit = failing
        with c.box("grow wrap", data_failure=name):
            with c.box("run-where", "button", type="button", title="Show it", data_go_to_failure=name).on("click", self.go):
                c.text(name, "", "span")
            if view.status == "TIMED_OUT" and not visit.error:
                c.text(f" was under way when the execution timed out, after {between(view.started, view.ended)}.", "", "span")
                return
            c.text(how_failed(visit), "", "span")
            c.text(view.error or visit.error or "", "mono", "span")
            if cause := in_words(view.cause or visit.cause):
                c.text(f" — {cause[:LONG]}{'…' if len(cause) > LONG else ''}", "dim", "span")

    def _evidence(self, name: str, visit: Visit) -> None:
        """What the failing attempt was given, and what can be done."""
        with c.box("row run-evidence"):
            given = visit.parameters if visit.attempts and visit.parameters is not None else visit.input
            if given is not None:
                what = f"Input of attempt {len(visit.attempts)}" if len(visit.attempts) > 1 else "Its input"
                c.text(what, "dim small").style("flex:none")
                c.text(given[:LONG], "mono clip grow", title=given[:2000], data_attempt_input="")
            else:
                c.box("grow")
            self.actions(name, visit, self.watch.view)


def _say(element: TextElement, text: str) -> None:
    if element.text != text:
        element.set_text(text)


def how_failed(visit: Visit) -> str:
    """` failed on attempt 3 of 3, in iteration 7 of Each order: `."""
    count = len(visit.attempts)
    how = "timed out" if visit.status == "timed-out" else "failed"
    inside = where(visit)
    return f" {how}{f' on attempt {count} of {count}' if count > 1 else ''}{inside if count > 1 else inside.lstrip(',')}: "


def sentence(view: RunView, status: str) -> str:
    """A run that did not fail, in a sentence."""
    match status:
        case "succeeded":
            done = sum(state.status in {"succeeded", "caught"} for state in view.states.values())
            caught = sum(state.status == "caught" for state in view.states.values())
            also = f", {caught} of them after an error that was caught" if caught else ""
            return f"Succeeded: {done} state{'' if done == 1 else 's'}{also}, in {between(view.started, view.ended)}."
        case "stopped":
            at = [name for name, state in view.states.items() if state.status == "stopped"]
            why = ": ".join(part for part in (view.error, view.cause) if part)
            return f"Stopped{f' at {_listed(at)}' if at else ''}, after {between(view.started, view.ended)}.{f' {why}' if why else ''}"
        case "running" | "waiting":
            now = [name for name, state in view.states.items() if state.status in {"running", "waiting", "retrying"}]
            waits = bool(now) and all(view.states[name].status == "waiting" for name in now)
            return f"{'Waiting at' if waits else 'At'} {_listed(now)}." if now else "Starting."
        case _:
            return f"{view.error or ''} {view.cause or ''}".strip() or c.STATUS.get(status, ("", status))[1]


def _listed(names: list[str]) -> str:
    """The first few of the names."""
    more = len(names) - 4
    return ", ".join(names[:4]) + (f" and {more} more" if more > 0 else "")
