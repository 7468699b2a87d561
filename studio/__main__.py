"""`python -m studio` and the command `studio`."""

from __future__ import annotations

import gc
import sys

gc.set_threshold(50_000, 20, 100)  # histories are many small objects without cycles: looking for cycles less often saves a tenth
sys.setswitchinterval(0.001)  # checking a large definition in a thread shall not keep the page waiting: it answers while somebody types


def main() -> None:
    from studio.commands.plain import plainly

    if not plainly(sys.argv[1:]):
        from studio.cli import studio

        studio()


if __name__ == "__main__":
    main()
