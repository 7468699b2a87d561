"""Times and durations of AWS-shaped answers as people read them: local, with UTC on hover."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.ui.widgets.controls import seconds


def clock(moment: datetime | None) -> str:
    """`14:02:07` today, `14:02` with the date before; empty for None."""
    if moment is None:
        return ""
    local = moment.astimezone()
    today = datetime.now(UTC).astimezone().date()
    return local.strftime("%H:%M:%S") if local.date() == today else local.strftime("%d %b %Y %H:%M")


def exact(moment: datetime | None) -> str:
    """The moment in UTC with milliseconds, for a tooltip."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def between(start: datetime | None, end: datetime | None) -> str:
    """How long, `842 ms`; so far where there is no end yet."""
    if start is None:
        return "–"
    return seconds(((end or datetime.now(UTC)) - start).total_seconds())


def ago(moment: datetime | None) -> str:
    """`just now`, `5 min ago`, `3 h ago`, else the date."""
    if moment is None:
        return ""
    past = (datetime.now(UTC) - moment.astimezone(UTC)).total_seconds()
    if past < 60:
        return "just now"
    if past < 3600:
        return f"{int(past // 60)} min ago"
    if past < 86400:
        return f"{int(past // 3600)} h ago"
    return moment.astimezone().strftime("%d %b %Y")
