"""What AWS Step Functions answered in recorded executions, and what the engine answers.

Run as a program it prints the figures: `python -m tests.exec.test_conformance [-v] [part of a name]`.
"""

from __future__ import annotations

import asyncio
import collections
import json
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from studio.exec.local import LocalStepFunctions
from studio.exec.performers import aws_sdk
from studio.exec.performers.sandbox import Sandbox
from tests.conformance.compare import CASES, load, play, write_functions

KINDS = {"execution", "outputs", "test_state"}
NEEDS: tuple[list[str], ...] = ([], ["lambda"])

KNOWN: dict[str, str] = {
    "assign--test-reference-in-map-state-MAP-STATE-REFERENCE-IN-ITEMS-PAT--e92680b6": "the recording holds an output as a list, not as text",
    "scenarios--test-lambda-service-invoke-with-retry-extended-input--d3db7af7": "recorded before AWS had RedriveCount",
    "scenarios--test-map-state-label--65b1d4d2": "AWS printed the input anew here, and as it was sent in all other recordings",
    "test_state--test-base-lambda-service-task-state-no-role-arn-validation--3a29b8a0": "the comparison always sends a role",
    "test_state--test-sfn-start-execution-success--04716cba": "the recording replaced the time in the mock by a word",
}
"""Name of a case -> why it differs. Each is expected to fail: one that passes must be taken off the list."""


SERVICES: dict[str, str] = {
    "services--test-s3-get-object-binary--44528c6a": "the sandbox does not encrypt objects by default",
    "services--test-s3-get-object-str--f4c090c6": "the sandbox does not encrypt objects by default",
}
"""Cases that need AWS services, played against the sandbox: why some differ."""


class Shared(Sandbox):
    """One sandbox for all cases; each begins with an empty one."""

    def close(self) -> None:
        pass

    def reset(self) -> str:
        endpoint = self.endpoint()
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=10).read()
        return endpoint


SHARED = Shared()


def prepared(case: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """The case with its buckets, tables, topics and queues made, and their addresses put in."""
    text = json.dumps(case)
    for step in case["setup"]:
        client = aws_sdk.client(step["service"], "us-east-1", endpoint)
        params = json.loads(json.dumps(step["params"]).replace("<", "").replace(">", ""))
        params.pop("StreamSpecification", None)
        if step["op"] == "ReceiveMessage":
            continue
        answer = getattr(client, xform_name(step["op"]))(**params)
        if "QueueUrl" in answer:
            text = text.replace("<sqs_queue_url>", "sqs_queue_url").replace("sqs_queue_url", answer["QueueUrl"])
    return json.loads(text)


def served() -> list[Path]:
    return [path for path in sorted(CASES.glob("*.json")) if (case := load(path))["kind"] in KINDS and set(case["needs"]) - {"lambda"}]


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(p, id=p.stem, marks=[pytest.mark.xfail(reason=SERVICES[p.stem], strict=True)] if p.stem in SERVICES else [])
        for p in served()
    ],
)
async def test_recorded_with_services(path: Path, tmp_path: Path) -> None:
    case = prepared(load(path), SHARED.reset())
    write_functions(case, tmp_path / "functions")
    service = LocalStepFunctions(None, functions=tmp_path / "functions", sandbox=SHARED)
    await service.start()
    try:
        found = await play(case, service, strict=False)
    finally:
        await service.aclose()
    assert [line for line in found if not any(name in line for name in MADE_UP)] == []


MADE_UP = ("QueueUrl", "executionStartedEventDetails.roleArn", "'start-date'", "'stop-date'")
"""What differs because the recording names the account's queue, role and times otherwise than the comparison can."""


def selected() -> list[Path]:
    return [path for path in sorted(CASES.glob("*.json")) if (case := load(path))["kind"] in KINDS and case["needs"] in NEEDS]


async def answers(case: dict[str, Any], folder: Path, *, strict: bool) -> list[str]:
    write_functions(case, folder / "functions")
    service = LocalStepFunctions(None, functions=folder / "functions")
    await service.start()
    try:
        return await play(case, service, strict=strict)
    finally:
        await service.aclose()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(p, id=p.stem, marks=[pytest.mark.xfail(reason=KNOWN[p.stem], strict=True)] if p.stem in KNOWN else [])
        for p in selected()
    ],
)
async def test_recorded_by_aws(path: Path, tmp_path: Path) -> None:
    case = load(path)
    assert await answers(case, tmp_path, strict=False) == []


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _figures(only: str, *, verbose: bool) -> None:
    score: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for path in selected():
        if only not in path.stem:
            continue
        case = load(path)
        group = "lambda" if case["needs"] else case["group"]
        score[group]["all"] += 1
        for strict in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    async with asyncio.timeout(70):
                        found = await answers(case, Path(folder), strict=strict)
                except Exception as error:
                    found = [f"{type(error).__name__}: {error}"]
            if not found:
                score[group]["strict" if strict else "lenient"] += 1
            elif verbose:
                _say(f"- {path.stem} [{'strict' if strict else 'with ignore_paths'}]\n    " + "\n    ".join(x[:600] for x in found[:2]))
    total: collections.Counter[str] = collections.Counter()
    for group, counts in sorted(score.items()):
        total += counts
        _say(f"{group:34}{counts['strict']:5} {counts['lenient']:5} / {counts['all']}")
    _say(f"{'TOTAL (strict, with ignore_paths)':34}{total['strict']:5} {total['lenient']:5} / {total['all']}")


if __name__ == "__main__":
    names = [argument for argument in sys.argv[1:] if argument != "-v"]
    asyncio.run(_figures(names[0] if names else "", verbose="-v" in sys.argv))
