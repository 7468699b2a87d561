"""Lambda functions in processes of their own: what they answer, how they fail, what they may use, what they leave in the log."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from studio.errors import WorkspaceError
from studio.exec.driver import Outcome, run_once
from studio.exec.local import LocalStepFunctions
from studio.exec.performers import function, function_logs, function_workers

HANDLER = "def handler(event, context):\n    "
REQUEST = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def ran(folder: Path, code: str | None, event: Any = None, name: str = "work", **more: Any) -> Outcome:
    """One function called by its ARN; `more` are fields of its state."""
    if code is not None:
        (folder / f"{name}.py").write_text(code)
    task = {"Type": "Task", "Resource": f"arn:aws:lambda:us-east-1:123456789012:function:{name}", "End": True, **more}
    return run_once({"StartAt": "A", "States": {"A": task}}, {} if event is None else event, functions=folder)


def cause(outcome: Outcome) -> Any:
    return json.loads(REQUEST.sub("ID", outcome.cause or "null"))


@pytest.mark.parametrize(
    ("code", "event", "expected"),
    [
        (HANDLER + "return {**event, 'b': 2}", {"a": 1}, {"a": 1, "b": 2}),
        (HANDLER + "return None", {}, None),
        (HANDLER + "return 'é'", {}, "é"),
        ("from decimal import Decimal\n" + HANDLER + "return [Decimal('7'), Decimal('1.5')]", {}, [7, 1.5]),
        (
            HANDLER + "print('to the log')\n    return input_left()\n\ndef input_left():\n    import sys\n    return sys.stdin.read()",
            {},
            "",
        ),
        ("import beside\n" + HANDLER + "return beside.VALUE", {}, "beside"),
        (HANDLER + "return [context.function_name, context.memory_limit_in_mb, context.aws_request_id != '']", {}, ["work", "1024", True]),
        (HANDLER + "return 895000 < context.get_remaining_time_in_millis() <= 900000", {}, True),
        ("import os\n" + HANDLER + "return os.environ['AWS_LAMBDA_FUNCTION_NAME']", {}, "work"),
        (
            "import os, dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n" + HANDLER + "return dataclasses.asdict(A(1))",
            {},
            {"x": 1},
        ),
    ],
)
def test_a_function_answers(tmp_path: Path, code: str, event: Any, expected: Any) -> None:
    (tmp_path / "beside.py").write_text("VALUE = 'beside'")
    outcome = ran(tmp_path, code, event)
    assert (outcome.status, outcome.output, outcome.cause) == ("SUCCEEDED", expected, None)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            HANDLER + "raise ValueError('no')",
            {
                "errorMessage": "no",
                "errorType": "ValueError",
                "requestId": "ID",
                "stackTrace": ["  File \"/var/task/work.py\", line 2, in handler\n    raise ValueError('no')\n"],
            },
        ),
        (
            HANDLER + "return {1, 2}",
            {
                "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
                "errorType": "Runtime.MarshalError",
                "requestId": "ID",
                "stackTrace": [],
            },
        ),
        (
            "import nowhere_to_be_found",
            {
                "errorMessage": "Unable to import module 'work': No module named 'nowhere_to_be_found'",
                "errorType": "Runtime.ImportModuleError",
                "requestId": "ID",
                "stackTrace": [],
            },
        ),
        (
            "def handler(:",
            {
                "errorMessage": "Syntax error in module 'work': invalid syntax (work.py, line 1)",
                "errorType": "Runtime.UserCodeSyntaxError",
                "requestId": "ID",
                "stackTrace": ['  File "/var/task/work.py" Line 1\n    def handler(:'],
            },
        ),
        (
            "def other(): ...",
            {
                "errorMessage": "Handler 'handler' missing on module 'work'",
                "errorType": "Runtime.HandlerNotFound",
                "requestId": "ID",
                "stackTrace": [],
            },
        ),
        (
            HANDLER + "return 'x' * 6_291_555",
            {
                "errorMessage": "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).",
                "errorType": "Function.ResponseSizeTooLarge",
            },
        ),
        (
            "import os\n" + HANDLER + "os._exit(3)",
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: ID Error: Runtime exited with error: exit status 3"},
        ),
        (
            "import sys\n" + HANDLER + "sys.exit(1)",
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: ID Error: Runtime exited with error: exit status 1"},
        ),
        (
            "import os\n" + HANDLER + "os._exit(0)",
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: ID Error: Runtime exited without providing a reason"},
        ),
        (
            "import os, signal\n" + HANDLER + "os.kill(os.getpid(), signal.SIGKILL)",
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: ID Error: Runtime exited with error: signal: killed"},
        ),
    ],
    ids=["raise", "marshal", "import", "syntax", "no handler", "6 MB", "exit", "sys.exit", "exit 0", "signal"],
)
def test_a_function_fails_as_on_lambda(tmp_path: Path, code: str, expected: Any) -> None:
    outcome = ran(tmp_path, code)
    assert (outcome.status, outcome.error, cause(outcome)) == ("FAILED", expected["errorType"], expected)


def test_an_answer_of_six_megabytes_is_the_engines_to_refuse(tmp_path: Path) -> None:
    assert ran(tmp_path, HANDLER + "return 'x' * 6_291_554").error == "States.DataLimitExceeded"


def test_a_function_that_crashed_is_started_anew(tmp_path: Path) -> None:
    code = HANDLER + "import os\n    return 'fine' if event.get('fine') else os._exit(9)"
    assert [ran(tmp_path, code, event).status for event in ({"fine": 1}, {}, {"fine": 1})] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


def test_a_function_keeps_its_module_between_calls(tmp_path: Path) -> None:
    code = "calls = 0\n" + HANDLER + "global calls\n    calls += 1\n    return calls"
    assert [ran(tmp_path, code if n == 0 else None).output for n in range(3)] == [1, 2, 3]


def test_a_function_is_read_again_when_a_file_has_changed(tmp_path: Path) -> None:
    beside, code = tmp_path / "beside.py", "import beside\n" + HANDLER + "return beside.VALUE"
    found: list[Any] = []
    for value in ("a", "bc", "def"):
        beside.write_text(f"VALUE = '{value}'")
        found.append(ran(tmp_path, code if value == "a" else None).output)
    assert found == ["a", "bc", "def"]


@pytest.mark.parametrize(
    ("config", "state", "error"),
    [
        ({"Timeout": 1}, {}, "Sandbox.Timedout"),
        ({}, {"TimeoutSeconds": 1}, "States.Timeout"),
        ({"Timeout": 1}, {"TimeoutSeconds": 9}, "Sandbox.Timedout"),
    ],
)
def test_a_function_that_overstays_is_ended(tmp_path: Path, config: Any, state: Any, error: str) -> None:
    (tmp_path / "work.json").write_text(json.dumps(config))
    code = (
        "import os, subprocess, sys, time\n" + HANDLER + "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "    open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n    time.sleep(60)"
    )
    outcome = ran(tmp_path, code, **state)
    told = {"errorType": error, "errorMessage": "RequestId: ID Error: Task timed out after 1.00 seconds"} if error[0:2] == "Sa" else None
    assert (outcome.status, outcome.error, cause(outcome)) == ("FAILED", error, told)
    for number in (tmp_path / "pids").read_text().split():
        until = time.monotonic() + 20
        while (state_of(number) or "Z") != "Z" and time.monotonic() < until:
            time.sleep(0.05)
        assert (state_of(number) or "Z") == "Z", f"{number} still runs"


def state_of(number: str) -> str | None:
    found = subprocess.run(["ps", "-o", "state=", "-p", number], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] or None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no limit of a process's memory that they keep")
def test_a_function_that_wants_more_memory_than_it_has_is_ended(tmp_path: Path) -> None:
    (tmp_path / ".studio").mkdir()
    (folder := tmp_path / "functions").mkdir()
    (folder / "work.json").write_text('{"MemorySize": 128}')
    code = HANDLER + "print('wants', event)\n    return len(bytearray(event * 2**20)) // 2**20"
    assert ran(folder, code, 64).output == 64
    outcome = ran(folder, None, 256)
    told = {"errorType": "Runtime.OutOfMemory", "errorMessage": "RequestId: ID Error: Runtime exited with error: signal: killed"}
    assert (outcome.error, cause(outcome)) == ("Runtime.OutOfMemory", told)
    assert ran(folder, None, 64).output == 64
    assert re.findall("wants .*", function_logs.read(folder, "work")) == ["wants 64", "wants 256", "wants 64"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep the names of open files")
def test_nothing_is_left_of_a_studio_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(HANDLER + "print('to the log')")
    (tmp_path / "temporary").mkdir()
    call = f"""
import os, signal
from pathlib import Path
from studio.exec.driver import run_once
task = {{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}}
assert run_once({{"StartAt": "A", "States": {{"A": task}}}}, {{}}, functions=Path({str(tmp_path)!r})).output is None
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", call], env={**os.environ, "TMPDIR": str(tmp_path / "temporary")}, check=False)
    assert (ended.returncode, list((tmp_path / "temporary").iterdir())) == (-signal.SIGKILL, [])


def test_a_functions_environment(tmp_path: Path) -> None:
    (tmp_path / "work.json").write_text('{"Environment": {"Variables": {"TABLE": "orders"}}}')
    assert ran(tmp_path, "import os\n" + HANDLER + "return os.environ['TABLE']").output == "orders"


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        '{"Timeout": 0}',
        '{"Timeout": true}',
        '{"MemorySize": 64}',
        '{"Environment": []}',
        '{"Environment": {"Variables": {"A": 1}}}',
        '{"X": 1}',
    ],
)
def test_a_configuration_that_cannot_be_used(tmp_path: Path, config: str) -> None:
    (tmp_path / "work.json").write_text(config)
    outcome = ran(tmp_path, HANDLER + "return 1")
    assert outcome.error == "Studio.FunctionConfiguration"
    assert (outcome.cause or "").startswith("work.json ")


def test_what_functions_print_is_kept_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / ".studio").mkdir()
    folder = tmp_path / "functions"
    folder.mkdir()
    code = (
        "import logging, subprocess\n"
        + HANDLER
        + "print('seen', event)\n    logging.getLogger().warning('careful')\n    subprocess.run(['echo', 'child'])\n"
        "    return event and 1 / event"
    )
    assert [ran(folder, code, n).status for n in (0, 2)] == ["SUCCEEDED", "SUCCEEDED"]
    ran(folder, "import os\n" + HANDLER + "print('last words', flush=True)\n    os._exit(1)")
    text = function_logs.read(folder, "work")
    requests = re.findall(r"START RequestId: (\S+)", text)
    one = re.sub(r"Duration: .*? ms", "Duration: T ms", function_logs.read(folder, "work", requests[1]).replace(requests[1], "ID"))
    one = re.sub(r"(20\S+Z)|(\d+ MB\n)", "…", one)
    assert one == (
        "START RequestId: ID Version: $LATEST\nseen 2\n[WARNING]\t…\tcareful\nchild\nEND RequestId: ID\n"
        "REPORT RequestId: ID\tDuration: T ms\tBilled Duration: T ms\tMemory Size: 1024 MB\tMax Memory Used: …"
    )
    assert f"last words\nRequestId: {requests[2]} Error: Runtime exited with error: exit status 1\n" in text
    assert [len(requests), function_logs.read(folder, "other"), function_logs.read(folder, "work", "x")] == [3, "", ""]


async def test_the_log_of_a_run_is_asked_for_by_its_function(tmp_path: Path) -> None:
    (tmp_path / ".studio").mkdir()
    for folder in ("a", "b"):
        (tmp_path / folder / "functions").mkdir(parents=True)
        (tmp_path / folder / "functions" / "work.py").write_text(
            HANDLER + f"print('in {folder}', event)\n    return context.aws_request_id"
        )
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
    service = LocalStepFunctions(None, functions=tmp_path / "b" / "functions")
    await service.start()
    try:
        definition, functions = json.dumps({"StartAt": "A", "States": {"A": task}}), tmp_path / "a" / "functions"
        # one after the other: the log is in the order of the calls
        rows = [await service.ended(await service.run_definition(definition, str(n), functions=functions)) for n in (1, 2)]
        run = [row.arn for row in rows]
        logs = [
            await service.get_function_log(functionName="work", **more)
            for more in ({"executionArn": run[0]}, {"executionArn": run[0], "requestId": json.loads(rows[1].output or "")}, {})
        ]
    finally:
        await service.aclose()
    assert [re.findall("in . .", log["log"]) for log in logs] == [["in a 1", "in a 2"], ["in a 2"], []]


def test_the_end_of_the_log_is_answered_to_who_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(HANDLER + "print('x' * 9000, 'end')\n    return event")
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": "work:$LATEST", "LogType": "Tail", "Payload": "[1]"}  # type: ignore[assignment]
    outcome = run_once({"StartAt": "A", "States": {"A": task}}, {}, functions=tmp_path)
    found: Any = outcome.output
    log = base64.b64decode(found.pop("LogResult")).decode()
    request = found["SdkResponseMetadata"]["RequestId"]
    http = found.pop("SdkHttpMetadata")
    assert found == {"ExecutedVersion": "$LATEST", "Payload": [1], "SdkResponseMetadata": {"RequestId": request}, "StatusCode": 200}
    headers = http["HttpHeaders"]
    recorded = {
        "Connection": "keep-alive",
        "Content-Length": "3",
        "Content-Type": "application/json",
        "Date": headers["Date"],
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request,
        "X-Amzn-Trace-Id": headers["X-Amzn-Trace-Id"],
    }
    assert (headers, http["HttpStatusCode"]) == (recorded, 200)
    assert http["AllHttpHeaders"] == {name: [value] for name, value in recorded.items()}
    assert (len(log), f"x end\nEND RequestId: {request}\nREPORT" in log) == (4096, True)


def test_a_call_that_nobody_waits_for_is_not_imitated(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(HANDLER + "return event")
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": "work", "InvocationType": "Event", "Payload": {}}  # type: ignore[assignment]
    outcome = run_once({"StartAt": "A", "States": {"A": task}}, {}, functions=tmp_path)
    assert (outcome.error, "InvocationType Event is not imitated" in (outcome.cause or "")) == ("Studio.Unsupported", True)


def test_a_missing_function_says_what_to_create(tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    folder.mkdir()
    outcome = ran(folder, None)
    assert outcome.error == "Studio.NoMock"
    assert "create functions/work.py beside the workflow" in (outcome.cause or "")
    assert function.create(folder, "work") == folder / "work.py"
    assert ran(folder, None, {"a": 1}).output == {"a": 1}


@pytest.mark.parametrize(("name", "what"), [("work", "functions/work.py is there already"), ("../work", "is no name of a Lambda function")])
def test_what_is_there_is_not_created(tmp_path: Path, name: str, what: str) -> None:
    folder = tmp_path / "functions"
    function.create(folder, "work")
    with pytest.raises(WorkspaceError, match=what):
        function.create(folder, name)


def test_an_error_without_a_type_is_unknown() -> None:
    assert function.failure_of({"errorMessage": "x"}, '{"errorMessage":"x"}').to_json() == {
        "Error": "Lambda.Unknown",
        "Cause": 'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"x"}',
    }


def test_functions_at_the_same_time_have_a_process_each(tmp_path: Path) -> None:
    """Each waits until all three have begun."""
    code = (
        "import os, time\nfrom pathlib import Path\n" + HANDLER + "Path(f'begun-{event}').touch()\n    until = time.monotonic() + 60\n"
        "    while len(list(Path().glob('begun-*'))) < 3 and time.monotonic() < until:\n        time.sleep(0.02)\n"
        "    return len(list(Path().glob('begun-*')))"
    )
    (tmp_path / "work.py").write_text(code)
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
    states = {"A": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "B", "States": {"B": task}}}}
    assert run_once({"StartAt": "A", "States": states}, [1, 2, 3], functions=tmp_path).output == [3, 3, 3]


def test_workers_that_wait_are_ended_but_for_the_last_few(tmp_path: Path) -> None:
    workers = function_workers.Workers()
    setups = [function_workers.Setup(tmp_path / f"{n}.py", (), 1024, (), None) for n in range(function_workers.WARM + 2)]
    for setup in setups:
        setup.path.write_text(HANDLER + "return 1")
        assert workers.call(setup, {"event": 1, "requestId": "1", "arn": ""}, 60, None, None).result == "1"
    assert workers._cooling is not None
    workers.cool()
    assert [worker.setup for worker in workers._warm] == setups[2:]
    workers.close()
    assert workers._warm == []


def test_a_function_that_nobody_waits_for_keeps_no_process_alive(tmp_path: Path) -> None:
    """One branch fails, the other's function would run for a quarter of an hour."""
    (tmp_path / "functions").mkdir()
    code = "import time\nfrom pathlib import Path\n" + HANDLER + "Path('begun').touch()\n    time.sleep(800)"
    (tmp_path / "functions" / "long.py").write_text(code)
    until = (
        "import time\nfrom pathlib import Path\n"
        + HANDLER
        + "while not Path('begun').exists():\n        time.sleep(0.02)\n    raise ValueError"
    )
    (tmp_path / "functions" / "bad.py").write_text(until)
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:", "End": True}
    branches = [{"StartAt": n, "States": {n: {**task, "Resource": task["Resource"] + n}}} for n in ("long", "bad")]  # type: ignore[operator]
    workflow = tmp_path / "a.asl.json"
    workflow.write_text(json.dumps({"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}))
    command = [sys.executable, "-m", "studio", "run", str(workflow)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, '"error": "ValueError"' in ended.stderr) == (1, True)


def test_a_worker_without_its_studio_ends(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(HANDLER + "return 1")
    setup = function_workers.Setup(tmp_path / "work.py", (), 1024, (), None)
    worker = function_workers.Worker(setup)
    process = worker._process
    worker._out.close()
    assert process.wait(20) == 0
    worker.close()
