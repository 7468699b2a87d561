"""How each `.sync` integration is waited for: what is asked, which words end it, what the task's result is, what stops the job.

Pure: requests and answers are botocore's, with its own member names (`jobId`, `TrainingJobName`); `given` is the request that started the job,
`started` its answer. A job that failed fails the task with `States.TaskFailed`; the cause is the job's description as JSON text.

`Job.poll` names the operation that describes the job, `ask` its parameters. `result` takes the job out of the description, `state` its word; a
word of `done` or `failed` ends the task. `gone` is the error code that means the thing is deleted, which ends a deletion well. `stop` is what is
called when the state is aborted, as far as the service has it.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]
WHY = "Aborted by AWS Step Functions"


def _whole(told: Given) -> Any:
    return told


@dataclass(frozen=True, slots=True)
class Job:
    """See the module. `broken` says of a job that has ended well by its word whether it failed all the same."""

    poll: str
    ask: Callable[[Given, Given], dict[str, Any]]
    state: Callable[[Any], str | None]
    done: frozenset[str]
    failed: frozenset[str] = frozenset()
    result: Callable[[Given], Any] = _whole
    stop: tuple[str, Callable[[Given, Given], dict[str, Any]]] | None = None
    gone: str = ""
    broken: Callable[[Any], bool] = lambda _job: False
    managed: Callable[[dict[str, Any]], dict[str, Any]] = lambda given: given
    """The request as Step Functions makes it of what the state says."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _sagemaker(kind: str) -> Job:
    """`CreateTrainingJob` and its like: known by a name that the request gives."""
    name = f"{kind}Name"

    def named(given: Given, _started: Given) -> dict[str, Any]:
        return {name: given.get(name)}

    status = f"{kind}Status"
    return Job(
        f"Describe{kind}", named, lambda job: job.get(status), _words("Completed"), _words("Failed Stopped"), stop=(f"Stop{kind}", named)
    )


def _eks(kind: str, member: str, *names: str, deleted: bool = False) -> Job:
    def asked(given: Given, _started: Given) -> dict[str, Any]:
        return {name: given.get(name) for name in names}

    def state(told: Given) -> str | None:
        return told.get(member, {}).get("status")

    if deleted:
        return Job(f"Describe{kind}", asked, state, frozenset(), _words("DELETE_FAILED FAILED"), gone="ResourceNotFoundException")
    return Job(f"Describe{kind}", asked, state, _words("ACTIVE"), _words("CREATE_FAILED FAILED DEGRADED"))


def _application(done: str) -> Job:
    """An application of EMR Serverless that is to come into a state."""
    return Job(
        "GetApplication",
        lambda given, started: {"applicationId": started.get("applicationId") or given.get("applicationId")},
        lambda told: told.get("application", {}).get("state"),
        _words(done),
        _words("TERMINATED") - _words(done),
    )


def _serverless_run(done: str, failed: str) -> Job:
    def asked(given: Given, started: Given) -> dict[str, Any]:
        return {"applicationId": given.get("applicationId"), "jobRunId": started.get("jobRunId") or given.get("jobRunId")}

    return Job(
        "GetJobRun",
        asked,
        lambda told: told.get("jobRun", {}).get("state"),
        _words(done),
        _words(failed),
        stop=("CancelJobRun", asked),
    )


def _build(member: str, listed: str, ask: str, stop: str) -> Job:
    """A build, or a batch of builds, of CodeBuild: told as `{"build": …}`, as it is when it is started."""

    def ids(_given: Given, started: Given) -> dict[str, Any]:
        return {"ids": [started.get(member, {}).get("id")]}

    return Job(
        ask,
        ids,
        lambda told: told.get(member, {}).get(f"{member}Status"),
        _words("SUCCEEDED"),
        _words("FAILED FAULT TIMED_OUT STOPPED"),
        result=lambda told: {member: _first(told.get(listed))},
        stop=(stop, lambda _given, started: {"id": started.get(member, {}).get("id")}),
    )


def _first(found: Any) -> Any:
    return found[0] if found else {}


def _container_failed(task: Any) -> bool:
    """Whether a task of ECS that has stopped failed: it could not start, or a container ended with another code than 0."""
    return task.get("stopCode") == "TaskFailedToStart" or any(one.get("exitCode") not in {None, 0} for one in task.get("containers", []))


def _ecs_task(_given: Given, started: Given) -> dict[str, Any]:
    task = _first(started.get("tasks"))
    return {"cluster": task.get("clusterArn"), "tasks": [task.get("taskArn")]}


def _batch_marked(given: dict[str, Any]) -> dict[str, Any]:
    """A job of Batch is told who manages it, by a variable of its environment."""
    overrides: dict[str, Any] = given.get("containerOverrides") or {}
    mark = {"name": "MANAGED_BY_AWS", "value": "STARTED_BY_STEP_FUNCTIONS"}
    return {**given, "containerOverrides": {**overrides, "environment": [*overrides.get("environment", []), mark]}}


def _cluster(given: Given, started: Given) -> dict[str, Any]:
    return {"ClusterId": started.get("JobFlowId") or _first(given.get("JobFlowIds"))}


def _cluster_state(told: Given) -> str | None:
    return told.get("Cluster", {}).get("Status", {}).get("State")


JOBS: dict[str, Job] = {
    "athena:startQueryExecution": Job(
        "GetQueryExecution",
        lambda _given, started: {"QueryExecutionId": started.get("QueryExecutionId")},
        lambda told: told.get("QueryExecution", {}).get("Status", {}).get("State"),
        _words("SUCCEEDED"),
        _words("FAILED CANCELLED"),
        stop=("StopQueryExecution", lambda _given, started: {"QueryExecutionId": started.get("QueryExecutionId")}),
    ),
    "batch:submitJob": Job(
        "DescribeJobs",
        lambda _given, started: {"jobs": [started.get("jobId")]},
        lambda job: job.get("status"),
        _words("SUCCEEDED"),
        _words("FAILED"),
        result=lambda told: _first(told.get("jobs")),
        stop=("TerminateJob", lambda _given, started: {"jobId": started.get("jobId"), "reason": WHY}),
        managed=_batch_marked,
    ),
    "bedrock:createModelCustomizationJob": Job(
        "GetModelCustomizationJob",
        lambda _given, started: {"jobIdentifier": started.get("jobArn")},
        lambda job: job.get("status"),
        _words("Completed"),
        _words("Failed Stopped"),
        stop=("StopModelCustomizationJob", lambda _given, started: {"jobIdentifier": started.get("jobArn")}),
    ),
    "codebuild:startBuild": _build("build", "builds", "BatchGetBuilds", "StopBuild"),
    "codebuild:startBuildBatch": _build("buildBatch", "buildBatches", "BatchGetBuildBatches", "StopBuildBatch"),
    "codebuild:retryBuildBatch": _build("buildBatch", "buildBatches", "BatchGetBuildBatches", "StopBuildBatch"),
    "databrew:startJobRun": Job(
        "DescribeJobRun",
        lambda given, started: {"Name": given.get("Name"), "RunId": started.get("RunId")},
        lambda run: run.get("State"),
        _words("SUCCEEDED"),
        _words("FAILED TIMEOUT STOPPED"),
        stop=("StopJobRun", lambda given, started: {"Name": given.get("Name"), "RunId": started.get("RunId")}),
    ),
    "ecs:runTask": Job(
        "DescribeTasks",
        _ecs_task,
        lambda task: task.get("lastStatus"),
        _words("STOPPED"),
        result=lambda told: _first(told.get("tasks")),
        stop=(
            "StopTask",
            lambda given, started: {
                "cluster": _ecs_task(given, started)["cluster"],
                "task": _ecs_task(given, started)["tasks"][0],
                "reason": WHY,
            },
        ),
        broken=_container_failed,
        managed=lambda given: {**given, "startedBy": "AWS Step Functions"},
    ),
    "eks:createCluster": _eks("Cluster", "cluster", "name"),
    "eks:createFargateProfile": _eks("FargateProfile", "fargateProfile", "clusterName", "fargateProfileName"),
    "eks:createNodegroup": _eks("Nodegroup", "nodegroup", "clusterName", "nodegroupName"),
    "eks:deleteCluster": _eks("Cluster", "cluster", "name", deleted=True),
    "eks:deleteFargateProfile": _eks("FargateProfile", "fargateProfile", "clusterName", "fargateProfileName", deleted=True),
    "eks:deleteNodegroup": _eks("Nodegroup", "nodegroup", "clusterName", "nodegroupName", deleted=True),
    "elasticmapreduce:addStep": Job(
        "DescribeStep",
        lambda given, started: {"ClusterId": given.get("JobFlowId"), "StepId": _first(started.get("StepIds"))},
        lambda told: told.get("Step", {}).get("Status", {}).get("State"),
        _words("COMPLETED"),
        _words("FAILED CANCELLED INTERRUPTED"),
        stop=("CancelSteps", lambda given, started: {"ClusterId": given.get("JobFlowId"), "StepIds": started.get("StepIds")}),
    ),
    "elasticmapreduce:createCluster": Job(
        "DescribeCluster",
        _cluster,
        _cluster_state,
        _words("WAITING RUNNING TERMINATED"),
        _words("TERMINATED_WITH_ERRORS"),
        stop=("TerminateJobFlows", lambda given, started: {"JobFlowIds": [_cluster(given, started)["ClusterId"]]}),
    ),
    "elasticmapreduce:terminateCluster": Job("DescribeCluster", _cluster, _cluster_state, _words("TERMINATED TERMINATED_WITH_ERRORS")),
    "emr-containers:deleteVirtualCluster": Job(
        "DescribeVirtualCluster",
        lambda given, _started: {"id": given.get("id")},
        lambda told: told.get("virtualCluster", {}).get("state"),
        _words("TERMINATED"),
        _words("ARRESTED"),
    ),
    "emr-containers:startJobRun": Job(
        "DescribeJobRun",
        lambda given, started: {"id": started.get("id"), "virtualClusterId": given.get("virtualClusterId")},
        lambda told: told.get("jobRun", {}).get("state"),
        _words("COMPLETED"),
        _words("FAILED CANCELLED"),
        stop=("CancelJobRun", lambda given, started: {"id": started.get("id"), "virtualClusterId": given.get("virtualClusterId")}),
    ),
    "emr-serverless:createApplication": _application("CREATED STARTED"),
    "emr-serverless:startApplication": _application("STARTED"),
    "emr-serverless:stopApplication": _application("STOPPED"),
    "emr-serverless:deleteApplication": _application("TERMINATED"),
    "emr-serverless:startJobRun": _serverless_run("SUCCESS", "FAILED CANCELLED"),
    "emr-serverless:cancelJobRun": _serverless_run("CANCELLED SUCCESS", "FAILED"),
    "glue:startJobRun": Job(
        "GetJobRun",
        lambda given, started: {"JobName": given.get("JobName"), "RunId": started.get("JobRunId")},
        lambda run: run.get("JobRunState"),
        _words("SUCCEEDED STOPPED"),
        _words("FAILED TIMEOUT ERROR EXPIRED"),
        result=lambda told: told.get("JobRun", {}),
        stop=("BatchStopJobRun", lambda given, started: {"JobName": given.get("JobName"), "JobRunIds": [started.get("JobRunId")]}),
    ),
    "mediaconvert:createJob": Job(
        "GetJob",
        lambda _given, started: {"Id": started.get("Job", {}).get("Id")},
        lambda told: told.get("Job", {}).get("Status"),
        _words("COMPLETE"),
        _words("ERROR CANCELED"),
        stop=("CancelJob", lambda _given, started: {"Id": started.get("Job", {}).get("Id")}),
    ),
    "sagemaker:createHyperParameterTuningJob": _sagemaker("HyperParameterTuningJob"),
    "sagemaker:createLabelingJob": _sagemaker("LabelingJob"),
    "sagemaker:createProcessingJob": _sagemaker("ProcessingJob"),
    "sagemaker:createTrainingJob": _sagemaker("TrainingJob"),
    "sagemaker:createTransformJob": _sagemaker("TransformJob"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a job stands: `ended` None while it is under way, else whether it did well; `job` is its description."""

    ended: bool | None
    job: Any


def verdict(job: Job, told: Given) -> Verdict:
    """What an answer of the poll says."""
    found = job.result(told)
    word = job.state(found)
    if word in job.failed:
        return Verdict(False, found)
    if word in job.done:
        return Verdict(not job.broken(found), found)
    return Verdict(None, found)


__all__ = ["JOBS", "Job", "Verdict", "verdict"]
