"""Undo and redo: the steps a document went through, each with a name.

Theory of operation: a step keeps the root (which shares every untouched branch with its neighbours) and, instead of a
whole text, how the text of one side of the step becomes the other's: the stretch that differs, old and new. A thousand
edits of a definition thus cost kilobytes each, and undo gives back the very same root object and the same text. In a definition
of thousands of states even a step's copy of the `States` map adds up, so steps far back keep the text alone, which is read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from studio.asl.document import Document
from studio.asl.places import Places
from studio.asl.text import Format, Parsed, parse
from studio.asl.tree import Json, share
from studio.errors import TextError

LIMIT = 1_000
"""Steps that are kept; older ones are forgotten."""
NEAR = 100
"""Steps back whose roots are kept in a large definition."""
LARGE = 256 * 1024
"""Characters from which a definition counts as large."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a step, without its text."""

    root: Json
    whole: bool
    """False where `root` was let go, and the text is to be read again."""
    problem: TextError | None
    parsed: Parsed | None
    """Kept only while the text has a problem: what `root` was last read from."""
    format: Format
    places: Places

    @staticmethod
    def of(document: Document) -> _Side:
        parsed = document.parsed if document.problem is not None else None
        return _Side(document.root, True, document.problem, parsed, document.format, document.places)

    def thin(self) -> _Side:
        """The same without its root, where the text can give it back."""
        return self if self.problem is not None else replace(self, root=None, whole=False)

    def document(self, text: str, revision: int, near: Json) -> Document:
        """The document of this side; `near` is a root that shares most of its values."""
        if not self.whole:
            reading = parse(text, self.format)
            root = share(near, reading.root)
            return Document(text, self.format, root, Parsed(text, self.format, root, reading.reading), None, revision, self.places)
        parsed = self.parsed if self.parsed is not None else Parsed(text, self.format, self.root)
        return Document(text, self.format, self.root, parsed, self.problem, revision, self.places)


@dataclass(frozen=True, slots=True)
class _Change:
    """The one stretch in which two texts differ: `old` there became `new`."""

    at: int
    old: str
    new: str

    def forward(self, text: str) -> str:
        return text[: self.at] + self.new + text[self.at + len(self.old) :]

    def backward(self, text: str) -> str:
        return text[: self.at] + self.old + text[self.at + len(self.new) :]


def _change(old: str, new: str) -> _Change:
    at = _common(len(old), len(new), lambda n, m: old[n:m] == new[n:m])
    a, b = len(old), len(new)
    tail = _common(a - at, b - at, lambda n, m: old[a - m : a - n] == new[b - m : b - n])
    return _Change(at, old[at : a - tail], new[at : b - tail])


def _common(a: int, b: int, same: Callable[[int, int], bool]) -> int:
    """How many characters agree, by halving: each comparison is one memory comparison, so megabytes cost microseconds."""
    low, high = 0, min(a, b)
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class Step:
    """One named step between two states of the document."""

    label: str
    coalesce: str | None
    before: _Side
    after: _Side
    change: _Change


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Where a document stands among the states it went through. Immutable: every method gives a new history.

    Positions count from 0 (how it was opened) to `len(labels)`; `position` is the present one.
    """

    present: Document
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    """What was undone, the nearest first."""
    limit: int = LIMIT

    @staticmethod
    def start(document: Document, limit: int = LIMIT) -> History:
        return History(document, limit=limit)

    @property
    def labels(self) -> tuple[str, ...]:
        """The name of every step, done and undone, in order."""
        return (*(s.label for s in self.past), *(s.label for s in self.future))

    @property
    def position(self) -> int:
        return len(self.past)

    @property
    def undo_label(self) -> str | None:
        return self.past[-1].label if self.past else None

    @property
    def redo_label(self) -> str | None:
        return self.future[0].label if self.future else None

    def do(self, after: Document, label: str, coalesce: str | None = None) -> History:
        """The history with one more step. Steps in a row with the same `coalesce` key become one; what was undone is gone."""
        if after is self.present:
            return self
        last = self.past[-1] if self.past else None
        if last is not None and coalesce is not None and last.coalesce == coalesce and not self.future:
            before = last.change.backward(self.present.text)
            step = Step(label, coalesce, last.before, _Side.of(after), _change(before, after.text))
            return replace(self, present=after, past=(*self.past[:-1], step))
        step = Step(label, coalesce, _Side.of(self.present), _Side.of(after), _change(self.present.text, after.text))
        past = (*self.past, step)[-self.limit :]
        if len(after.text) > LARGE and len(past) > NEAR:
            far = past[-NEAR - 1]
            past = (*past[: -NEAR - 1], replace(far, before=far.before.thin(), after=far.after.thin()), *past[-NEAR:])
        return replace(self, present=after, past=past, future=())

    def undo(self) -> History:
        """One step back; the same history where there is none."""
        if not self.past:
            return self
        step = self.past[-1]
        present = step.before.document(step.change.backward(self.present.text), self.present.revision + 1, self.present.root)
        return replace(self, present=present, past=self.past[:-1], future=(step, *self.future))

    def redo(self) -> History:
        """One step forward; the same history where there is none."""
        if not self.future:
            return self
        step = self.future[0]
        present = step.after.document(step.change.forward(self.present.text), self.present.revision + 1, self.present.root)
        return replace(self, present=present, past=(*self.past, step), future=self.future[1:])

    def jump(self, position: int) -> History:
        """The history at a position: undone or redone as often as it takes. IndexError where there is no such position."""
        if not 0 <= position <= len(self.labels):
            raise IndexError(position)
        here = self
        while here.position > position:
            here = here.undo()
        while here.position < position:
            here = here.redo()
        return here
