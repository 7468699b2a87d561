"""The error tree: every failure that a person may see.

    StudioError                 what, where, why, what to do
    ├── TextError               the text is not JSON or YAML, or too large or too deep to be a definition
    ├── EditRefused             an edit that would break the document (a name taken, a target that is not there)
    ├── WorkspaceError          a file or folder cannot be read or written
    ├── SettingsError           an option or a setting has a value that cannot be used
    └── ServiceError            an answer of the Step Functions API: AWS's code, message and HTTP status

Failures *inside* a running workflow are values (`States.*` names with a cause), never exceptions of this tree.
"""

from __future__ import annotations


class StudioError(Exception):
    """A failure told to a person: `message` says what and why, `hint` what to do (may be empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class TextError(StudioError):
    """Text that cannot be read as a definition; `line` and `column` count from 1, `offset` from 0 (characters)."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, offset: int = 0, hint: str = "") -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column
        self.offset = offset

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {super().__str__()}"


class EditRefused(StudioError):  # noqa: N818 - reads as what happened
    """An edit that cannot be applied; the document is unchanged."""


class WorkspaceError(StudioError):
    """A file or folder of the workspace that cannot be read or written."""


class SettingsError(StudioError):
    """An option or a setting whose value cannot be used."""


class ServiceError(StudioError):
    """An error answer of the Step Functions API, e.g. `ExecutionDoesNotExist` with HTTP status 400."""

    def __init__(self, code: str, message: str, status: int = 400, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status
