"""The logs of functions, as CloudWatch Logs has them: `START`, what the function printed, `END`, `REPORT`.

They are kept in `.studio/logs/functions/NAME.log` of the workspace the functions are in; where there is none, they go to standard error. Functions
of the same name in other folders of the workspace have a log of their own: `.studio/logs/functions/FOLDER/NAME.log`.
"""

from __future__ import annotations

import base64
import re
import sys
from dataclasses import dataclass
from pathlib import Path

MAX_FILE = 4 * 2**20
"""Bytes of a log file; older lines go when it is larger."""
TAIL = 4096
"""Bytes of a log that `LogType: Tail` shows."""
_START = re.compile(r"^START RequestId: (\S+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function. `seconds` it took, `memory` it was given and `used` at the most, in MB."""

    request: str
    printed: str
    seconds: float
    memory: int
    used: int

    def text(self) -> str:
        printed = self.printed if not self.printed or self.printed.endswith("\n") else f"{self.printed}\n"
        milliseconds = self.seconds * 1000
        return (
            f"START RequestId: {self.request} Version: $LATEST\n{printed}END RequestId: {self.request}\n"
            f"REPORT RequestId: {self.request}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {int(milliseconds) + 1} ms\t"
            f"Memory Size: {self.memory} MB\tMax Memory Used: {self.used} MB\n"
        )

    def tail(self) -> str:
        """The last 4 KB in base64: `LogResult`."""
        return base64.b64encode(self.text().encode("utf-8")[-TAIL:]).decode("ascii")


def file_of(functions: Path, name: str) -> Path | None:
    """Where a function's log is; None where the folder of functions is in no workspace."""
    here = functions.absolute()
    studio = next((folder / ".studio" for folder in here.parents if (folder / ".studio").is_dir()), None)
    return studio / "logs" / "functions" / here.parent.relative_to(studio.parent) / f"{name}.log" if studio is not None else None


def keep(functions: Path, name: str, call: Invocation) -> None:
    """Add an invocation to the function's log. A log that cannot be written stops no run."""
    file = file_of(functions, name)
    if file is None:
        if call.printed:
            sys.stderr.write(call.printed if call.printed.endswith("\n") else f"{call.printed}\n")
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > MAX_FILE:
            file.write_bytes(file.read_bytes()[-MAX_FILE // 2 :])
        with file.open("ab") as log:
            log.write(call.text().encode("utf-8", "replace"))
    except OSError as error:
        sys.stderr.write(f"The log of the function {name} cannot be written: {error}\n")


def read(functions: Path, name: str, request: str | None = None) -> str:
    """A function's log, or what one invocation left in it; empty where there is nothing."""
    file = file_of(functions, name)
    if file is None or not file.is_file():
        return ""
    text = file.read_bytes().decode("utf-8", "replace")
    if request is None:
        return text
    starts = [(m.start(), m[1]) for m in _START.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return "".join(text[start:end] for (start, found), end in zip(starts, ends, strict=True) if found == request)


__all__ = ["Invocation", "file_of", "keep", "read"]
