"""The problems of an open document, as its editor shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from studio.asl.diagnostics import Diagnostic
    from studio.asl.document import Document
    from studio.asl.lint import Linter


class Checker:
    """Checks one workflow again and again; keeps the linter, made on first use. For a thread, one check at a time."""

    def __init__(self) -> None:
        self._linter: Linter | None = None

    def check(self, document: Document, type: object, silenced: Collection[tuple[str, str]]) -> list[Diagnostic]:  # noqa: A002
        """The problem of the text first, where it cannot be read; then those of the last definition that could. `type` is the side file's."""
        from studio.asl.lint import Linter, text_diagnostic

        kind = "EXPRESS" if type == "EXPRESS" else "STANDARD"
        if self._linter is None or self._linter.kind != kind:
            from studio.catalogue.parameters import catalogue

            self._linter = Linter(kind, catalogue())
        parsed = document.parsed if document.valid else None
        readable = document.root != {} or document.valid
        found = list(self._linter.check(document.root, parsed=parsed, silenced=silenced)) if readable else []
        return [text_diagnostic(document.problem), *found] if document.problem is not None else found
