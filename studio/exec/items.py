"""The items a Distributed Map reads: CSV, JSON, JSON Lines, lists of objects and manifests, as AWS reads them. Pure but for `fetch`.

Errors: `ItemsError`, whose text is the cause of `States.ItemReaderFailed`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple, cast

from studio.asl.java import hash_order
from studio.asl.tree import MISSING, Json, find, from_text

MAX_ITEMS = 100_000_000
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}

Fetch = Callable[[str, str], bytes]
"""`(bucket, key)` -> the object's bytes."""


class ItemsError(Exception):
    """Why the items cannot be read."""


class Reader(NamedTuple):
    """An ItemReader with its values filled in: `action` is getObject or listObjectsV2, `arguments` the call's, `most` MaxItems (0: all).
    `jsonata`: of a Map in that language, whose numbers are plainer.
    """

    action: str
    arguments: dict[str, Json]
    config: dict[str, Json]
    most: int = 0
    jsonata: bool = False

    def to_json(self) -> dict[str, Json]:
        return {"action": self.action, "arguments": self.arguments, "config": self.config, "most": self.most, "jsonata": self.jsonata}


def read(reader: Reader, data: bytes, fetch: Fetch) -> list[Json]:
    """The items of an object's content."""
    if reader.most < 0:
        raise ItemsError("field MaxItems must be positive")
    kind = str(reader.config.get("InputType", "JSON")).upper()
    if reader.config.get("ManifestType") == "S3_INVENTORY":
        kind = "MANIFEST"
    match kind:
        case "CSV":
            items = _csv(data, reader.config)
        case "JSONL":
            items = _lines(data)
        case "JSON":
            items = iter(_array(data, reader.config.get("ItemsPointer")))
        case "MANIFEST":
            items = _manifest(data, reader.config, fetch)
        case "PARQUET":
            from studio.exec.parquet import rows

            items = rows(data)
        case _:
            raise ItemsError(f"The input type {kind} cannot be read here: convert it to CSV, JSON or JSONL, or mock the Map's tasks.")
    return list(islice(items, reader.most or MAX_ITEMS))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ItemsError("The object is not text in UTF-8.") from error


def _csv(data: bytes, config: dict[str, Json]) -> Iterator[Json]:
    delimiter = _DELIMITERS.get(str(config.get("CSVDelimiter", "COMMA")), ",")
    rows = csv.reader(io.StringIO(_text(data), newline=""), delimiter=delimiter)
    if config.get("CSVHeaderLocation") == "GIVEN":
        given = config.get("CSVHeaders")
        headers = [str(name) for name in given] if isinstance(given, list) else []
    else:
        headers = next(rows, list[str]())
    if len(set(headers)) != len(headers):
        raise ItemsError("CSV headers cannot contain duplicates.")
    order = hash_order(headers)
    try:
        for row in rows:
            if row:
                values = dict(zip(headers, [*row, *[""] * (len(headers) - len(row))], strict=False))
                yield {name: values[name] for name in order}
    except csv.Error as error:
        raise ItemsError(f"The CSV file cannot be read: {error}.") from error


def _lines(data: bytes) -> Iterator[Json]:
    for number, line in enumerate(_text(data).splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ItemsError(f"Line {number} is not JSON: {error}.") from error


def _array(data: bytes, pointer: Json) -> list[Json]:
    try:
        held: Json = json.loads(_text(data))
    except (ValueError, RecursionError) as error:
        raise ItemsError("Attempting to map over non-iterable node.") from error
    if isinstance(pointer, str) and pointer:
        found = find(held, from_text(pointer, held))
        if found is MISSING:
            raise ItemsError("The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.")
        held = cast("Json", found)
    if isinstance(held, dict):
        return [{"Key": key, "Value": value} for key, value in held.items()]
    if not isinstance(held, list):
        raise ItemsError("Attempting to map over non-iterable node.")
    return held


def _manifest(data: bytes, config: dict[str, Json], fetch: Fetch) -> Iterator[Json]:
    """An Athena manifest (a list of `s3://` addresses, one a line) or an S3 inventory's `manifest.json`."""
    if config.get("ManifestType") == "ATHENA_DATA":
        for address in _text(data).splitlines():
            if address.strip():
                bucket, _, key = address.strip().removeprefix("s3://").partition("/")
                inner = {
                    **config,
                    "ManifestType": None,
                    "InputType": config.get("InputType") if config.get("InputType") != "MANIFEST" else "CSV",
                }
                yield from read(Reader("getObject", {}, inner), _unpacked(fetch(bucket, key)), fetch)
        return
    try:
        manifest: Any = json.loads(_text(data))
        bucket = str(manifest["destinationBucket"]).rpartition(":")[2]
        names = [name.strip() for name in str(manifest["fileSchema"]).split(",")]
        files = [str(file["key"]) for file in manifest["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ItemsError(f"The manifest cannot be read: {error}.") from error
    for key in files:
        for row in csv.reader(io.StringIO(_text(_unpacked(fetch(bucket, key))), newline="")):
            yield dict(zip(names, row, strict=False))


def _unpacked(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
