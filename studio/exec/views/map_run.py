"""How far a Map Run is: a pure reading of DescribeMapRun's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

ORDER = ("succeeded", "failed", "timedOut", "aborted", "running")


@dataclass(frozen=True, slots=True)
class Progress:
    """`counts` of items, those above zero; `shares` of the whole (0 to 1), in the order of a bar; `rate` in items per second (None: not known)."""

    total: int
    done: int
    counts: dict[str, int]
    shares: tuple[tuple[str, float], ...]
    rate: float | None
    ended: bool

    def __str__(self) -> str:
        rate = f", {self.rate:,.1f} a second" if self.rate is not None else ""
        left = ""
        if not self.ended and self.rate and self.total > self.done:
            left = f", about {max(1, round((self.total - self.done) / self.rate)):,} s left"
        return f"{self.done:,} of {self.total:,} items done{rate}{left}"


def progress(told: dict[str, Any], now: datetime | None = None) -> Progress:
    """`now` matters while the Map Run is under way; without it the answer's own end, else no rate."""
    items = told["itemCounts"]
    total = items["total"]
    counts = {name: items[name] for name in (*ORDER, "pending") if items.get(name)}
    done = sum(items.get(name, 0) for name in ("succeeded", "failed", "timedOut", "aborted"))
    shares = tuple((name, items[name] / total) for name in ORDER if total and items.get(name))
    end = told.get("stopDate") or now
    seconds = (end - told["startDate"]).total_seconds() if end else 0.0
    return Progress(total, done, counts, shares, done / seconds if seconds > 0 and done else None, told["status"] != "RUNNING")
