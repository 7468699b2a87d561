"""What the value at a pointer is to ASL: a state, a retrier, a rule, a Task's parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.asl.tree import Json, Pointer, child


@dataclass(frozen=True, slots=True)
class Place:
    """What the object or value at a pointer is. `state` is the innermost state's value, `path` what is below the kind's own root."""

    kind: str
    state: dict[str, Json]
    pointer: Pointer
    scope: Pointer
    language: str
    inner: bool = False
    path: Pointer = ()


_BELOW: dict[str, dict[str, str]] = {
    "machine": {"States": "states", "ProcessorConfig": "processor-config"},
    "state": {
        "Retry": "retriers",
        "Catch": "catchers",
        "Choices": "rules",
        "Branches": "branches",
        "ItemProcessor": "machine",
        "Iterator": "machine",
        "Parameters": "parameters",
        "Arguments": "parameters",
        "ItemReader": "reader",
        "ResultWriter": "writer",
        "ItemBatcher": "batcher",
        "Credentials": "credentials",
    },
    "retrier": {"ErrorEquals": "errors"},
    "catcher": {"ErrorEquals": "errors"},
    "rule": {"And": "inner-rules", "Or": "inner-rules", "Not": "inner-rule"},
    "inner-rule": {"And": "inner-rules", "Or": "inner-rules", "Not": "inner-rule"},
    "reader": {"ReaderConfig": "reader-config", "Parameters": "io-parameters", "Arguments": "io-parameters"},
    "writer": {"WriterConfig": "writer-config", "Parameters": "io-parameters", "Arguments": "io-parameters"},
}
_ELEMENT = {
    "retriers": "retrier",
    "catchers": "catcher",
    "rules": "rule",
    "inner-rules": "inner-rule",
    "branches": "machine",
    "errors": "error",
}


def place_of(root: Json, pointer: Pointer) -> Place:
    """What is at a pointer: walked down from the machine."""
    top = root if isinstance(root, dict) else {}
    language = "JSONata" if top.get("QueryLanguage") == "JSONata" else "JSONPath"
    place = Place("machine", {}, (), (), language)
    here = child([root], 0)
    for i, part in enumerate(pointer):
        here = child(here, part)
        if place.kind == "states":
            state = here if isinstance(here, dict) else dict[str, Json]()
            own = state.get("QueryLanguage")
            place = Place("state", state, pointer[: i + 1], pointer[:i], own if own in ("JSONPath", "JSONata") else place.language)
            continue
        if place.kind in {"parameters", "io-parameters", "template"}:
            place = replace(place, path=(*place.path, part))
            continue
        below = _BELOW.get(place.kind, {}) if isinstance(part, str) else {}
        kind = below.get(str(part), "template") if isinstance(part, str) else _ELEMENT.get(place.kind, "template")
        if kind == "parameters" and place.state.get("Type") != "Task":
            kind = "template"
        place = replace(place, kind=kind, inner=kind == "machine", path=() if kind != "template" else (part,))
        if kind == "machine":
            holder = here if isinstance(here, dict) else dict[str, Json]()
            place = replace(place, language=str(holder.get("QueryLanguage", place.language)))
    return place
