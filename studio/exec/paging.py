"""Pages of lists: a token says which entry was shown last, not how many were, so that a list which changes between two pages repeats and
skips nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from studio.errors import ServiceError

T = TypeVar("T")

Key: TypeAlias = tuple[float, str]
"""What a list is ordered by; no two entries of one share it."""


def token_of(key: Key) -> str:
    """The token of what comes behind an entry."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode("ascii")


def last_of(request: dict[str, Any]) -> Key | None:
    """The key of the entry that was shown last; None where the first page is asked for. ServiceError `InvalidToken` where a token is none."""
    token = request.get("nextToken")
    if not token:
        return None
    try:
        match json.loads(base64.b64decode(str(token), altchars=b"-_", validate=True)):
            case [int() | float() as number, str() as text]:
                return number, text
            case _:
                pass
    except (ValueError, RecursionError):
        pass
    raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")


def page(found: Iterable[T], request: dict[str, Any], by: Callable[[T], Key], default: int = 100) -> tuple[list[T], dict[str, str]]:
    """One page of a list, in the order of its keys, and the token of the next. ServiceError `InvalidToken`."""
    size, last = request.get("maxResults") or default, last_of(request)
    entries = sorted((entry for entry in found if last is None or by(entry) > last), key=by)
    more = {"nextToken": token_of(by(entries[size - 1]))} if len(entries) > size else {}
    return entries[:size], more
