"""Distributed Maps that read from and write to S3, in the sandbox; the pure readers by themselves."""

from __future__ import annotations

import asyncio
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.exec.items import ItemsError, Reader, read
from studio.exec.local import LocalStepFunctions
from studio.exec.performers import aws_sdk
from studio.exec.performers.sandbox import Sandbox

OBJECTS: dict[tuple[str, str], bytes] = {
    ("b", "one.csv"): b"a,b\n1,2\n",
    ("b", "two.csv"): b"a,b\n3,4\n",
    ("b", "inv.csv"): b'"b","k1"\n"b","k2"\n',
}
INVENTORY = {"destinationBucket": "arn:aws:s3:::b", "fileSchema": "Bucket, Key", "files": [{"key": "inv.csv"}]}

READ: list[tuple[dict[str, Any], bytes, int, Any]] = [
    ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, b"a,b\n1\n\n2,3,4\n", 0, [{"a": "1", "b": ""}, {"a": "2", "b": "3"}]),
    (
        {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x"], "CSVDelimiter": "PIPE"},
        b'"1|2"|3\n',
        0,
        [{"x": "1|2"}],
    ),
    ({"InputType": "JSON"}, b"[1, 2, 3]", 2, [1, 2]),
    ({"InputType": "JSON", "ItemsPointer": "/data/items"}, b'{"data": {"items": [{"a": 1}]}}', 0, [{"a": 1}]),
    ({"InputType": "JSON"}, b'{"a": 1, "b": 2}', 0, [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]),
    ({"InputType": "JSONL"}, b'{"a": 1}\n\n{"a": 2}\n', 0, [{"a": 1}, {"a": 2}]),
    (
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "ManifestType": "ATHENA_DATA"},
        b"s3://b/one.csv\ns3://b/two.csv\n",
        0,
        None,
    ),
    ({"ManifestType": "S3_INVENTORY"}, json.dumps(INVENTORY).encode(), 0, [{"Bucket": "b", "Key": "k1"}, {"Bucket": "b", "Key": "k2"}]),
]


def parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    kept = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), kept)
    return kept.getvalue()


PARQUET = {
    "id": 1,
    "name": "Ana",
    "paid": Decimal("12.50"),
    "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "raw": b"\x00\x01",
    "tags": ["a", "b"],
    "none": None,
}


def test_rows_of_parquet_are_items() -> None:
    got = read(Reader("getObject", {}, {"InputType": "PARQUET"}, 0), parquet([PARQUET, PARQUET]), fetch)
    row = {"id": 1, "name": "Ana", "paid": 12.5, "at": "2026-01-02T03:04:05+00:00", "raw": "AAE=", "tags": ["a", "b"], "none": None}
    assert got == [row, row]
    with pytest.raises(ItemsError, match="cannot be read as PARQUET"):
        read(Reader("getObject", {}, {"InputType": "PARQUET"}, 0), b"no", fetch)


def fetch(bucket: str, key: str) -> bytes:
    return OBJECTS[bucket, key]


@pytest.mark.parametrize(("config", "data", "most", "items"), [row for row in READ if row[3] is not None])
def test_items_are_read(config: dict[str, Any], data: bytes, most: int, items: Any) -> None:
    assert read(Reader("getObject", {}, config, most), data, fetch) == items


@pytest.mark.parametrize(
    ("config", "data", "cause"),
    [
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, b"a,a\n1,2\n", "CSV headers cannot contain duplicates."),
        ({"InputType": "JSON"}, b"7", "non-iterable"),
        ({"InputType": "JSON"}, b"{", "non-iterable"),
        (
            {"InputType": "JSON", "ItemsPointer": "/no"},
            b"{}",
            "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.",
        ),
        ({"InputType": "JSONL"}, b"{\n", "Line 1 is not JSON"),
        ({"InputType": "PARQUET"}, b"PAR1", "cannot be read as PARQUET"),
        ({"InputType": "ORC"}, b"", "ORC cannot be read here"),
        ({"InputType": "CSV"}, b"\xff\xfe\x00", "not text in UTF-8"),
        ({"ManifestType": "S3_INVENTORY"}, b"{}", "manifest cannot be read"),
    ],
)
def test_what_cannot_be_read_says_why(config: dict[str, Any], data: bytes, cause: str) -> None:
    with pytest.raises(ItemsError, match=cause):
        read(Reader("getObject", {}, config), data, fetch)


def machine(**fields: Any) -> str:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "Check",
        "States": {
            "Check": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.bad", "StringEquals": "yes", "Next": "Bad"}],
                "Default": "Good",
            },
            "Bad": {"Type": "Fail", "Error": "E"},
            "Good": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": True},
        },
    }
    return json.dumps({"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True, **fields}}})


CSV = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
    "Parameters": {"Bucket": "rows-in", "Key.$": "$.key"},
}


async def ran(folder: Path, definition: str, text: str) -> tuple[LocalStepFunctions, str, dict[str, Any], Any]:
    (folder / "sandbox.json").write_text(
        json.dumps(
            {"buckets": {"rows-in": {"rows.csv": "n,bad\n1,no\n2,yes\n3,no\n", "x/a.json": {"a": 1}, "x/b.json": {"b": 2}}, "rows-out": {}}}
        )
    )
    sandbox = Sandbox()
    service = LocalStepFunctions(None, sandbox=sandbox)
    await service.start()
    s3 = aws_sdk.client("s3", "us-east-1", sandbox.endpoint())
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]:  # moto's state belongs to the process
        for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
        s3.delete_bucket(Bucket=bucket)
    arn = await service.run_definition(definition, text, folder=folder)
    async with asyncio.timeout(20):
        await service.ended(arn)
    return service, arn, await service.describe_execution(executionArn=arn), s3


@pytest.mark.xdist_group("sandbox")
async def test_rows_are_read_tolerated_and_written(tmp_path: Path) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "rows-out", "Prefix": "results"}}
    definition = machine(ItemReader=CSV, ResultWriter=writer, ToleratedFailureCount=1)
    service, arn, told, s3 = await ran(tmp_path, definition, '{"key": "rows.csv"}')
    try:
        assert told["status"] == "SUCCEEDED"
        output = json.loads(told["output"])
        [map_run] = (await service.list_map_runs(executionArn=arn))["mapRuns"]
        assert output["MapRunArn"] == map_run["mapRunArn"]
        assert output["ResultWriterDetails"]["Key"] == f"results/{map_run['mapRunArn'].rpartition(':')[2]}/manifest.json"
        manifest = json.loads(s3.get_object(Bucket="rows-out", Key=output["ResultWriterDetails"]["Key"])["Body"].read())
        files = {status: [f["Key"] for f in found] for status, found in manifest["ResultFiles"].items()}
        assert {status: len(found) for status, found in files.items()} == {"FAILED": 1, "PENDING": 0, "SUCCEEDED": 1}
        rows = json.loads(s3.get_object(Bucket="rows-out", Key=files["SUCCEEDED"][0])["Body"].read())
        assert [json.loads(row["Output"]) for row in rows] == [{"n": "1"}, {"n": "3"}]
        counts = (await service.describe_map_run(mapRunArn=map_run["mapRunArn"]))["itemCounts"]
        assert (counts["succeeded"], counts["failed"], counts["total"]) == (2, 1, 3)
    finally:
        await service.aclose()


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"ItemReader": CSV}, "FAILED", "States.ExceedToleratedFailureThreshold"),
        ({"ItemReader": {**CSV, "Parameters": {"Bucket": "rows-in", "Key": "none"}}}, "FAILED", "States.ItemReaderFailed"),
        (
            {"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "nowhere"}}, "ItemsPath": "$.all"},
            "FAILED",
            "States.ResultWriterFailed",
        ),
    ],
)
async def test_failures(tmp_path: Path, fields: dict[str, Any], status: str, error: str) -> None:
    service, _, told, _ = await ran(tmp_path, machine(**fields), '{"key": "rows.csv", "all": [{"n": 1, "bad": "no"}]}')
    try:
        assert (told["status"], told.get("error")) == (status, error)
    finally:
        await service.aclose()


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(("language", "time"), [("JSONPath", r"\d\.\d+E9"), ("JSONata", r"\d{10}")])
async def test_objects_of_a_bucket_are_the_items(language: str, time: str, tmp_path: Path) -> None:
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P"}
    arguments = "Parameters" if language == "JSONPath" else "Arguments"
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", arguments: {"Bucket": "rows-in", "Prefix": "x/"}}
    states = {"P": {"Type": "Pass", "End": True}}
    definition = {
        "QueryLanguage": language,
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemReader": reader, "ItemProcessor": {**inner, "States": states}, "End": True}},
    }
    service, _, told, _ = await ran(tmp_path, json.dumps(definition), "{}")
    try:
        items = json.loads(told["output"])
        assert [list(item) for item in items] == [["Etag", "Key", "LastModified", "Size", "StorageClass"]] * 2
        assert [(item["Key"], item["Size"], item["StorageClass"]) for item in items] == [
            ("x/a.json", 8, "STANDARD"),
            ("x/b.json", 8, "STANDARD"),
        ]
        assert re.search(rf'"LastModified":{time},"Size"', told["output"])
    finally:
        await service.aclose()


async def test_without_any_s3_the_map_says_so() -> None:
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(machine(ItemReader=CSV), '{"key": "rows.csv"}')
        async with asyncio.timeout(10):
            await service.ended(arn)
        told = await service.describe_execution(executionArn=arn)
        assert (told["error"], "there is no S3 here" in told["cause"]) == ("Studio.NoMock", True)
    finally:
        await service.aclose()
