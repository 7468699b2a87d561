"""What one tab of the editor looks at: selection, mode, open panels. Its panels share it and tell each other through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.asl import tree
from studio.asl.edits import InsertState, MoveStates, RenameState, Transaction
from studio.asl.graph import Graph, StateNode, Transition, build
from studio.errors import EditRefused
from studio.ui.samples import Samples
from studio.ui.under_way import UnderWay
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.tree import Pointer
    from studio.ui.context import Studio
    from studio.ui.session import Change, WorkflowSession
    from studio.ui.shell import Shell


MOMENT = 0.02
"""Seconds between the canvas and the rest of the page."""


class Look(Enum):
    """What changed about the view itself."""

    SELECTION = auto()
    MODE = auto()
    PANELS = auto()
    FRAME = auto()


class EditorView:
    """One client's view of a session.

    `selection` holds node ids of the canvas (JSON-pointer texts of states). `frame` says which iteration of each Map the run
    panels show: {map state: index}.
    """

    def __init__(self, studio: Studio, session: WorkflowSession, shell: Shell) -> None:
        self.studio, self.session, self.shell = studio, session, shell
        self.client = ui.context.client
        self.selection: tuple[str, ...] = ()
        self.edge = ""
        """The slot of the selected transition, as a pointer's text; "" while none is, as whenever a state is selected."""
        self.mode = "design"
        self.palette_open = True
        self.inspector_open = True
        self.inspector_tab = "form"
        self.drawer: str | None = None
        self.frame: dict[str, int] = {}
        self.modes: dict[Pointer, str] = {}
        """Fields shown in another way than the document gives them in (`widgets.switch`), and what was typed in each way."""
        self.drafts: dict[tuple[Pointer, str], str] = {}
        self.focus_field: Pointer | None = None
        """The field a click on a problem asked for; the inspector takes it."""
        self.samples = Samples(self)
        self.under_way = UnderWay()
        """What was typed or done in this tab and is not in the document yet."""
        self._graph: tuple[Any, Graph] | None = None
        self._looks: list[Callable[[Look], Any]] = []
        self._first: list[Callable[[Change], Any]] = []
        self._changes: list[Callable[[Change], Any]] = []
        self._news: dict[Change, None] = {}
        self._telling = False
        self._away = False
        """Whether the tab is gone, perhaps for good: what changes meanwhile is drawn when it comes back."""
        self._missed: dict[Change, None] = {}
        self.client.on_delete(session.subscribe(self._from_session))
        self.client.on_disconnect(self._went)
        self.client.on_connect(self._came_back)

    # -- telling -----------------------------------------------------------------------------------------------------
    def on_look(self, listener: Callable[[Look], Any]) -> None:
        self._looks.append(listener)

    def on_change(self, listener: Callable[[Change], Any], *, at_once: bool = False) -> None:
        """`at_once`: the canvas, which must show an edit before anything else of the page is drawn."""
        (self._first if at_once else self._changes).append(listener)

    def look(self, *looks: Look) -> None:
        with self.client:  # not in the slot of a field that the answer may remove
            for one in looks:
                for listener in self._looks:
                    self._call(listener, one)
        self._later()

    def _from_session(self, change: Change) -> None:
        """The canvas hears of a change at once; the rest of the page a moment later, so that its drawing does not come first."""
        if self.client.is_deleted:
            return
        if self._away:
            self._missed[change] = None
            return
        with self.client:
            for listener in self._first:
                self._call(listener, change)
        self._news[change] = None
        self._later()

    def _went(self) -> None:
        self._away = not self.client.has_socket_connection  # another socket of the tab may be live

    def _came_back(self) -> None:
        self._away = False
        missed, self._missed = self._missed, {}
        for change in missed:
            self._from_session(change)

    def _later(self) -> None:
        if not self._telling:
            self._telling = True
            background_tasks.create(self._tell_the_rest(), name="changes")

    async def _tell_the_rest(self) -> None:
        await asyncio.sleep(MOMENT)
        self._telling = False
        news, self._news = self._news, {}
        if not self.client.is_deleted:
            with self.client:
                for change in news:
                    for listener in self._changes:
                        self._call(listener, change)
                self.shell.commands.refresh()

    def _call(self, listener: Callable[..., Any], argument: Any) -> None:
        answer = listener(argument)
        if hasattr(answer, "__await__"):
            background_tasks.create(self._inside(answer))

    async def _inside(self, answer: Any) -> None:
        with self.client:
            await answer

    # -- reading -----------------------------------------------------------------------------------------------------
    @property
    def graph(self) -> Graph:
        root = self.session.document.root
        if self._graph is None or self._graph[0] is not root:
            self._graph = (root, build(root))
        return self._graph[1]

    def node(self, identity: str) -> StateNode | None:
        return self.graph.states.get(tree.from_text(identity, self.session.document.root))

    def node_at(self, pointer: Pointer) -> StateNode | None:
        return self.graph.states.get(pointer)

    @property
    def selected(self) -> StateNode | None:
        """The one selected state, or None where none or several are."""
        return self.node(self.selection[0]) if len(self.selection) == 1 else None

    def transition(self, slot: str) -> Transition | None:
        pointer = tree.from_text(slot, self.session.document.root)
        return next((t for t in self.graph.transitions if t.slot == pointer), None)

    # -- doing -------------------------------------------------------------------------------------------------------
    def select(self, ids: Iterable[str], *, origin: str = "", edge: str = "") -> None:
        """Selects states, or one transition by its slot; what is not there is left out. `origin` names the panel that asked."""
        chosen = tuple(identity for identity in ids if self.node(identity) is not None)
        way = edge if edge and not chosen and self.transition(edge) is not None else ""
        if (chosen, way) != (self.selection, self.edge):
            self.selection, self.edge = chosen, way
            self.origin = origin
            self.look(Look.SELECTION)

    origin: str = ""

    async def do(self, transaction: Transaction | None) -> bool:
        """Applies a transaction; a refusal is told in a toast and changes nothing."""
        if transaction is None:
            return False
        try:
            with self.under_way:
                done = await self.session.do(transaction)
        except EditRefused as refusal:
            with self.client:
                c.toast(str(refusal), seconds=6)
            return False
        if done and (after := self._selection_after(transaction)):
            self.select(after)
        self.keep_selection()
        return done

    def _selection_after(self, transaction: Transaction) -> list[str]:
        """What an edit leaves selected: the state that came, moved or has a new name."""
        found: list[str] = []
        for edit in transaction.edits:
            match edit:
                case InsertState(scope=scope, name=name):
                    found.append(tree.to_text((*scope, name)))
                case RenameState(state=state, name=name):
                    found.append(tree.to_text((*state[:-1], name)))
                case MoveStates(states=states, scope=scope):
                    found.extend(tree.to_text((*scope, state[-1])) for state in states)
                case _:
                    pass
        return [identity for identity in found if self.node(identity) is not None]

    def keep_selection(self) -> None:
        """Drops what is no longer there from the selection."""
        still = tuple(identity for identity in self.selection if self.node(identity) is not None)
        way = self.edge if self.edge and self.transition(self.edge) is not None else ""
        if (still, way) != (self.selection, self.edge):
            self.selection, self.edge = still, way
            self.look(Look.SELECTION)

    def set_mode(self, mode: str) -> None:
        if mode != self.mode:
            self.mode = mode
            self.look(Look.MODE)

    def show_drawer(self, tab: str | None) -> None:
        self.drawer = tab
        self.look(Look.PANELS)

    def show_inspector(self, tab: str) -> None:
        self.inspector_tab, self.inspector_open = tab, True
        self.look(Look.PANELS)
