"""What belongs to a workflow and is no part of its definition: `NAME.studio.json`, beside it in the user's repository.

    {"silenced": [{"rule": "ASL701", "state": "Pay", "reason": "the function is idempotent and retried by its caller"}],
     "placeholders": {"TableName": "orders-dev", "Delay": 30},
     "config": {"type": "EXPRESS", "tracing": true, …},
     "layout": {"Pay": [264, 120]}}

`state` is left out where the finding lies outside every state. `layout` holds the states that a person placed (`asl.places`), in pixels. What this version does not know is kept as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, cast

from studio.asl.places import Places
from studio.asl.tree import Json, Pointer, put, walk
from studio.errors import StudioError

FAR = 1_000_000
"""Pixels; a state farther away was never put there by hand."""
PLACEHOLDER = re.compile(r"\$\{([^${}]+)\}")


@dataclass(frozen=True, slots=True)
class Silence:
    """A finding that a person looked at and decided to leave: the rule, the state (empty: the workflow), why."""

    rule: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class SideFile:
    """The file's content. `rest` holds the members this version does not know."""

    silenced: tuple[Silence, ...] = ()
    placeholders: dict[str, Json] = field(default_factory=dict[str, Json])
    config: dict[str, Json] = field(default_factory=dict[str, Json])
    rest: dict[str, Json] = field(default_factory=dict[str, Json])
    layout: Places = field(default_factory=dict[str, tuple[float, float]])

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        """(state, rule) pairs, as the linter takes them."""
        return frozenset((silence.state, silence.rule) for silence in self.silenced)

    def silence(self, rule: str, state: str, reason: str) -> SideFile:
        """With one more silenced finding; the same one again only gets the new reason."""
        others = tuple(s for s in self.silenced if (s.rule, s.state) != (rule, state))
        return replace(self, silenced=(*others, Silence(rule, state, reason)))

    def heed(self, rule: str, state: str) -> SideFile:
        """Without a silenced finding: it is shown again."""
        return replace(self, silenced=tuple(s for s in self.silenced if (s.rule, s.state) != (rule, state)))

    def with_placeholder(self, name: str, value: Json) -> SideFile:
        """With a placeholder's value for local runs; None takes it away."""
        values = {key: held for key, held in self.placeholders.items() if key != name}
        return replace(self, placeholders=values if value is None else {**values, name: value})

    def with_config(self, name: str, value: Json) -> SideFile:
        """With a setting of the state machine; None takes it away."""
        config = {key: held for key, held in self.config.items() if key != name}
        return replace(self, config=config if value is None else {**config, name: value})

    def dump(self) -> str:
        """The file's text; empty where there is nothing to keep."""
        silenced: list[Json] = [{"rule": s.rule, **({"state": s.state} if s.state else {}), "reason": s.reason} for s in self.silenced]
        layout: dict[str, Json] = {name: [_short(x), _short(y)] for name, (x, y) in self.layout.items()}
        parts: dict[str, Json] = {"silenced": silenced, "placeholders": self.placeholders, "config": self.config, "layout": layout}
        whole = {key: value for key, value in parts.items() if value} | self.rest
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n" if whole else ""


def read(text: str, name: str = "the side file") -> SideFile:
    """A side file's content; an empty text is an empty file. Errors: StudioError that says what is wrong and where."""
    if not text.strip():
        return SideFile()
    try:
        held: Any = json.loads(text)
    except RecursionError as error:
        raise StudioError(f"{name} is nested too deeply.") from error
    except ValueError as error:
        raise StudioError(f"{name} is not JSON: {error}") from error
    if not isinstance(held, dict):
        raise StudioError(f"{name} holds an object with 'silenced', 'placeholders', 'config' or 'layout'.")
    content = cast("dict[str, Json]", held)
    return SideFile(
        tuple(_silence(member, i, name) for i, member in enumerate(_list(content, name))),
        _object(content, "placeholders", name),
        _object(content, "config", name),
        {key: value for key, value in content.items() if key not in {"silenced", "placeholders", "config", "layout"}},
        _layout(_object(content, "layout", name), name),
    )


def _list(content: dict[str, Json], name: str) -> list[Json]:
    held = content.get("silenced", [])
    if not isinstance(held, list):
        raise StudioError(f"{name}: 'silenced' is an array of {{rule, state, reason}}.")
    return held


def _silence(member: Json, index: int, name: str) -> Silence:
    where = f"{name}: silenced/{index}"
    if not isinstance(member, dict) or not isinstance(member.get("rule"), str):
        raise StudioError(f'{where} names no rule, for example "ASL701".')
    reason, state = member.get("reason"), member.get("state", "")
    if not isinstance(reason, str) or not reason.strip():
        raise StudioError(f"{where} gives no reason: say why the finding may be left.")
    if not isinstance(state, str):
        raise StudioError(f"{where}/state is a state's name.")
    return Silence(str(member["rule"]), state, reason)


def _object(content: dict[str, Json], key: str, name: str) -> dict[str, Json]:
    held = content.get(key, {})
    if not isinstance(held, dict):
        raise StudioError(f"{name}: '{key}' is an object.")
    return held


def _layout(held: dict[str, Json], name: str) -> Places:
    found: dict[str, tuple[float, float]] = {}
    for state, place in held.items():
        match place:
            case [int() | float() as x, int() | float() as y] if abs(x) < FAR and abs(y) < FAR:
                found[state] = (x, y)
            case _:
                raise StudioError(f"{name}: layout/{state} is a place of two numbers, for example [264, 120].")
    return found


def _short(value: float) -> Json:
    return int(value) if float(value).is_integer() else round(value, 1)


def placeholders(root: Json) -> dict[str, list[Pointer]]:
    """The placeholders `${Name}` of a definition and where each stands, in document order."""
    found: dict[str, list[Pointer]] = {}
    for pointer, value in walk(root):
        if isinstance(value, str) and "${" in value:
            for name in PLACEHOLDER.findall(value):
                found.setdefault(name, []).append(pointer)
    return found


def filled(root: Json, values: dict[str, Json]) -> Json:
    """The definition with the placeholders that have a value filled in.

    A placeholder that is the whole of a string becomes the value itself (so `"Seconds": ${Delay}` becomes a number); within a longer text
    it becomes the value's text.
    """
    if not values:
        return root
    for pointer, value in list(walk(root)):
        if not isinstance(value, str) or "${" not in value:
            continue
        whole = PLACEHOLDER.fullmatch(value)
        if whole is not None:
            if whole[1] in values:
                root = put(root, pointer, values[whole[1]])
            continue
        new = PLACEHOLDER.sub(lambda m: _text(values[m[1]]) if m[1] in values else m[0], value)
        if new != value:
            root = put(root, pointer, new)
    return root


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
