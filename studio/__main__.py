"""`python -m studio` and the command `studio`."""

from __future__ import annotations

import gc
import os
import sys

gc.set_threshold(50_000, 20, 100)  # histories are many small objects without cycles: looking for cycles less often saves a tenth
sys.setswitchinterval(0.001)  # checking a large definition in a thread shall not keep the page waiting: it answers while somebody types


def main() -> None:
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 - closed by who called us (`>&-`): nobody listens
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        try:
            _carry_out()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # who read our output has what it wanted: `studio schema | head -1`
        _let_go()
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"studio: {error.filename or 'the output'} cannot be read or written: {error.strerror or error}.\n")
        _let_go()
        sys.exit(2)


def _carry_out() -> None:
    from studio.commands.plain import plainly

    if not plainly(sys.argv[1:]):
        from studio.cli import studio

        studio()


def _let_go() -> None:
    """Keep Python from writing once more, at its end, what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
