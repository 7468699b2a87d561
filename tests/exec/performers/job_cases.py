"""One case for every `.sync` integration: what a state says, what its API is asked and answers, and what the task gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

ARN = "arn:aws:service:us-east-1:123456789012:thing/1"
ENDED = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
MILLISECONDS = 1767323045678
META = {"HTTPStatusCode": 200, "RequestId": "r-1", "HTTPHeaders": {"content-length": "2"}}


class Case(NamedTuple):
    """`given` is the state's parameters; `start`, `poll` and `stop` are (operation, parameters) as the API gets them; `started` and the answers
    of the poll as it gives them: under way, ended well, ended badly. `result` is the task's, as far as it ends well.
    """

    given: dict[str, Any]
    start: tuple[str, dict[str, Any]]
    started: dict[str, Any]
    poll: tuple[str, dict[str, Any]]
    under_way: dict[str, Any]
    well: Any
    badly: dict[str, Any] | None
    result: Any
    stop: tuple[str, dict[str, Any]] | None


class Gone(NamedTuple):
    code: str


def wrapped(member: str, state: str, **more: Any) -> Any:
    return lambda word: {member: {state: word, **more}}


def sagemaker(kind: str, given: dict[str, Any]) -> Case:
    name, status = f"{kind}Name", f"{kind}Status"
    asked = {name: "n"}
    return Case(
        {name: "n", **given},
        (f"Create{kind}", {name: "n", **given}),
        {f"{kind}Arn": ARN},
        (f"Describe{kind}", asked),
        {status: "InProgress"},
        {status: "Completed", "CreationTime": ENDED},
        {status: "Failed", "FailureReason": "no capacity"},
        {status: "Completed", "CreationTime": MILLISECONDS},
        (f"Stop{kind}", asked),
    )


def eks(kind: str, member: str, asked: dict[str, Any], given: dict[str, Any], *, deleted: bool = False) -> Case:
    """`given` as the state has it, with capitals."""
    own = {name[:1].lower() + name[1:]: value for name, value in given.items()}
    describe = wrapped(member, "status")
    title = member[:1].upper() + member[1:]
    return Case(
        given,
        (f"{'Delete' if deleted else 'Create'}{kind}", own),
        describe("DELETING" if deleted else "CREATING"),
        (f"Describe{kind}", asked),
        describe("DELETING" if deleted else "CREATING"),
        Gone("ResourceNotFoundException") if deleted else describe("ACTIVE"),
        describe("DELETE_FAILED" if deleted else "CREATE_FAILED"),
        {title: {"Status": "DELETING" if deleted else "ACTIVE"}},
        None,
    )


def application(action: str, given: dict[str, Any], done: str) -> Case:
    described = wrapped("application", "state", applicationId="a-1")
    return Case(
        given,
        (action, {name[:1].lower() + name[1:]: value for name, value in given.items()}),
        {"applicationId": "a-1"} if action == "CreateApplication" else {},
        ("GetApplication", {"applicationId": "a-1"}),
        described("CREATING"),
        described(done),
        None if done == "TERMINATED" else described("TERMINATED"),
        {"Application": {"State": done, "ApplicationId": "a-1"}},
        None,
    )


def build(operation: str, given: dict[str, Any], own: dict[str, Any], member: str, listed: str, ask: str, stop: str) -> Case:
    def answers(word: str) -> dict[str, Any]:
        return {listed: [{"id": "p:1", f"{member}Status": word, "endTime": ENDED}]}

    title = member[:1].upper() + member[1:]
    return Case(
        given,
        (operation, own),
        {member: {"id": "p:1", f"{member}Status": "IN_PROGRESS"}},
        (ask, {"ids": ["p:1"]}),
        answers("IN_PROGRESS"),
        answers("SUCCEEDED"),
        answers("STOPPED"),
        {title: {"Id": "p:1", f"{title}Status": "SUCCEEDED", "EndTime": MILLISECONDS}},
        (stop, {"id": "p:1"}),
    )


def cluster(word: str) -> dict[str, Any]:
    return {"Cluster": {"Id": "j-1", "Status": {"State": word}}}


def step(word: str) -> dict[str, Any]:
    return {"Step": {"Id": "s-1", "Status": {"State": word}}}


def task_of(status: str, code: int | None = None) -> dict[str, Any]:
    return {
        "tasks": [
            {
                "taskArn": ARN,
                "clusterArn": "c",
                "lastStatus": status,
                "containers": [{"name": "x"} | ({"exitCode": code} if code is not None else {})],
                "stoppedAt": ENDED,
            }
        ]
    }


INSTANCES = {"Instances": {"KeepJobFlowAliveWhenNoSteps": True}, "Name": "c", "ServiceRole": "r", "JobFlowRole": "p"}
HADOOP = {"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar"}}
CASES: dict[str, Case] = {
    "athena:startQueryExecution": Case(
        {"QueryString": "SELECT 1"},
        ("StartQueryExecution", {"QueryString": "SELECT 1"}),
        {"QueryExecutionId": "q"},
        ("GetQueryExecution", {"QueryExecutionId": "q"}),
        {"QueryExecution": {"Status": {"State": "QUEUED"}}},
        {"QueryExecution": {"Status": {"State": "SUCCEEDED", "CompletionDateTime": ENDED}}},
        {"QueryExecution": {"Status": {"State": "CANCELLED"}}},
        {"QueryExecution": {"Status": {"State": "SUCCEEDED", "CompletionDateTime": MILLISECONDS}}},
        ("StopQueryExecution", {"QueryExecutionId": "q"}),
    ),
    "batch:submitJob": Case(
        {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "ContainerOverrides": {"Environment": [{"Name": "A", "Value": "1"}]}},
        (
            "SubmitJob",
            {
                "jobName": "j",
                "jobQueue": "q",
                "jobDefinition": "d",
                "containerOverrides": {
                    "environment": [{"name": "A", "value": "1"}, {"name": "MANAGED_BY_AWS", "value": "STARTED_BY_STEP_FUNCTIONS"}]
                },
            },
        ),
        {"jobName": "j", "jobId": "i"},
        ("DescribeJobs", {"jobs": ["i"]}),
        {"jobs": [{"jobId": "i", "status": "RUNNABLE"}]},
        {"jobs": [{"jobId": "i", "status": "SUCCEEDED", "container": {"exitCode": 0}}]},
        {"jobs": [{"jobId": "i", "status": "FAILED", "statusReason": "OOM"}]},
        {"JobId": "i", "Status": "SUCCEEDED", "Container": {"ExitCode": 0}},
        ("TerminateJob", {"jobId": "i", "reason": "Aborted by AWS Step Functions"}),
    ),
    "bedrock:createModelCustomizationJob": Case(
        {
            "JobName": "j",
            "CustomModelName": "m",
            "RoleArn": "arn:aws:iam::123456789012:role/x",
            "BaseModelIdentifier": "amazon.titan-text-lite-v1",
            "TrainingDataConfig": {"S3Uri": "s3://b/k"},
            "OutputDataConfig": {"S3Uri": "s3://b/o"},
        },
        (
            "CreateModelCustomizationJob",
            {
                "jobName": "j",
                "customModelName": "m",
                "roleArn": "arn:aws:iam::123456789012:role/x",
                "baseModelIdentifier": "amazon.titan-text-lite-v1",
                "trainingDataConfig": {"s3Uri": "s3://b/k"},
                "outputDataConfig": {"s3Uri": "s3://b/o"},
            },
        ),
        {"jobArn": ARN},
        ("GetModelCustomizationJob", {"jobIdentifier": ARN}),
        {"jobArn": ARN, "status": "InProgress"},
        {"jobArn": ARN, "status": "Completed", "endTime": ENDED},
        {"jobArn": ARN, "status": "Stopped"},
        {"JobArn": ARN, "Status": "Completed", "EndTime": MILLISECONDS},
        ("StopModelCustomizationJob", {"jobIdentifier": ARN}),
    ),
    "codebuild:startBuild": build(
        "StartBuild", {"ProjectName": "p"}, {"projectName": "p"}, "build", "builds", "BatchGetBuilds", "StopBuild"
    ),
    "codebuild:startBuildBatch": build(
        "StartBuildBatch",
        {"ProjectName": "p"},
        {"projectName": "p"},
        "buildBatch",
        "buildBatches",
        "BatchGetBuildBatches",
        "StopBuildBatch",
    ),
    "codebuild:retryBuildBatch": build(
        "RetryBuildBatch", {"Id": "p:0"}, {"id": "p:0"}, "buildBatch", "buildBatches", "BatchGetBuildBatches", "StopBuildBatch"
    ),
    "databrew:startJobRun": Case(
        {"Name": "j"},
        ("StartJobRun", {"Name": "j"}),
        {"RunId": "r"},
        ("DescribeJobRun", {"Name": "j", "RunId": "r"}),
        {"JobName": "j", "State": "RUNNING"},
        {"JobName": "j", "State": "SUCCEEDED"},
        {"JobName": "j", "State": "TIMEOUT"},
        {"JobName": "j", "State": "SUCCEEDED"},
        ("StopJobRun", {"Name": "j", "RunId": "r"}),
    ),
    "ecs:runTask": Case(
        {"TaskDefinition": "t", "Cluster": "c"},
        ("RunTask", {"taskDefinition": "t", "cluster": "c", "startedBy": "AWS Step Functions"}),
        task_of("PROVISIONING"),
        ("DescribeTasks", {"cluster": "c", "tasks": [ARN]}),
        task_of("RUNNING"),
        task_of("STOPPED", 0),
        task_of("STOPPED", 3),
        {
            "TaskArn": ARN,
            "ClusterArn": "c",
            "LastStatus": "STOPPED",
            "Containers": [{"Name": "x", "ExitCode": 0}],
            "StoppedAt": MILLISECONDS,
        },
        ("StopTask", {"cluster": "c", "task": ARN, "reason": "Aborted by AWS Step Functions"}),
    ),
    "eks:createCluster": eks("Cluster", "cluster", {"name": "k"}, {"Name": "k", "RoleArn": "r", "ResourcesVpcConfig": {}}),
    "eks:deleteCluster": eks("Cluster", "cluster", {"name": "k"}, {"Name": "k"}, deleted=True),
    "eks:createFargateProfile": eks(
        "FargateProfile",
        "fargateProfile",
        {"clusterName": "k", "fargateProfileName": "f"},
        {"ClusterName": "k", "FargateProfileName": "f", "PodExecutionRoleArn": "r"},
    ),
    "eks:deleteFargateProfile": eks(
        "FargateProfile",
        "fargateProfile",
        {"clusterName": "k", "fargateProfileName": "f"},
        {"ClusterName": "k", "FargateProfileName": "f"},
        deleted=True,
    ),
    "eks:createNodegroup": eks(
        "Nodegroup",
        "nodegroup",
        {"clusterName": "k", "nodegroupName": "g"},
        {"ClusterName": "k", "NodegroupName": "g", "Subnets": ["s"], "NodeRole": "r"},
    ),
    "eks:deleteNodegroup": eks(
        "Nodegroup", "nodegroup", {"clusterName": "k", "nodegroupName": "g"}, {"ClusterName": "k", "NodegroupName": "g"}, deleted=True
    ),
    "elasticmapreduce:createCluster": Case(
        INSTANCES,
        ("RunJobFlow", INSTANCES),
        {"JobFlowId": "j-1", "ClusterArn": ARN},
        ("DescribeCluster", {"ClusterId": "j-1"}),
        cluster("BOOTSTRAPPING"),
        cluster("WAITING"),
        cluster("TERMINATED_WITH_ERRORS"),
        {"Cluster": {"Id": "j-1", "Status": {"State": "WAITING"}}},
        ("TerminateJobFlows", {"JobFlowIds": ["j-1"]}),
    ),
    "elasticmapreduce:terminateCluster": Case(
        {"ClusterId": "j-1"},
        ("TerminateJobFlows", {"JobFlowIds": ["j-1"]}),
        {},
        ("DescribeCluster", {"ClusterId": "j-1"}),
        cluster("TERMINATING"),
        cluster("TERMINATED"),
        None,
        {"Cluster": {"Id": "j-1", "Status": {"State": "TERMINATED"}}},
        None,
    ),
    "elasticmapreduce:addStep": Case(
        {"ClusterId": "j-1", "Step": HADOOP},
        ("AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": [HADOOP]}),
        {"StepIds": ["s-1"]},
        ("DescribeStep", {"ClusterId": "j-1", "StepId": "s-1"}),
        step("PENDING"),
        step("COMPLETED"),
        step("INTERRUPTED"),
        {"Step": {"Id": "s-1", "Status": {"State": "COMPLETED"}}},
        ("CancelSteps", {"ClusterId": "j-1", "StepIds": ["s-1"]}),
    ),
    "emr-containers:startJobRun": Case(
        {"VirtualClusterId": "v", "ClientToken": "t"},
        ("StartJobRun", {"virtualClusterId": "v", "clientToken": "t"}),
        {"id": "r", "virtualClusterId": "v"},
        ("DescribeJobRun", {"id": "r", "virtualClusterId": "v"}),
        {"jobRun": {"state": "SUBMITTED"}},
        {"jobRun": {"id": "r", "state": "COMPLETED"}},
        {"jobRun": {"state": "FAILED", "failureReason": "USER_ERROR"}},
        {"JobRun": {"Id": "r", "State": "COMPLETED"}},
        ("CancelJobRun", {"id": "r", "virtualClusterId": "v"}),
    ),
    "emr-containers:deleteVirtualCluster": Case(
        {"Id": "v"},
        ("DeleteVirtualCluster", {"id": "v"}),
        {"id": "v"},
        ("DescribeVirtualCluster", {"id": "v"}),
        {"virtualCluster": {"state": "TERMINATING"}},
        {"virtualCluster": {"state": "TERMINATED"}},
        {"virtualCluster": {"state": "ARRESTED"}},
        {"VirtualCluster": {"State": "TERMINATED"}},
        None,
    ),
    "emr-serverless:createApplication": application(
        "CreateApplication", {"ReleaseLabel": "emr-7.0.0", "Type": "SPARK", "ClientToken": "t"}, "CREATED"
    ),
    "emr-serverless:startApplication": application("StartApplication", {"ApplicationId": "a-1"}, "STARTED"),
    "emr-serverless:stopApplication": application("StopApplication", {"ApplicationId": "a-1"}, "STOPPED"),
    "emr-serverless:deleteApplication": application("DeleteApplication", {"ApplicationId": "a-1"}, "TERMINATED"),
    "emr-serverless:startJobRun": Case(
        {"ApplicationId": "a-1", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/x", "ClientToken": "t"},
        ("StartJobRun", {"applicationId": "a-1", "executionRoleArn": "arn:aws:iam::123456789012:role/x", "clientToken": "t"}),
        {"applicationId": "a-1", "jobRunId": "r"},
        ("GetJobRun", {"applicationId": "a-1", "jobRunId": "r"}),
        {"jobRun": {"state": "RUNNING"}},
        {"jobRun": {"state": "SUCCESS"}},
        {"jobRun": {"state": "CANCELLED"}},
        {"JobRun": {"State": "SUCCESS"}},
        ("CancelJobRun", {"applicationId": "a-1", "jobRunId": "r"}),
    ),
    "emr-serverless:cancelJobRun": Case(
        {"ApplicationId": "a-1", "JobRunId": "r"},
        ("CancelJobRun", {"applicationId": "a-1", "jobRunId": "r"}),
        {"applicationId": "a-1", "jobRunId": "r"},
        ("GetJobRun", {"applicationId": "a-1", "jobRunId": "r"}),
        {"jobRun": {"state": "CANCELLING"}},
        {"jobRun": {"state": "CANCELLED"}},
        {"jobRun": {"state": "FAILED"}},
        {"JobRun": {"State": "CANCELLED"}},
        ("CancelJobRun", {"applicationId": "a-1", "jobRunId": "r"}),
    ),
    "glue:startJobRun": Case(
        {"JobName": "j", "Arguments": {"--a": 1}},
        ("StartJobRun", {"JobName": "j", "Arguments": {"--a": "1"}}),
        {"JobRunId": "r"},
        ("GetJobRun", {"JobName": "j", "RunId": "r"}),
        {"JobRun": {"JobRunState": "RUNNING"}},
        {"JobRun": {"Id": "r", "JobRunState": "SUCCEEDED", "CompletedOn": ENDED}},
        {"JobRun": {"Id": "r", "JobRunState": "TIMEOUT", "ErrorMessage": "too long"}},
        {"Id": "r", "JobRunState": "SUCCEEDED", "CompletedOn": MILLISECONDS},
        ("BatchStopJobRun", {"JobName": "j", "JobRunIds": ["r"]}),
    ),
    "mediaconvert:createJob": Case(
        {"Role": "r", "Settings": {}, "ClientRequestToken": "t"},
        ("CreateJob", {"Role": "r", "Settings": {}, "ClientRequestToken": "t"}),
        {"Job": {"Id": "m", "Status": "SUBMITTED"}},
        ("GetJob", {"Id": "m"}),
        {"Job": {"Id": "m", "Status": "PROGRESSING"}},
        {"Job": {"Id": "m", "Status": "COMPLETE"}},
        {"Job": {"Id": "m", "Status": "ERROR", "ErrorMessage": "no input"}},
        {"Job": {"Id": "m", "Status": "COMPLETE"}},
        ("CancelJob", {"Id": "m"}),
    ),
    "sagemaker:createHyperParameterTuningJob": sagemaker(
        "HyperParameterTuningJob",
        {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            }
        },
    ),
    "sagemaker:createLabelingJob": sagemaker(
        "LabelingJob",
        {
            "LabelAttributeName": "l",
            "HumanTaskConfig": {
                "WorkteamArn": "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/w",
                "UiConfig": {},
                "TaskTitle": "t",
                "TaskDescription": "d",
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 60,
            },
            "InputConfig": {"DataSource": {}},
            "OutputConfig": {"S3OutputPath": "s3://b/o"},
            "RoleArn": "arn:aws:iam::123456789012:role/x",
        },
    ),
    "sagemaker:createProcessingJob": sagemaker(
        "ProcessingJob",
        {
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
            "AppSpecification": {"ImageUri": "i"},
            "RoleArn": "arn:aws:iam::123456789012:role/x",
        },
    ),
    "sagemaker:createTrainingJob": sagemaker(
        "TrainingJob",
        {
            "RoleArn": "arn:aws:iam::123456789012:role/x",
            "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    ),
    "sagemaker:createTransformJob": sagemaker(
        "TransformJob",
        {
            "ModelName": "m",
            "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/i"}}},
            "TransformOutput": {"S3OutputPath": "s3://b/o"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    ),
}
