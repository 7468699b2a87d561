"""`python -m studio` and the command `studio`."""

from __future__ import annotations


def main() -> None:
    from studio.cli import studio

    studio()


if __name__ == "__main__":
    main()
