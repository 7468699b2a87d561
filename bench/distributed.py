"""A Distributed Map over the rows of a CSV in the sandbox's S3: throughput, memory, the manifest of its ResultWriter. Figures go to stdout.

    python bench/distributed.py [--rows 10000] [--batch 0] [--concurrency 100] [--failing 10] [--task pass|sqs|function]

Each row (or batch of rows) is a child execution with a durable log of its own. Every `--failing`-th row fails and is tolerated. The result files are read
back from S3 and counted. The sandbox runs in a process of its own, so that memory is the engine's. Memory is the process's resident set,
at its peak (`ru_maxrss`) and before the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
BUCKET = "example-rows"
TASKS: dict[str, dict[str, Any]] = {
    "pass": {"Type": "Pass", "Parameters": {"id.$": "$.id"}, "End": True},
    "sqs": {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "", "MessageBody.$": "$"},
        "ResultSelector": {"id.$": "$.MessageId"},
        "End": True,
    },
    "function": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:row", "End": True},
}


def serve() -> None:
    """The sandbox as a process: prints its address, ends with its standard input."""
    from studio.exec.performers.sandbox import Sandbox

    sandbox = Sandbox()
    print(sandbox.endpoint(), flush=True)
    sys.stdin.read()


def definition(task: dict[str, Any], given: argparse.Namespace) -> dict[str, Any]:
    """The workflow. Rows without a batch are judged one by one, in a batch each by an inline Map."""
    judge: dict[str, Any] = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.fails", "StringEquals": "1", "Next": "Refuse"}],
        "Default": "Answer",
    }
    one = {"Judge": judge, "Answer": task, "Refuse": {"Type": "Fail", "Error": "Row.Refused"}}
    states: dict[str, Any] = one
    start = "Judge"
    if given.batch:
        inner = {"StartAt": "Answer", "States": {"Answer": task}}
        states, start = {"Rows": {"Type": "Map", "ItemsPath": "$.Items", "ItemProcessor": inner, "End": True}}, "Rows"
    each: dict[str, Any] = {
        "Type": "Map",
        "MaxConcurrency": given.concurrency,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": BUCKET, "Key": "rows.csv"},
        },
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": start, "States": states},
        "ToleratedFailurePercentage": 50,
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": BUCKET, "Prefix": "out"}},
        "End": True,
    }
    if given.batch:
        each["ItemBatcher"] = {"MaxItemsPerBatch": given.batch}
    return {"StartAt": "Each", "States": {"Each": each}}


async def run(workflow: dict[str, Any], folder: Path) -> tuple[Any, float]:
    from studio.exec.local import LocalStepFunctions

    service = LocalStepFunctions(folder / "executions.sqlite", functions=folder / "functions")
    await service.start()
    started = time.perf_counter()
    arn = await service.run_definition(json.dumps(workflow), "{}", workflow="rows")
    row = await service.ended(arn)
    took = time.perf_counter() - started
    await service.aclose()
    return row, took


def memory() -> float:
    """MB at the most so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=0, help="rows of a child execution; 0: each has its own")
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--failing", type=int, default=10, help="every so manieth row fails; 0: none (with --batch: none)")
    parser.add_argument("--task", choices=TASKS, default="pass")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        measure(given, server.stdout.readline().strip())
    finally:
        server.kill()
        server.communicate()


def measure(given: argparse.Namespace, endpoint: str) -> None:
    import os

    from studio.exec.performers import aws_sdk

    os.environ["AWS_ENDPOINT_URL"] = endpoint
    failing = 0 if given.batch else given.failing
    s3 = aws_sdk.client("s3", "us-east-1", endpoint)
    s3.create_bucket(Bucket=BUCKET)
    rows = "".join(f"{n},{int(bool(failing) and n % failing == 0)},text of the row {n}\n" for n in range(given.rows))
    s3.put_object(Bucket=BUCKET, Key="rows.csv", Body=f"id,fails,text\n{rows}".encode())
    task = TASKS[given.task]
    if given.task == "sqs":
        queue = aws_sdk.client("sqs", "us-east-1", endpoint).create_queue(QueueName="rows")["QueueUrl"]
        task = {**task, "Parameters": {**task["Parameters"], "QueueUrl": queue}}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "functions").mkdir()
        (folder / "functions" / "row.py").write_text('def handler(event, context):\n    return {"id": event["id"]}\n')
        before = memory()
        row, took = asyncio.run(run(definition(task, given), folder))
        after = memory()
        stored = sum(f.stat().st_size for f in folder.glob("executions.sqlite*")) / 2**20
    if row.status != "SUCCEEDED":
        sys.exit(f"The Map {row.status}: {row.error}: {row.cause}")
    details = json.loads(row.output)["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(Bucket=details["Bucket"], Key=details["Key"])["Body"].read())
    counts = {
        status: sum(len(json.loads(s3.get_object(Bucket=BUCKET, Key=f["Key"])["Body"].read())) for f in files)
        for status, files in manifest["ResultFiles"].items()
    }
    children = sum(counts.values())
    print(f"rows {given.rows}  batch {given.batch or 'none'}  concurrency {given.concurrency}  task {given.task}")
    print(f"children: {', '.join(f'{status} {count}' for status, count in counts.items())}")
    print(f"time {took:.2f} s  rows/s {given.rows / took:.0f}  children/s {children / took:.0f}")
    print(
        f"memory: peak {after:.0f} MB, before the run {before:.0f} MB  log on disk {stored:.1f} MB ({stored * 1024 / children:.1f} KB a child)"
    )


if __name__ == "__main__":
    main()
