"""The command line as a person calls it: in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RFP = ROOT / "templates" / "rfp-inline-map"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def studio(*args: str, cwd: Path | None = None, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "studio", *args],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        input=stdin,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_run_prints_the_nine_pairs_of_the_sample() -> None:
    done = studio("run", str(RFP / "workflow.asl.json"), "--input", str(RFP / "input.json"), "--mocks", str(RFP / "mocks.json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((RFP / "expected.json").read_text())["Happy"]["output"]
    assert done.stdout.count("\n") == 1


def test_a_case_runs_with_its_own_input() -> None:
    folder = ROOT / "templates" / "conditional-book"
    done = studio("run", "workflow.asl.json", "--case", "NotABook", cwd=folder)
    assert done.stderr.splitlines()[:2] == ["mocks: mocks.json", "input: input.notabook.json"]
    assert json.loads(done.stderr.splitlines()[-1]) == {"error": "InputNotABook", "cause": "The input is not the title of a book."}


def test_a_failed_execution_exits_with_1_and_says_why() -> None:
    done = studio(
        "run", str(RFP / "workflow.asl.json"), "--input", str(RFP / "input.json"), "--mocks", str(RFP / "mocks.json"), "--case", "NoAccess"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(done.stderr)["error"] == "Bedrock.AccessDeniedException"


def test_a_task_without_a_mock_says_how_to_add_one(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text(
        json.dumps(
            {
                "StartAt": "Pay",
                "States": {"Pay": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}},
            }
        )
    )
    done = studio("run", str(file))
    error = json.loads(done.stderr)
    assert (done.returncode, error["error"]) == (1, "Studio.NoMock")
    assert "MockedResponses" in error["cause"]
    assert "Pay" in error["cause"]


def test_skipped_waits_take_no_time_and_history_is_written(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text(
        json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 604800, "Next": "A"}, "A": {"Type": "Pass", "End": True}}})
    )
    done = studio("run", str(file), "--skip-waits", "--history", str(tmp_path / "h.jsonl"), "--input", '{"a": 1}')
    assert (done.returncode, done.stdout) == (0, '{"a":1}\n')
    events = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert [e["type"] for e in events] == [
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert [e["id"] for e in events] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("options", [["--input", "-"], ["--input", '"text"'], ["--input", '{"a": [1, 2.50]}']])
def test_the_input_may_come_in_several_ways(tmp_path: Path, options: list[str]) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text(json.dumps(PASS))
    done = studio("run", str(file), *options, stdin='{"from": "stdin"}')
    wanted = {"-": {"from": "stdin"}, '"text"': "text"}.get(options[1], {"a": [1, 2.5]})
    assert (done.returncode, json.loads(done.stdout)) == (0, wanted)


BROKEN = {
    "not-json.asl.json": (b'{"StartAt": "A" "States": {}}', "1:16"),
    "array.asl.json": (b"[1, 2]", ""),
    "nested.asl.json": (b"[" * 5_000_000, "nested"),
    "large.asl.json": (b'{"a": "' + b"x" * 10_000_000 + b'"}', "8 MB"),
    "binary.asl.json": (b"\x00\x01\x02\xff" * 100, "binary"),
    "latin.asl.json": (b'{"StartAt": "caf\xe9"}', "UTF-8"),
    "bomb.asl.yaml": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)),
        "",
    ),
    "anchor.asl.yaml": (b"a: &a [*a]\n", ""),
}


@pytest.mark.parametrize("command", ["validate", "run", "export"])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_gets_a_sentence(tmp_path: Path, name: str, command: str) -> None:
    content, words = BROKEN[name]
    file = tmp_path / name
    file.write_bytes(content)
    done = studio(command, str(file), *(["--to", "json"] if command == "export" else []))
    said = done.stdout + done.stderr
    assert done.returncode in ({1, 2} if command == "validate" else {2}), said[:500]
    assert "Traceback" not in said
    assert words.lower() in said.lower(), said[:500]
    assert file.read_bytes() == content


def test_validate_speaks_text_json_and_sarif(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text('{\n  "StartAt": "A",\n  "States": {\n    "A": {"Type": "Pass", "Next": "Nowhere"}\n  }\n}\n')
    text = studio("validate", str(file))
    assert text.returncode == 1
    assert "MISSING_TRANSITION_TARGET" in text.stdout
    assert f"{file}:4:" in text.stdout
    assert "^" in text.stdout
    rows = json.loads(studio("validate", str(file), "--format", "json").stdout)
    row = next(r for r in rows if r["code"] == "MISSING_TRANSITION_TARGET")
    assert {"file", "severity", "code", "message", "location", "pointer", "line", "column", "hint"} <= set(row)
    assert (row["pointer"], row["line"], row["severity"]) == ("/States/A/Next", 4, "error")
    sarif = json.loads(studio("validate", str(file), "--format", "sarif").stdout)
    assert sarif["version"] == "2.1.0"
    lines = {r["ruleId"]: r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in sarif["runs"][0]["results"]}
    assert lines["ASL201"] == 4
    assert studio("validate", str(RFP / "workflow.asl.json")).returncode == 0
    missing = studio("validate", "missing.json", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "studio: missing.json cannot be read: No such file or directory.\n")


def test_an_invalid_definition_does_not_run(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}')
    done = studio("run", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Nowhere" in done.stderr or "target" in done.stderr


@pytest.mark.parametrize(
    ("form", "words"), [("json", '"StartAt"'), ("yaml", "StartAt:"), ("svg", "<svg"), ("dot", "digraph"), ("iam", "bedrock:InvokeModel")]
)
def test_export(tmp_path: Path, form: str, words: str) -> None:
    done = studio("export", str(RFP / "workflow.asl.json"), "--to", form, "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out").read_text()
    assert words in written
    if form == "json":
        assert written == (RFP / "workflow.asl.json").read_text()


def test_a_template_becomes_a_folder_and_never_overwrites(tmp_path: Path) -> None:
    assert "rfp-inline-map" in studio("templates", "list").stdout
    assert studio("templates", "new", "rfp-inline-map", str(tmp_path / "mine")).returncode == 0
    assert (tmp_path / "mine" / "workflow.asl.json").read_bytes() == (RFP / "workflow.asl.json").read_bytes()
    again = studio("templates", "new", "rfp-inline-map", str(tmp_path / "mine"))
    assert again.returncode == 2
    assert "not an empty folder" in again.stderr
    assert "rfp-inline-map" in studio("templates", "new", "rfp-inline", str(tmp_path / "x")).stderr


def test_each_command_helps_with_an_example() -> None:
    for command in (
        ["serve"],
        ["validate"],
        ["run"],
        ["test-state"],
        ["export"],
        ["schema"],
        ["templates", "list"],
        ["templates", "new"],
        *(["executions", sub] for sub in ("list", "show", "events")),
        ["import"],
    ):
        done = studio(*command, "--help")
        assert done.returncode == 0
        assert "Example: studio" in done.stdout


def test_running_loads_nothing_that_pages_need(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text(json.dumps(PASS))
    code = f"import sys; sys.argv=['studio','run',{str(file)!r}]\nfrom studio.__main__ import main\ntry:\n main()\nexcept SystemExit: pass\nprint(sorted(m for m in ('nicegui','asyncio','pydantic','networkx','boto3','botocore','ruamel','jsonschema','rich') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_silenced_finding_is_not_told(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}
    file.write_text(json.dumps({"StartAt": "Pay", "States": {"Pay": task}}))
    assert studio("validate", str(file), "--min-severity", "warning").returncode == 1
    (tmp_path / "w.studio.json").write_text('{"silenced": [{"rule": "ASL701", "state": "Pay", "reason": "retried by its caller"}]}')
    assert studio("validate", str(file), "--min-severity", "warning").returncode == 0
    (tmp_path / "w.studio.json").write_text('{"silenced": [{"rule": "ASL701"}]}')
    done = studio("validate", str(file))
    assert (done.returncode, "silenced/0 gives no reason" in done.stderr) == (2, True)


def test_placeholders_are_filled_for_a_run(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    file.write_text(
        '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": ${Delay}, "Next": "P"},'
        ' "P": {"Type": "Pass", "Result": {"table": "${Table}", "arn": "a:${Table}:${Other}"}, "End": true}}}'
    )
    (tmp_path / "w.studio.json").write_text('{"placeholders": {"Delay": 5, "Table": "orders"}}')
    done = studio("run", str(file), "--skip-waits")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"table": "orders", "arn": "a:orders:${Other}"})
    assert "${Other} at /States/P/Result/arn has no value" in done.stderr


def test_one_state_is_tested_alone(tmp_path: Path) -> None:
    file = tmp_path / "w.asl.json"
    pay = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.text"},
        "ResultPath": "$.sent",
        "Next": "End",
    }
    file.write_text(json.dumps({"StartAt": "Pay", "States": {"Pay": pay, "End": {"Type": "Succeed"}}}))
    mock = {"result": {"MessageId": "1", "MD5OfMessageBody": "x"}}
    done = studio(
        "test-state", str(file), "--state", "Pay", "--input", '{"text":"hi"}', "--mock", json.dumps(mock), "--inspection-level", "DEBUG"
    )
    assert (done.returncode, json.loads(done.stdout)) == (
        0,
        {
            "output": '{"text":"hi","sent":{"MessageId":"1","MD5OfMessageBody":"x"}}',
            "status": "SUCCEEDED",
            "nextState": "End",
            "inspectionData": {
                "input": '{"text":"hi"}',
                "afterInputPath": '{"text":"hi"}',
                "afterParameters": '{"QueueUrl":"q","MessageBody":"hi"}',
                "result": '{"MessageId":"1","MD5OfMessageBody":"x"}',
                "afterResultSelector": '{"MessageId":"1","MD5OfMessageBody":"x"}',
                "afterResultPath": '{"text":"hi","sent":{"MessageId":"1","MD5OfMessageBody":"x"}}',
            },
        },
    )
    unknown = studio("test-state", str(file), "--state", "Nope")
    assert (unknown.returncode, "State not found in definition" in unknown.stderr) == (2, True)


def test_a_target_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    """An execution that AWS runs cannot be waited for from here: said, not silently run against something else."""
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": True}
    start["Parameters"] = {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:other"}  # type: ignore[assignment]
    file = tmp_path / "start.asl.json"
    file.write_text(json.dumps({"StartAt": "S", "States": {"S": start}}))
    done = studio("run", str(file), "--target", "aws")
    assert (done.returncode, done.stdout) == (2, "")
    assert "starts executions of other state machines" in done.stderr


def test_nobody_sends_a_token_back_to_the_command_line(tmp_path: Path) -> None:
    wait = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 9, "End": True}
    wait["Parameters"] = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$$.Task.Token"}
    file = tmp_path / "wait.asl.json"
    file.write_text(json.dumps({"StartAt": "W", "States": {"W": wait}}))
    done = studio("run", str(file), "--target", "sandbox")
    told = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode, told["error"], "run it in the studio" in told["cause"]) == (1, "Studio.NoMock", True)
