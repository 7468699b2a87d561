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


def badge(told: dict[str, Any]) -> str:
    """A Map Run on the graph, as short as the counts of an inline Map (`views.counts`): `42/100, 3 ✗` under way, `3 ✗ 97 ✓` at its end."""
    items: dict[str, int] = told["itemCounts"]
    bad = items.get("failed", 0) + items.get("timedOut", 0)
    if told["status"] != "RUNNING":
        good = items.get("succeeded", 0)
        return f"{bad:,} ✗ {good:,} ✓" if bad else f"{good:,} ✓"
    done = bad + items.get("succeeded", 0) + items.get("aborted", 0)
    return f"{done:,}/{items['total']:,}" + (f", {bad:,} ✗" if bad else "")


def tolerance(told: dict[str, Any]) -> str:
    """How many failures there are and may be: `3 failed, at most 5 or 10 % may`. Where neither is given, the first failure ends the Map Run."""
    items: dict[str, int] = told["itemCounts"]
    bad = sum(items.get(name, 0) for name in ("failed", "timedOut", "aborted"))
    count, percentage = told.get("toleratedFailureCount") or 0, told.get("toleratedFailurePercentage") or 0
    may = " or ".join([f"{count:,}"] * bool(count) + [f"{percentage:g} %"] * bool(percentage))
    return f"{bad:,} failed, at most {may} may" if may else f"{bad:,} failed, none may"


__all__ = ["Progress", "badge", "progress", "tolerance"]
