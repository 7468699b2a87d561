"""Integrations beyond their parameters' shapes: HTTP endpoints, readers and writers of a Distributed Map, secrets, retired models."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.asl.diagnostics import Said
from studio.asl.fields import Field
from studio.asl.rules.expressions import REFERENCE, not_a_reference
from studio.asl.rules.finding import Finding, placeholder, substituted
from studio.asl.rules.held import check_value, other_language
from studio.asl.tree import Json, Pointer, walk

_INPUT_TYPES = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
_WORDS: dict[str, tuple[str, ...]] = {
    "InputType": _INPUT_TYPES,
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
    "Transformation": ("NONE", "LOAD_AND_FLATTEN"),
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "TAB", "SPACE"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
}
_READER = frozenset({*_WORDS, "CSVHeaders", "ItemsPointer", "MaxItems", "MaxItemsPath"})
_WRITER: dict[str, tuple[str, ...]] = {"OutputType": ("JSON", "JSONL"), "Transformation": ("NONE", "COMPACT", "FLATTEN")}
_BATCHER = frozenset({"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", "BatchInput"})
_NUMBERS = (
    Field("MaxItems", "integer", "", expression=True, minimum=0, maximum=100_000_000),
    Field("MaxItemsPerBatch", "integer", "", expression=True, minimum=0),
    Field("MaxInputBytesPerBatch", "integer", "", expression=True, minimum=0, maximum=262_144),
)
"""The numbers of a reader and a batcher; each may be given by a path instead."""
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
_SECRET = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk-[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|^(Bearer|Basic) [A-Za-z0-9._~+/=-]{16,}$"
)
_SECRET_KEY = re.compile(r"(?i)(password|passwd|secret|api[_-]?key|access[_-]?token|private[_-]?key)$")
_RETIRED = re.compile(
    r"(anthropic\.claude-(v1|v2|instant|3-sonnet-20240229|3-5-sonnet-20240620)|amazon\.titan-text-|ai21\.j2-|meta\.llama2-|"
    r"cohere\.command-(text|light-text)-|stability\.stable-diffusion-xl)"
)


def check(value: dict[str, Json], language: str, kind: str) -> Iterator[Finding]:
    name = "Arguments" if language == "JSONata" else "Parameters"
    given = value.get(name)
    if kind == "Task":
        parameters = given if isinstance(given, dict) else {}
        resource = str(value.get("Resource", ""))
        if re.search(r":states:[^:]*:[^:]*:http:invoke$", resource) and not substituted(parameters) and isinstance(given, dict | None):
            yield from _http(parameters, name)
        if ":bedrock" in resource:
            yield from _model(parameters, name)
        yield from _secrets(parameters, name)
    if kind == "Map":
        yield from _reader(value, language)
        yield from _batcher(value, language)
        yield from _writer(value)


def _http(parameters: dict[str, Json], name: str) -> Iterator[Finding]:
    missing = [field for field in ("ApiEndpoint", "Method") if not _has(parameters, field)]
    authentication = parameters.get("Authentication", parameters.get("InvocationConfig"))
    if not _has(parameters, "Authentication") and "InvocationConfig" not in parameters:
        missing.append("Authentication")
    elif isinstance(authentication, dict) and not substituted(authentication) and not _has(authentication, "ConnectionArn"):
        missing.append("ConnectionArn")
    if missing:
        yield Finding(
            "ASL605",
            (name,),
            f"These fields are required: [{', '.join(missing)}]",
            "An HTTP endpoint is called through an EventBridge connection.",
        )
    method = parameters.get("Method")
    if isinstance(method, str) and not placeholder(method) and not method.startswith("{%") and method not in _METHODS:
        yield Finding("ASL605", (name, "Method"), f"'{method}' is not one of {', '.join(_METHODS)}.", "Methods are written in capitals.")


def _has(held: dict[str, Json], name: str) -> bool:
    return name in held or f"{name}.$" in held


def _model(parameters: dict[str, Json], name: str) -> Iterator[Finding]:
    model = parameters.get("ModelId")
    if isinstance(model, str) and _RETIRED.search(model):
        yield Finding(
            "ASL607", (name, "ModelId"), f"The model '{model}' is retired or about to be.", "Choose one of the provider's current models."
        )


def _secrets(parameters: dict[str, Json], name: str) -> Iterator[Finding]:
    for at, text in walk(parameters):
        if not isinstance(text, str) or not at or placeholder(text) or "{{resolve:" in text or text.startswith(("{%", "$")):
            continue
        key = next((str(part) for part in reversed(at) if isinstance(part, str)), "")
        if _SECRET.search(text) or (_SECRET_KEY.search(key) and len(text) >= 8 and not text.startswith("arn:")):
            yield Finding(
                "ASL606",
                (name, *at),
                "This looks like a secret: everyone who may read the definition or a history can read it.",
                "Keep it in Secrets Manager or in an EventBridge connection.",
            )


def _config(value: dict[str, Json], *path: str) -> tuple[Pointer, dict[str, Json]] | None:
    held: Json = value
    for part in path:
        held = held.get(part) if isinstance(held, dict) else None
    return (path, held) if isinstance(held, dict) and not substituted(held) else None


def _reader(value: dict[str, Json], language: str) -> Iterator[Finding]:
    reader = _config(value, "ItemReader")
    if reader is None or not reader[1]:
        return
    if "Resource" not in reader[1]:
        yield Finding("ASL117", ("ItemReader",), "These fields are required: [Resource]", "For example arn:aws:states:::s3:getObject.")
    found = _config(value, "ItemReader", "ReaderConfig")
    if found is None:
        return
    at, config = found
    yield from _known(at, config, _READER, _WORDS)
    kind, headers = config.get("InputType"), config.get("CSVHeaderLocation")
    if kind == "CSV" and headers is None:
        yield Finding("ASL117", at, "These fields are required: [CSVHeaderLocation]", "FIRST_ROW, or GIVEN with CSVHeaders.")
    if headers == "GIVEN" and "CSVHeaders" not in config:
        yield Finding("ASL117", at, "These fields are required: [CSVHeaders]", "CSVHeaderLocation GIVEN needs the headers' names.")
    if kind in ("JSON", "JSONL", "PARQUET"):
        for field in ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"):
            if field in config:
                yield Finding("ASL117", (*at, field), f"The field '{field}' belongs to CSV files.", "Remove it.")
    if kind == "MANIFEST" and "ManifestType" not in config:
        yield Finding("ASL117", at, "These fields are required: [ManifestType]", "ATHENA_DATA or S3_INVENTORY.")
    yield from _numbers(at, config, language)


def _numbers(at: Pointer, config: dict[str, Json], language: str) -> Iterator[Finding]:
    """The numbers of a block, and their paths, as AWS checks those of the Map itself."""
    for field in _NUMBERS:
        name, path = field.name, f"{field.name}Path"
        if name in config:
            yield from check_value(field, config[name], language, (*at, name))
        if path not in config:
            continue
        if name in config:
            said = Said(f"There should only be one of the following fields: [{name}, {path}]", at)
            yield Finding("ASL111", (*at, path), f"Only one of these fields may be there: {name}, {path}", "Remove all but one.", said=said)
        if language == "JSONata":
            message = f"The field '{path}' is not supported by JSONata; it belongs to JSONPath."
            yield Finding(
                "ASL301", (*at, path), message, "Give the number by an expression.", said=other_language(path, language, "JSONPath", at)
            )
            continue
        held = config[path]
        yield from check_value(Field(path, "reference", ""), held, language, (*at, path))
        if isinstance(held, str) and not placeholder(held) and (why := not_a_reference(held, context=False)):
            message = f"The value for the field '{path}' must be a valid reference path: {why}"
            yield Finding("ASL305", (*at, path), message, said=Said(REFERENCE, (*at, path)))


def _known(at: Pointer, config: dict[str, Json], names: frozenset[str], words: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    for name, held in config.items():
        if name not in names and name != "Comment":
            yield Finding("ASL117", (*at, name), f"Field '{name}' is not supported", f"It has {', '.join(sorted(names))}.")
        elif name in words and isinstance(held, str) and not placeholder(held) and not held.startswith("{%") and held not in words[name]:
            yield Finding("ASL117", (*at, name), f"The field '{name}' must be one of {', '.join(words[name])}.")


def _batcher(value: dict[str, Json], language: str) -> Iterator[Finding]:
    found = _config(value, "ItemBatcher")
    if found is None:
        return
    at, batcher = found
    yield from _known(at, batcher, _BATCHER, {})
    if not set(batcher) & (_BATCHER - {"BatchInput"}):
        yield Finding("ASL117", at, "An ItemBatcher says how large a batch is: MaxItemsPerBatch or MaxInputBytesPerBatch.")
    yield from _numbers(at, batcher, language)


def _writer(value: dict[str, Json]) -> Iterator[Finding]:
    writer = _config(value, "ResultWriter")
    if writer is None:
        return
    if writer[1] and "Resource" not in writer[1] and "WriterConfig" not in writer[1]:
        yield Finding("ASL117", ("ResultWriter",), "A ResultWriter has a Resource, a WriterConfig or both.")
    config = _config(value, "ResultWriter", "WriterConfig")
    if config is not None:
        yield from _known(config[0], config[1], frozenset(_WRITER), _WRITER)
