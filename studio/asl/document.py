"""The document: a definition's text and its value tree, always in step, changed only by transactions.

Theory of operation: a `Document` is frozen. `apply` folds a transaction's edits over the root and renders the text once,
touching only what changed. Text that cannot be read is kept as it was typed, with its problem; `root` and `parsed` then
still show the last valid state, so one typo never blanks the canvas. `places` is the one thing of a document that is not in its
text: where a person put states on the canvas.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from studio.asl.edits import (
    Edit,
    InsertState,
    MoveStates,
    RemoveStates,
    RenameState,
    ReplaceText,
    Transaction,
    TreeEdit,
    apply_edit,
)
from studio.asl.places import Places, PlaceStates, placed, released, renamed
from studio.asl.text import MAX_CHARACTERS, Format, Parsed, parse, rendered
from studio.asl.tree import Json, diff, share
from studio.errors import EditRefused, TextError


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A definition as it stands.

    `text` is what the file holds. `root` and `parsed` belong together: the tree and the text it was read from, which is
    `text` itself unless `problem` says why `text` cannot be read. `revision` grows with every change.
    """

    text: str
    format: Format
    root: Json
    parsed: Parsed
    problem: TextError | None = None
    revision: int = 0
    places: Places = field(default_factory=dict[str, tuple[float, float]])

    @staticmethod
    def open(text: str, format: Format = "json") -> Document:  # noqa: A002 - the contract's name
        """The document of a text; text that cannot be read gives an empty root and a `problem`, never an error."""
        try:
            parsed = parse(text, format)
        except TextError as problem:
            empty = parse("{}", format)
            return Document(text, format, empty.root, empty, problem)
        return Document(text, format, parsed.root, parsed)

    @property
    def valid(self) -> bool:
        return self.problem is None

    def apply(self, transaction: Transaction) -> Document:
        """The document after a transaction; the same object where nothing changes.

        EditRefused where one of the edits cannot be applied (then none is), or where the text has a problem: an edit of the
        last valid picture would throw away what was typed since.
        """
        document, root, places = self, self.root, self.places
        for edit in transaction.edits:
            places = _places(places, edit)
            if isinstance(edit, ReplaceText):
                document = _with_text(_with_root(document, root), edit.text)
                root = document.root
            elif not isinstance(edit, PlaceStates):
                root = _edited(document, root, edit)
        document = _with_root(document, root)
        if places is not self.places:
            document = replace(document, places=places)
        return document if document is self else replace(document, revision=self.revision + 1)


def _places(places: Places, edit: Edit) -> Places:
    """Where states stand after an edit: a new name takes its place along, what goes elsewhere in the flow is laid out again."""
    match edit:
        case PlaceStates():
            return placed(places, edit)
        case RenameState(state, name):
            return renamed(places, str(state[-1]), name)
        case InsertState(_, name):
            return released(places, name)
        case MoveStates(states) | RemoveStates(states):
            return released(places, *(str(state[-1]) for state in states))
        case _:
            return places


def _edited(document: Document, root: Json, edit: TreeEdit) -> Json:
    if document.problem is not None:
        raise EditRefused(
            f"The text has a problem in line {document.problem.line}: {document.problem.message}",
            "Correct or undo it in the code first; a change here would lose what was typed.",
        )
    return apply_edit(root, edit)


def _with_root(document: Document, root: Json) -> Document:
    if root is document.root or not diff(document.root, root):
        return document
    parsed = rendered(document.parsed, root)
    if len(parsed.text) > MAX_CHARACTERS:
        raise EditRefused(f"The definition would be larger than {MAX_CHARACTERS // 1024 // 1024} MB.")
    return replace(document, text=parsed.text, root=root, parsed=parsed)


def _with_text(document: Document, text: str) -> Document:
    if text == document.text:
        return document
    if document.problem is not None and text == document.parsed.text:
        return replace(document, text=text, problem=None)
    try:
        parsed = parse(text, document.format)
    except TextError as problem:
        return replace(document, text=text, problem=problem)
    root = share(document.root, parsed.root)
    parsed = Parsed(text, document.format, root, parsed.reading)
    return replace(document, text=text, root=root, parsed=parsed, problem=None)
