"""A Map's way of working: inline or distributed; where a Distributed Map reads its items, how it batches them, where results go.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html, …-itembatcher.html, …-resultwriter.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from studio.asl.edits import RemoveValue, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, json_field, select_field, text_field
from studio.ui.widgets.live_line import LiveLine
from studio.ui.widgets.switch import Kind, Mode, switch_field, value_or_expression, value_or_path

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Json, Pointer

SOURCES: dict[str, str] = {
    "": "The state's input",
    "OBJECTS": "The list of objects of an S3 bucket",
    "CONTENTS": "The contents of the objects of an S3 bucket",
    "CSV": "A CSV file in S3",
    "JSON": "A JSON file in S3",
    "JSONL": "A JSON Lines file in S3",
    "PARQUET": "A Parquet file in S3",
    "S3_INVENTORY": "An S3 inventory manifest",
    "ATHENA_DATA": "An Athena manifest",
}
EXAMPLES = {
    "CSV": "items.csv",
    "JSON": "items.json",
    "JSONL": "items.jsonl",
    "PARQUET": "items.parquet",
    "S3_INVENTORY": "inventory/manifest.json",
    "ATHENA_DATA": "results/manifest.csv",
}
"""Keys to begin with, by source; one that was never changed follows another source."""
DELIMITERS = ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
Part = Literal["ItemReader", "ItemBatcher", "ResultWriter"]


def mode(form: Form) -> str:
    """INLINE or DISTRIBUTED."""
    for processor in ("ItemProcessor", "Iterator"):
        held = form.value((processor, "ProcessorConfig", "Mode"))
        if isinstance(held, str):
            return held
    return "INLINE"


def processing(form: Form) -> None:
    """Inline: inside this execution. Distributed: an execution of its own for each item, thousands at once."""
    processor = "Iterator" if form.value(("ItemProcessor",)) is MISSING and form.value(("Iterator",)) is not MISSING else "ItemProcessor"
    config: Pointer = (processor, "ProcessorConfig")

    async def choose(chosen: str) -> None:
        old = form.value(config)
        kept = {key: value for key, value in old.items() if key != "ExecutionType"} if isinstance(old, dict) else {}
        kind = {"ExecutionType": "STANDARD"} if chosen == "DISTRIBUTED" else {}
        await form.put(config, {**kept, "Mode": chosen, **kind}, "Processing mode", reshapes=True)

    modes = {"INLINE": "Inline: in this execution, up to 40 at once", "DISTRIBUTED": "Distributed: up to 10,000 child executions"}
    select_field(form, (*config, "Mode"), "Processing mode", lambda: modes, current=lambda: mode(form), choose=choose)
    if mode(form) == "DISTRIBUTED":
        kind: Pointer = (*config, "ExecutionType")
        select_field(
            form,
            kind,
            "Child execution type",
            lambda: {"STANDARD": "Standard", "EXPRESS": "Express"},
            current=lambda: str(form.value(kind)) if form.value(kind) is not MISSING else "STANDARD",
            choose=lambda word: form.put(kind, word, "Child execution type"),
        )


def source_of(reader: Any) -> str | None:
    """Which of SOURCES an ItemReader is; None where it is none of them."""
    if reader is MISSING:
        return ""
    if not isinstance(reader, dict):
        return None
    held = cast("dict[str, Any]", reader)
    config = held.get("ReaderConfig", {})
    if not isinstance(config, dict) or not isinstance(held.get("Resource"), str):
        return None
    if held["Resource"].endswith(":s3:listObjectsV2"):
        return "CONTENTS" if config.get("Transformation") == "LOAD_AND_FLATTEN" else "OBJECTS"
    manifest, kind = config.get("ManifestType"), config.get("InputType")
    found = manifest if manifest in SOURCES else kind
    return found if isinstance(found, str) and found in SOURCES and held["Resource"].endswith(":s3:getObject") else None


def reader_for(source: str, old: Any, language: str) -> dict[str, Json]:
    """An ItemReader for a source; bucket, key and limit of the old one are kept."""
    before = cast("dict[str, Any]", old) if isinstance(old, dict) else {}
    name = "Arguments" if language == "JSONata" else "Parameters"
    held = before.get(name)
    parameters: dict[str, Json] = dict(held) if isinstance(held, dict) else {"Bucket": "amzn-s3-demo-bucket"}
    listing = source in {"OBJECTS", "CONTENTS"}
    for key in ("Key", "Key.$", "VersionId") if listing else ("Prefix", "Prefix.$"):
        parameters.pop(key, None)
    if not listing and (not {"Key", "Key.$"} & set(parameters) or parameters.get("Key") in EXAMPLES.values()):
        parameters["Key"] = EXAMPLES[source]
    config: dict[str, Json] = {
        "OBJECTS": {},
        "CONTENTS": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"},
        "CSV": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "S3_INVENTORY": {"ManifestType": "S3_INVENTORY"},
        "ATHENA_DATA": {"ManifestType": "ATHENA_DATA", "InputType": "PARQUET"},
    }.get(source, {"InputType": source})  # type: ignore[assignment]
    limits = before.get("ReaderConfig")
    config |= {k: v for k, v in limits.items() if k in {"MaxItems", "MaxItemsPath"}} if isinstance(limits, dict) else {}
    action = "listObjectsV2" if listing else "getObject"
    return {"Resource": f"arn:aws:states:::s3:{action}", **({"ReaderConfig": config} if config else {}), name: parameters}


def reader(form: Form, node: StateNode) -> None:
    """Where the items come from."""
    part: Pointer = ("ItemReader",)
    source = source_of(form.value(part))

    async def choose(chosen: str) -> None:
        before = form.value(part)
        whole = (*node.pointer, *part)
        if chosen == source:
            return
        if not chosen:
            await _do(form, RemoveValue(whole), f"Read the items of {node.name} from its input")
        else:
            await _do(form, SetValue(whole, reader_for(chosen, before, node.language)), f"Item source of {node.name}")

    with _frame(form, "Item source", part):
        if source is None:
            json_field(form, part, "ItemReader")
            return
        select_field(form, (*part, "#source"), "Items are", lambda: SOURCES, current=lambda: source, choose=choose)
        if not source:
            return
        listing = source in {"OBJECTS", "CONTENTS"}
        _place(form, node, part, "Prefix" if listing else "Key")
        config: Pointer = (*part, "ReaderConfig")
        if form.value((*config, "InputType")) == "CSV":
            _words(form, (*config, "CSVHeaderLocation"), "Column names", ("FIRST_ROW", "GIVEN"))
            if form.value((*config, "CSVHeaderLocation")) == "GIVEN":
                json_field(form, (*config, "CSVHeaders"), "CSVHeaders", placeholder='["id", "name"]')
            _words(form, (*config, "CSVDelimiter"), "Delimiter", DELIMITERS)
        if source == "JSON":
            text_field(form, (*config, "ItemsPointer"), "ItemsPointer", placeholder="/items", classes="path-field")
        if source in {"ATHENA_DATA", "CONTENTS"}:
            _words(form, (*config, "InputType"), "The files are", ("CSV", "JSON", "JSONL", "PARQUET"))
        _number(form, node, (*config, "MaxItems"), "MaxItems", "all", twin=True)
        _all(form, part)


def batcher(form: Form, node: StateNode) -> None:
    """How many items one child execution gets."""
    part: Pointer = ("ItemBatcher",)
    with _frame(form, "Item batching", part):
        if form.value(part) is not MISSING and not isinstance(form.value(part), dict):
            json_field(form, part, "ItemBatcher")
            return
        _number(form, node, (*part, "MaxItemsPerBatch"), "MaxItemsPerBatch", "none: one by one", twin=True)
        _number(form, node, (*part, "MaxInputBytesPerBatch"), "MaxInputBytesPerBatch", "up to 262144", twin=True)
        live = LiveLine(form, "template" if node.language == "JSONata" else "payload")
        json_field(form, (*part, "BatchInput"), "BatchInput", doc="What every batch gets besides its items.", placeholder="{}", live=live)


def writer(form: Form, node: StateNode) -> None:
    """Where the results go; without a place they are the state's output."""
    part: Pointer = ("ResultWriter",)
    held = form.value(part)
    name = "Arguments" if node.language == "JSONata" else "Parameters"

    async def choose(chosen: str) -> None:
        whole = (*node.pointer, *part)
        if chosen == "s3" and held is MISSING:
            place: Json = {"Bucket": "amzn-s3-demo-bucket", "Prefix": "results"}
            await _do(form, SetValue(whole, {"Resource": "arn:aws:states:::s3:putObject", name: place}), f"Export results of {node.name}")
        elif not chosen and held is not MISSING:
            await _do(form, RemoveValue(whole), f"Keep results of {node.name} as its output")

    with _frame(form, "Results", part):
        if held is not MISSING and not isinstance(held, dict):
            json_field(form, part, "ResultWriter")
            return
        places = {"": "The state's output", "s3": "Files in an S3 bucket"}
        select_field(
            form, (*part, "#place"), "Results go to", lambda: places, current=lambda: "" if held is MISSING else "s3", choose=choose
        )
        if held is not MISSING:
            if isinstance(held, dict) and "Resource" in held:
                _place(form, node, part, "Prefix")
            _words(form, (*part, "WriterConfig", "Transformation"), "Transformation", ("NONE", "COMPACT", "FLATTEN"))
            _words(form, (*part, "WriterConfig", "OutputType"), "OutputType", ("JSON", "JSONL"))
            _all(form, part)


# -- parts -----------------------------------------------------------------------------------------------------------
def _frame(form: Form, title: str, pointer: Pointer) -> Any:
    box = c.box("group", "div", data_field=f"/{pointer[0]}")
    form.anchors[pointer] = box
    with box:
        with c.box("group-head"):
            c.text(title, "grow", "span")
        return c.box("group-body")


def _place(form: Form, node: StateNode, part: Pointer, second: str) -> None:
    """Bucket, and the key or prefix in it."""
    name = "Arguments" if node.language == "JSONata" else "Parameters"
    for key in ("Bucket", second):
        switch_field(form, key, _modes(node, (*part, name, key), "text", f"{key}.$"))


def _modes(node: StateNode, pointer: Pointer, kind: Kind, twin: str, placeholder: str = "") -> list[Mode]:
    if node.language == "JSONata":
        return value_or_expression(pointer, kind, placeholder=placeholder)
    return value_or_path(pointer, (*pointer[:-1], twin), kind, placeholder=placeholder)


def _number(form: Form, node: StateNode, pointer: Pointer, title: str, hint: str, *, twin: bool) -> None:
    modes = _modes(node, pointer, "number", f"{pointer[-1]}Path", hint)
    switch_field(form, title, modes if twin else modes[:1])


def _words(form: Form, pointer: Pointer, title: str, words: tuple[str, ...]) -> None:
    def shown() -> str:
        held = form.value(pointer)
        return "" if held is MISSING else str(held)

    select_field(
        form,
        pointer,
        title,
        lambda: {"": "Default", **{w: w for w in words}},
        current=shown,
        choose=lambda word: form.put(pointer, word or MISSING, title, reshapes=True),  # type: ignore[arg-type]
    )


def _all(form: Form, part: Pointer) -> None:
    with c.box("", "details"):
        c.text("All as JSON", "dim small", "summary").style("cursor:pointer")
        json_field(form, part, str(part[0]))


async def _do(form: Form, edit: Any, label: str) -> None:
    await form.view.do(Transaction((edit,), label, "form"))
