"""Definitions for the canvas tests: the corpus, random ones (valid or not), and large nested ones."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from studio.asl.text import parse

CORPUS = Path(__file__).parent.parent / "corpus" / "valid"
FILES = sorted(path for path in CORPUS.glob("*.json") if path.name != "index.json")
FORMS = {row["file"]: row["form"] for row in json.loads((CORPUS / "index.json").read_text())}


def load(path: Path) -> Any:
    return parse(path.read_text(), "yaml" if FORMS.get(path.name) == "asl-yaml" else "json").root


def scribble(seed: int) -> Any:
    """A small definition with all that can be wrong: missing targets, self loops, cycles, no states, things that are no states."""
    rng = random.Random(seed)
    return _scribble(rng, rng.randint(0, 14))


def _scribble(rng: random.Random, count: int) -> Any:
    names = [f"S{i}" for i in range(count)]
    states: dict[str, Any] = {}

    def target() -> Any:
        return rng.choice([*names, "ghost"]) if rng.random() < 0.97 else rng.choice([None, 7, []])

    for name in names:
        kind = rng.random()
        if kind < 0.25:
            rules = [{"Variable": "$.amount" * rng.randint(1, 5), "NumericEquals": i, "Next": target()} for i in range(rng.randint(0, 5))]
            states[name] = {"Type": "Choice", "Choices": rules, "Default": target()}
        elif kind < 0.35:
            states[name] = {"Type": rng.choice(["Succeed", "Fail"])}
        elif kind < 0.5:
            catch = [{"ErrorEquals": ["States.ALL"] * rng.randint(0, 4), "Next": target()} for _ in range(rng.randint(1, 4))]
            states[name] = {"Type": "Task", "Resource": "x", "Next": target(), "Catch": catch}
        elif kind < 0.6:
            branches = [_scribble(rng, rng.randint(0, count // 3)) for _ in range(rng.randint(0, 3))]
            states[name] = {"Type": "Parallel", "Branches": branches, "Next": target()}
        elif kind < 0.68:
            catch = [{"ErrorEquals": ["E"], "Next": target()}]
            states[name] = {"Type": "Map", "ItemProcessor": _scribble(rng, rng.randint(0, 3)), "End": True, "Catch": catch}
        elif kind < 0.72:
            states[name] = rng.choice([None, 3, "x", [], {}, {"Type": 5}, {"Type": "Map"}, {"Type": "Nonsense"}])
        else:
            states[name] = {"Type": "Pass", **({"End": True} if kind < 0.8 else {"Next": target()})}
    rng.shuffle(names)
    return {"StartAt": names[0] if names and rng.random() < 0.95 else "ghost", "States": {name: states[name] for name in names}}


scribbles = st.integers(0, 2**31).map(scribble)


def nested(count: int, seed: int = 5) -> Any:
    """A valid workflow of about `count` states: Maps and Parallels in each other, Choices, loops, catches."""
    rng = random.Random(seed)
    numbers = iter(range(10 * count))

    def scope(budget: int, depth: int) -> Any:
        states: dict[str, Any] = {}
        used = 0
        while used < budget:
            name = f"State {next(numbers)}"
            used += 1
            kind = rng.random()
            left = budget - used
            if depth < 4 and left > 10 and kind < 0.18:
                inner = min(left, rng.randint(5, 40))
                used += inner
                states[name] = {"Type": "Map", "ItemProcessor": scope(inner, depth + 1), "End": True}
            elif depth < 4 and left > 12 and kind < 0.3:
                sizes = [rng.randint(2, 15) for _ in range(rng.randint(2, 3))]
                used += sum(sizes)
                states[name] = {"Type": "Parallel", "Branches": [scope(size, depth + 1) for size in sizes], "End": True}
            elif kind < 0.45:
                states[name] = {"Type": "Choice"}
            elif kind < 0.6:
                states[name] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, "Catch": True}
            else:
                states[name] = {"Type": "Pass", "End": True}
        names = list(states)
        for i, (name, state) in enumerate(states.items()):
            ahead = names[i + 1] if i + 1 < len(names) else None
            if state["Type"] == "Choice":
                goals = [names[min(len(names) - 1, i + 1 + rng.randint(0, 4))], names[max(0, i - 3)]]
                state["Choices"] = [{"Variable": "$.x", "NumericEquals": j, "Next": goal} for j, goal in enumerate(goals)]
                state["Default"] = ahead or name
            elif ahead:
                del state["End"]
                state["Next"] = ahead
            if "Catch" in state:
                state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": names[min(len(names) - 1, i + rng.randint(1, 4))]}]
        return {"StartAt": names[0], "States": states}

    return scope(count, 0)


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same definition with the keys of every `States` in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(inner, rng)) for key, inner in value.items()]
        states = dict(items).get("States")
        if isinstance(states, dict):
            keys = list(states)
            rng.shuffle(keys)
            return {key: ({k: states[k] for k in keys} if key == "States" else inner) for key, inner in items}
        return dict(items)
    if isinstance(value, list):
        return [shuffled(inner, rng) for inner in value]
    return value
