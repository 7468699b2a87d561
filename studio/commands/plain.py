"""`studio run` in its plain form, read without click, whose import is a sixth of a cold start.

Only what is beyond doubt is read here: one file, and options spelt out with a value of their own. All else (help, `--input=…`, an
option given twice, a mistake) is left to click, which reads it from the beginning and knows how to complain.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

_VALUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "--input": ("given", ()),
    "--mocks": ("mocks", ()),
    "--case": ("case", ()),
    "--name": ("name", ()),
    "--target": ("target", ("mocks", "sandbox", "aws")),
    "--type": ("kind", ("STANDARD", "EXPRESS")),
    "--quotas": ("quotas", ("aws", "none")),
}
"""By option: the parameter of `running.run`, and the values it may have (none named: any)."""


def plain(arguments: list[str]) -> dict[str, Any] | None:
    """The options of `running.run` that these arguments mean; None where they are not a run in its plain form."""
    if not arguments or arguments[0] != "run":
        return None
    options: dict[str, Any] = {}
    rest = iter(arguments[1:])
    for argument in rest:
        if argument == "--skip-waits":
            name, value = "skip_waits", True
        elif argument in _VALUES:
            name, allowed = _VALUES[argument]
            value = next(rest, None)
            if value is None or value.startswith("--") or (allowed and value not in allowed):
                return None
        else:
            name, value = "file", argument
            if argument.startswith("-") and argument != "-":
                return None
        if name in options:
            return None
        options[name] = value
    return options if "file" in options else None


def plainly(arguments: list[str]) -> bool:
    """Carry out a run in its plain form; False where it is none. Errors and exit codes as click's command gives them."""
    options = plain(arguments)
    if options is None:
        return False
    from studio.commands.running import run
    from studio.errors import StudioError

    try:
        run(**options)
    except StudioError as error:
        sys.stderr.write(f"studio: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(1)
    finally:
        gc.freeze()  # the process ends: looking for cycles in all that is left would take a tenth of a short run
    return True
