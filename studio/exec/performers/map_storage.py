"""What a Distributed Map reads from S3 and writes to it: ItemReader and ResultWriter over a boto3 client.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.exec.context import iso
from studio.exec.items import ItemsError, Reader, read
from studio.exec.performers import aws_sdk
from studio.store.eventlog import Row

MAX_BYTES = 512 * 1024 * 1024


def items_of(reader: Reader, address: Callable[[], str] | None, region: str, *, real: bool = False) -> list[Json] | Failure:
    """The items of an ItemReader; blocks."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = _s3(address, region, real=real)
    if client is None:
        return Failure(
            "Studio.NoMock", "The Map reads from S3, and there is no S3 here: run with --target sandbox, or set AWS_ENDPOINT_URL_S3."
        )
    arguments = reader.arguments
    bucket = str(arguments.get("Bucket", ""))

    def fetch(source: str, key: str) -> bytes:
        body = client.get_object(Bucket=source, Key=key)["Body"].read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ItemsError(f"The object {key} is larger than {MAX_BYTES // 2**20} MB, more than this machine reads.")
        return body

    try:
        if reader.action == "listObjectsV2":
            return _listed(client, bucket, str(arguments.get("Prefix", "")), reader, fetch)
        return read(reader, fetch(bucket, str(arguments.get("Key", ""))), fetch)
    except ItemsError as error:
        return Failure("States.ItemReaderFailed", str(error))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        message = error.response.get("Error", {}).get("Message", str(error))
        return Failure("States.ItemReaderFailed", f"{message} (Service: Amazon S3; Error Code: {code})")
    except BotoCoreError as error:
        return Failure("States.ItemReaderFailed", str(error))


def _listed(client: Any, bucket: str, prefix: str, reader: Reader, fetch: Callable[[str, str], bytes]) -> list[Json]:
    found: list[Json] = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            if reader.config.get("Transformation") == "LOAD_AND_FLATTEN":
                found += read(Reader("getObject", {}, reader.config), fetch(bucket, entry["Key"]), fetch)
            else:
                modified = entry["LastModified"].timestamp()
                found.append(
                    {
                        "Etag": entry["ETag"],
                        "Key": entry["Key"],
                        "LastModified": int(modified) if reader.jsonata else float(int(modified)),
                        "Size": entry["Size"],
                        "StorageClass": entry.get("StorageClass", "STANDARD"),
                    }
                )
            if reader.most and len(found) >= reader.most:
                return found[: reader.most]
    return found


def written(
    writer: dict[str, Json],
    arguments: dict[str, Json],
    rows: list[Row],
    map_run: str,
    address: Callable[[], str] | None,
    region: str,
    *,
    real: bool = False,
) -> Json | Failure:
    """Writes the children's results and the manifest; answers the Map's result. Blocks."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = _s3(address, region, real=real)
    if client is None:
        return Failure(
            "Studio.NoMock", "The Map writes to S3, and there is no S3 here: run with --target sandbox, or set AWS_ENDPOINT_URL_S3."
        )
    bucket, prefix = str(arguments.get("Bucket", "")), str(arguments.get("Prefix", "")).strip("/")
    folder = "/".join(part for part in (prefix, map_run.rpartition(":")[2]) if part)
    config = writer.get("WriterConfig")
    form = config if isinstance(config, dict) else {}
    files: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    try:
        for status, kept in (
            ("SUCCEEDED", [r for r in rows if r.status == "SUCCEEDED"]),
            ("FAILED", [r for r in rows if r.status != "SUCCEEDED"]),
        ):
            if kept:
                lines = form.get("OutputType") == "JSONL"
                key = f"{folder}/{status}_0.{'jsonl' if lines else 'json'}"
                body = _body([shown(row, str(form.get("Transformation", "NONE"))) for row in kept], form, lines=lines).encode("utf-8")
                client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
                files[status].append({"Key": key, "Size": len(body)})
        manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": files}
        client.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode("utf-8"))
    except (ClientError, BotoCoreError) as error:
        return Failure("States.ResultWriterFailed", str(error))
    return {"MapRunArn": map_run, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


def _body(values: list[Json], form: dict[str, Json], *, lines: bool) -> str:
    if form.get("Transformation") == "FLATTEN":
        values = [inner for value in values for inner in (value if isinstance(value, list) else [value])]
    return "\n".join(map(to_aws_text, values)) + "\n" if lines else to_aws_text(values)


def shown(row: Row, transformation: str) -> Json:
    """A child execution as the result files tell it: all of it, or its output alone (COMPACT, FLATTEN) where it succeeded."""
    if transformation in {"COMPACT", "FLATTEN"} and row.status == "SUCCEEDED":
        return json.loads(row.output or "null")
    told: dict[str, Json] = {
        "ExecutionArn": row.arn,
        "Input": row.input,
        "InputDetails": {"Included": True},
        "Name": row.name,
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE" if row.status == "SUCCEEDED" else "REDRIVABLE",
        "StartDate": iso(row.started),
        "StateMachineArn": row.machine,
        "Status": row.status,
    }
    if row.output is not None:
        told |= {"Output": row.output, "OutputDetails": {"Included": True}}
    if row.ended is not None:
        told["StopDate"] = iso(row.ended)
    return dict(sorted((told | {k: v for k, v in (("Error", row.error), ("Cause", row.cause)) if v}).items()))


def _s3(address: Callable[[], str] | None, region: str, *, real: bool) -> Any:
    if real:
        return aws_sdk.client("s3", region, None, real)
    endpoint = aws_sdk.endpoint_of("s3", address)
    return aws_sdk.client("s3", region, endpoint) if endpoint is not None else None
