"""Task tokens: opaque to whoever holds one, to us the place where its task waits.

A token names its execution, frame and attempt, so that no table of open tokens need be kept or rebuilt after a restart; a random part
keeps it from being guessed.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

MAX_LENGTH = 2_048


class Token(NamedTuple):
    """Where a token's task waits."""

    arn: str
    frame: int
    attempt: int


def make(chance: str, arn: str, frame: int, attempt: int) -> str:
    """A token; `chance` is a random text."""
    return base64.urlsafe_b64encode(f"{chance}|{frame}|{attempt}|{arn}".encode()).decode("ascii")


def read(token: str) -> Token | None:
    """What a token names; None for text that is no token of ours."""
    if len(token) > MAX_LENGTH:
        return None
    try:
        _, frame, attempt, arn = base64.urlsafe_b64decode(token.encode("ascii")).decode("utf-8").split("|", 3)
        return Token(arn, int(frame), int(attempt))
    except (ValueError, binascii.Error):
        return None
