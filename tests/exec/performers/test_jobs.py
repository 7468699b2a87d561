"""Every `.sync` integration: started, looked at, ended well or badly, stopped; requests are checked by botocore's models, answers have their names."""

from __future__ import annotations

import json
import threading
from functools import cache
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters
from job_cases import ARN, CASES, META, Case, Gone

from studio.asl.values import Failure
from studio.catalogue.optimized import OPTIMIZED
from studio.exec.driver import run_once
from studio.exec.effects import RunTask
from studio.exec.machine import compile_machine
from studio.exec.performers import Performers, aws_sdk, job_task
from studio.exec.performers.jobs import JOBS
from studio.exec.performers.mock import Returned


def known(shape: Any, answer: Any, where: str) -> None:
    """Every name of an answer is one of the API's."""
    if isinstance(answer, dict) and shape.type_name == "structure":
        for name, value in answer.items():
            if name != "ResponseMetadata":
                assert name in shape.members, f"{where}.{name}"
                known(shape.members[name], value, f"{where}.{name}")
    elif isinstance(answer, list):
        for value in answer:
            known(shape.member, value, where)


@cache
def meta_of(folder: str) -> Any:
    return boto3.client(folder, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y").meta


class Api:
    """A client that answers what its script says, in order, and remembers what it was asked. `repeat` is answered when the script is over."""

    def __init__(self, folder: str, script: list[Any], repeat: Any = None) -> None:
        self.meta = meta_of(folder)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.script, self.repeat = list(script), repeat
        self.looked = threading.Event()

    def __getattr__(self, method: str) -> Any:
        operation = next(name for name in self.meta.service_model.operation_names if xform_name(name) == method)
        model = self.meta.service_model.operation_model(operation)

        def call(**given: Any) -> Any:
            validate_parameters(given, model.input_shape)
            self.asked.append((operation, given))
            answer = self.script.pop(0) if self.script else self.repeat
            if len(self.asked) > 2:
                self.looked.set()
            if isinstance(answer, Gone):
                raise ClientError({"Error": {"Code": answer.code, "Message": "It is gone."}, "ResponseMetadata": META}, operation)
            if model.output_shape is not None and answer is not self.repeat:
                known(model.output_shape, answer, operation)
            return {**(answer or {}), "ResponseMetadata": META}

        return call


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_task, "FIRST", 0.0)


def effect_of(resource: str, given: dict[str, Any]) -> RunTask:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}.sync", "Parameters": given, "End": True}
    machine = compile_machine({"StartAt": "A", "States": {"A": state}})
    found = machine.scope.states["A"]
    assert found.resource is not None
    return RunTask(0, 0, found, found.resource, given, 0, "")


def performed(resource: str, case: Case, answers: list[Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Api, list[Any]]:
    effect = effect_of(resource, case.given)
    found = aws_sdk.target_of(effect)
    assert found is not None
    api = Api(found[0], [case.started, *answers])
    monkeypatch.setattr(aws_sdk, "client", lambda *_where: api)
    task: Any = aws_sdk.performer(effect, lambda: "http://127.0.0.1:1")
    told: list[Any] = []
    task.told = told.append
    return task(effect), api, told


def test_every_job_has_a_case() -> None:
    waited = {name for name, entry in OPTIMIZED.items() if "S" in entry.patterns and entry.service != "states"}
    assert (set(CASES), set(JOBS)) == (set(JOBS), waited - {"codebuild:deleteBuildBatch", "eks:runJob"})


@pytest.mark.parametrize("resource", CASES)
def test_a_job_that_ends_well(resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[resource]
    answer, api, told = performed(resource, case, [case.under_way, case.under_way, case.well], monkeypatch)
    assert answer == Returned(case.result)
    assert api.asked == [case.start, case.poll, case.poll, case.poll]
    (submitted,) = told
    assert submitted["SdkHttpMetadata"]["HttpStatusCode"] == 200


@pytest.mark.parametrize("resource", [name for name, case in CASES.items() if case.badly is not None])
def test_a_job_that_fails(resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[resource]
    answer, api, _ = performed(resource, case, [case.under_way, case.badly], monkeypatch)
    assert isinstance(answer, Failure)
    assert answer.error == "States.TaskFailed"
    words = set(JOBS[resource].failed) | {'"ExitCode":3'}
    assert any(word in answer.cause for word in words), answer.cause
    assert isinstance(json.loads(answer.cause), dict)
    assert api.asked == [case.start, case.poll, case.poll]


@pytest.mark.parametrize("resource", CASES)
def test_a_job_nobody_waits_for_is_stopped(resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[resource]
    effect = effect_of(resource, case.given)
    found = aws_sdk.target_of(effect)
    assert found is not None
    api = Api(found[0], [case.started], repeat=case.under_way)
    monkeypatch.setattr(aws_sdk, "client", lambda *_where: api)
    task: Any = aws_sdk.performer(effect, lambda: "http://127.0.0.1:1")
    thread = threading.Thread(target=task, args=(effect,))
    thread.start()
    assert api.looked.wait(10)
    task.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert api.asked[-1] == (case.stop or case.poll)


def test_a_job_that_runs_since_before_a_crash_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for resource, case in CASES.items():
        _, _, told = performed(resource, case, [case.well], monkeypatch)
        effect = effect_of(resource, case.given)
        found = aws_sdk.target_of(effect)
        assert found is not None
        api = Api(found[0], [case.well])
        monkeypatch.setattr(aws_sdk, "client", lambda *_where, api=api: api)
        task: Any = aws_sdk.performer(effect, lambda: "http://127.0.0.1:1")
        task.before = told[0]
        answer = task(effect)
        assert (resource, api.asked) == (resource, [case.poll])
        if not isinstance(case.well, Gone):
            assert (resource, answer) == (resource, Returned(case.result))


def test_tasks_that_could_not_be_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["ecs:runTask"]._replace(started={"tasks": [], "failures": [{"arn": ARN, "reason": "RESOURCE:MEMORY"}]})
    answer, _, _ = performed("ecs:runTask", case, [], monkeypatch)
    assert answer == Failure(
        "AmazonECS.Unknown", json.dumps({"Tasks": [], "Failures": [{"Arn": ARN, "Reason": "RESOURCE:MEMORY"}]}, separators=(",", ":"))
    )


def test_the_history_tells_that_a_job_was_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["glue:startJobRun"]
    api = Api("glue", [case.started, case.under_way, case.well])
    monkeypatch.setattr(aws_sdk, "client", lambda *_where: api)
    events: list[Any] = []
    state = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": case.given, "End": True}
    outcome = run_once(
        {"StartAt": "A", "States": {"A": state}}, performers=Performers(aws=lambda: "http://127.0.0.1:1"), progress=events.extend
    )
    assert (outcome.status, outcome.output) == ("SUCCEEDED", case.result)
    kinds = [event[0] for event in events if event[0].startswith("Task") and "State" not in event[0]]
    assert kinds == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_a_branch_that_fails_stops_the_job_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["glue:startJobRun"]
    api = Api("glue", [case.started], repeat=case.under_way)
    monkeypatch.setattr(aws_sdk, "client", lambda *_where: api)
    job = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": case.given, "End": True}
    other = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail", "Error": "Other"}}}
    both = {"Type": "Parallel", "Branches": [{"StartAt": "J", "States": {"J": job}}, other], "End": True}
    outcome = run_once({"StartAt": "P", "States": {"P": both}}, performers=Performers(aws=lambda: "http://127.0.0.1:1"))
    assert (outcome.status, outcome.error) == ("FAILED", "Other")
    for _ in range(200):
        if api.asked[-1] == case.stop:
            break
        threading.Event().wait(0.02)
    assert api.asked[-1] == case.stop


def test_what_cannot_be_waited_for_says_so() -> None:
    effect = effect_of("codebuild:deleteBuildBatch", {"Id": "p:1"})
    answer = aws_sdk.performer(effect, lambda: "http://127.0.0.1:1")(effect)
    assert isinstance(answer, Failure)
    assert (answer.error, "cannot be waited for here" in answer.cause) == ("Studio.Unsupported", True)
