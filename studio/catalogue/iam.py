"""The least-privilege IAM policy of a definition, with a reason per statement.

Every Task is looked at: optimized integrations need what AWS's own documentation lists (a `.sync` also needs to watch and stop the
job, through an EventBridge rule Step Functions manages), SDK integrations the action of the operation they call. A resource that the
definition names (a table, a queue, a bucket …) is put into the statement; one known only at run time becomes `*`, and the reason says so.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from studio.asl.graph import StateNode, build
from studio.asl.tree import Json
from studio.catalogue import services
from studio.catalogue.optimized import OPTIMIZED

_RESOURCE = re.compile(
    r"^arn:(aws[\w-]*|\$\{[^}]+\}):states:([\w-]*|\$\{[^}]+\}):(\d*|\$\{[^}]+\}):(aws-sdk:)?([\w-]+):([\w-]+)(\.sync(?::2)?|\.waitForTaskToken)?$"
)
_LAMBDA = re.compile(r"^arn:[^:]+:lambda:[^:]*:[^:]*:function:")
_QUEUE = re.compile(r"^https?://sqs\.([\w-]+)\.[^/]+/(\d{12})/([\w.-]+)$")
_PROFILE = re.compile(r"^(?:global|us|us-gov|eu|apac|jp|au|ca|sa)\.([\w-]+\..+)$")
"""A system-defined inference profile: the geography, then the model it leads to."""
_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")

# Operations whose IAM action has another name, by IAM prefix.
_RENAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "lambda": {"Invoke": ("InvokeFunction",), "InvokeAsync": ("InvokeFunction",)},
    "bedrock": {
        "Converse": ("InvokeModel",),
        "InvokeModel": ("InvokeModel",),
        "ConverseStream": ("InvokeModelWithResponseStream",),
        "StartAsyncInvoke": ("InvokeModel",),
    },
    "s3": {
        "ListObjects": ("ListBucket",),
        "ListObjectsV2": ("ListBucket",),
        "HeadBucket": ("ListBucket",),
        "ListBuckets": ("ListAllMyBuckets",),
        "HeadObject": ("GetObject",),
        "GetObjectAttributes": ("GetObject", "GetObjectAttributes"),
        "CopyObject": ("GetObject", "PutObject"),
        "DeleteObjects": ("DeleteObject",),
        "CreateMultipartUpload": ("PutObject",),
        "UploadPart": ("PutObject",),
        "CompleteMultipartUpload": ("PutObject",),
        "ListMultipartUploads": ("ListBucketMultipartUploads",),
        "ListObjectVersions": ("ListBucketVersions",),
        "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
        "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
    },
    "dynamodb": {
        "TransactGetItems": ("GetItem",),
        "TransactWriteItems": ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
        "ExecuteStatement": ("PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"),
    },
    "sqs": {"SendMessageBatch": ("SendMessage",), "DeleteMessageBatch": ("DeleteMessage",)},
    "sns": {"PublishBatch": ("Publish",)},
}
_PREFIX = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag"}

# What `.sync` needs beside the call itself: (actions, why).
_SYNC: dict[str, tuple[str, ...]] = {
    "states:startExecution": ("states:DescribeExecution", "states:StopExecution"),
    "batch:submitJob": ("batch:DescribeJobs", "batch:TerminateJob"),
    "ecs:runTask": ("ecs:DescribeTasks", "ecs:StopTask"),
    "glue:startJobRun": ("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"),
    "databrew:startJobRun": ("databrew:DescribeJobRun", "databrew:ListJobRuns", "databrew:StopJobRun"),
    "athena:startQueryExecution": ("athena:GetQueryExecution", "athena:StopQueryExecution"),
    "codebuild:startBuild": ("codebuild:BatchGetBuilds", "codebuild:StopBuild"),
    "codebuild:startBuildBatch": ("codebuild:BatchGetBuildBatches", "codebuild:StopBuildBatch"),
    "sagemaker:createTrainingJob": ("sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"),
    "sagemaker:createTransformJob": ("sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"),
    "sagemaker:createProcessingJob": ("sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob"),
    "sagemaker:createHyperParameterTuningJob": ("sagemaker:DescribeHyperParameterTuningJob", "sagemaker:StopHyperParameterTuningJob"),
    "sagemaker:createLabelingJob": ("sagemaker:DescribeLabelingJob", "sagemaker:StopLabelingJob"),
    "bedrock:createModelCustomizationJob": ("bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"),
    "mediaconvert:createJob": ("mediaconvert:GetJob", "mediaconvert:CancelJob"),
    "elasticmapreduce:createCluster": ("elasticmapreduce:DescribeCluster", "elasticmapreduce:TerminateJobFlows"),
    "elasticmapreduce:addStep": ("elasticmapreduce:DescribeStep", "elasticmapreduce:CancelSteps"),
}
_RULES = {
    "states:startExecution": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "batch:submitJob": "StepFunctionsGetEventsForBatchJobsRule",
    "ecs:runTask": "StepFunctionsGetEventsForECSTaskRule",
    "codebuild:startBuild": "StepFunctionsGetEventForCodeBuildStartBuildRule",
    "mediaconvert:createJob": "StepFunctionsGetEventsForMediaConvertJobRule",
    "sagemaker:createTrainingJob": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
}
_EMR = {
    "createCluster": ("RunJobFlow",),
    "addStep": ("AddJobFlowSteps",),
    "cancelStep": ("CancelSteps",),
    "terminateCluster": ("TerminateJobFlows",),
    "setClusterTerminationProtection": ("SetTerminationProtection",),
    "modifyInstanceFleetByName": ("ModifyInstanceFleet", "ListInstanceFleets"),
    "modifyInstanceGroupByName": ("ModifyInstanceGroups", "ListInstanceGroups"),
}
_PASS_ROLE = frozenset(
    {
        "ecs:runTask",
        "batch:submitJob",
        "sagemaker:createTrainingJob",
        "sagemaker:createModel",
        "sagemaker:createProcessingJob",
        "mediaconvert:createJob",
        "bedrock:createModelCustomizationJob",
        "elasticmapreduce:createCluster",
        "eks:createCluster",
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission and why it is needed. `state` is the state's name, `resource` an ARN or `*`."""

    action: str
    resource: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Grants with the same resource, merged: `actions` and `reasons` sorted by first appearance."""

    resource: str
    actions: tuple[str, ...]
    reasons: tuple[str, ...]


def statements(root: Json, *, tracing: bool = True, partition: str = "aws", region: str = "*", account: str = "*") -> list[Statement]:
    """The statements of a definition's policy, in the order of its states; each is about one service, so that its reasons are."""
    by_resource: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for grant in grants(root, tracing=tracing, partition=partition, region=region, account=account):
        actions, reasons = by_resource.setdefault((grant.resource, grant.action.partition(":")[0]), ({}, {}))
        actions[grant.action] = None
        reasons[f"{grant.state}: {grant.reason}"] = None
    merged: dict[tuple[str, ...], tuple[list[str], dict[str, None]]] = {}
    for (resource, _), (actions, reasons) in by_resource.items():
        resources, whys = merged.setdefault(tuple(sorted(actions)), ([], {}))
        resources.append(resource)
        whys.update(reasons)
    return [Statement(resource, actions, tuple(whys)) for actions, (resources, whys) in merged.items() for resource in resources]


def policy(root: Json, **where: str) -> dict[str, Any]:
    """The policy document: `{"Version": "2012-10-17", "Statement": [...]}`."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for statement in statements(root, **where):  # type: ignore[arg-type] - its other members are texts
        grouped.setdefault(statement.actions, []).append(statement.resource)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": f"S{i}", "Effect": "Allow", "Action": list(actions), "Resource": "*" if "*" in resources else sorted(resources)}
            for i, (actions, resources) in enumerate(grouped.items(), 1)
        ],
    }


def grants(root: Json, *, tracing: bool = True, partition: str = "aws", region: str = "*", account: str = "*") -> Iterator[Grant]:
    """Every permission the definition's states need, in document order; with `tracing`, what X-Ray needs."""
    where = _Where(partition, region, account)
    for node in build(root).states.values():
        value = node.value if isinstance(node.value, dict) else {}
        match node.type:
            case "Task":
                yield from _task(node, value, where)
            case "Map":
                yield from _map(node, value, where)
    if not tracing:
        return
    yield from (
        Grant(f"xray:{a}", "*", "tracing", "traces and sampling rules, used only while tracing is on")
        for a in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
    )


@dataclass(frozen=True, slots=True)
class _Where:
    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def _static(value: Json) -> str | None:
    """The text itself where it is known before the run; placeholders count as known."""
    if not isinstance(value, str) or value.startswith(("{%", "$.", "$$.", "States.")) or value == "$":
        return None
    return value


def _parameters(value: dict[str, Json]) -> dict[str, Json]:
    found = value.get("Parameters", value.get("Arguments"))
    return found if isinstance(found, dict) else {}


def _task(node: StateNode, value: dict[str, Json], where: _Where) -> Iterator[Grant]:
    resource = value.get("Resource")
    if not isinstance(resource, str):
        return
    credentials = value.get("Credentials")
    if isinstance(credentials, dict):
        role = _static(credentials.get("RoleArn")) or "*"
        yield Grant(
            "sts:AssumeRole", role, node.name, "the state runs with another role" + ("" if role != "*" else ", known only at run time")
        )
        return
    if _LAMBDA.match(resource):
        yield Grant("lambda:InvokeFunction", resource, node.name, "calls the function")
        return
    found = _RESOURCE.match(resource)
    if not found:
        return
    sdk, service, action, pattern = found[4], found[5], found[6], found[7] or ""
    parameters = _parameters(value)
    if sdk:
        yield from _sdk(node, service, action, parameters, where)
        return
    key = f"{service}:{action}"
    if key == "http:invoke":
        yield from _http(node, parameters)
        return
    if key == "apigateway:invoke":
        yield Grant("execute-api:Invoke", "*", node.name, "calls the API (only where AuthType is IAM_ROLE)")
        return
    known = OPTIMIZED.get(key)
    if service == "elasticmapreduce":
        for name in _EMR.get(action, (action[:1].upper() + action[1:],)):
            yield Grant(f"elasticmapreduce:{name}", "*", node.name, f"calls {action}; clusters are known only at run time")
    elif known and known.token:
        yield from _call(node, known.token, known.operation, parameters, where)
    else:
        yield Grant(f"{service}:{action[:1].upper()}{action[1:]}", "*", node.name, f"calls {action}")
    if pattern.startswith(".sync"):
        for name in _SYNC.get(key, ()):
            yield Grant(name, "*", node.name, "`.sync` watches the job and stops it when the execution is stopped")
        rule = _RULES.get(key)
        if rule:
            for name in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
                yield Grant(name, where.arn("events", f"rule/{rule}"), node.name, "`.sync` hears of the job's end through a managed rule")
    yield from _handed_on(node, key, parameters)


def _handed_on(node: StateNode, key: str, parameters: dict[str, Json]) -> Iterator[Grant]:
    """Leave to hand a role on to what the task starts: the roles that it names, of what is known to need one any."""
    if key.startswith(("sts:", "iam:")):  # these are about the role itself
        return
    roles = list(dict.fromkeys(_roles(parameters)))
    if not roles and key in _PASS_ROLE:
        roles = ["*"]
    for role in roles:
        why = "hands the job its own role; name the role here" if role == "*" else "hands this role on to what it starts"
        yield Grant("iam:PassRole", role, node.name, why)


def _roles(value: Json, name: str = "") -> Iterator[str]:
    """The roles that parameters name: `RoleArn`, `ExecutionRoleArn`, `Role` with an ARN; `*` for one known only at run time."""
    match value:
        case dict():
            for key, held in value.items():
                yield from _roles(held, key.removesuffix(".$").lower())
        case list():
            for held in value:
                yield from _roles(held, name)
        case str() if name.endswith(("role", "rolearn")):
            fixed = _static(value)
            if fixed is not None and (":role/" in fixed or _PLACEHOLDER.fullmatch(fixed)):
                yield fixed
            elif fixed is None and name.endswith("rolearn"):
                yield "*"
        case _:
            return


def _sdk(node: StateNode, token: str, action: str, parameters: dict[str, Json], where: _Where) -> Iterator[Grant]:
    yield from _call(node, token, action[:1].upper() + action[1:], parameters, where)
    yield from _handed_on(node, f"{token}:{action}", parameters)


def _call(node: StateNode, token: str, operation: str, parameters: dict[str, Json], where: _Where) -> Iterator[Grant]:
    service = services.service(token)
    model = services.model(service.folder) if service else None
    if not service or not model:
        return
    prefix = str(model["metadata"].get("signingName", model["metadata"]["endpointPrefix"]))
    prefix = _PREFIX.get(prefix, prefix)
    for action in _RENAMED.get(prefix, {}).get(operation, (operation,)):
        if prefix == "bedrock" and (profile := _PROFILE.match(_static(parameters.get("ModelId")) or "")):
            why = f"calls {service.title} {operation} through the inference profile"
            yield Grant(f"bedrock:{action}", where.arn("bedrock", f"inference-profile/{profile[0]}"), node.name, why)
            model_arn = f"arn:{where.partition}:bedrock:*::foundation-model/{profile[1]}"
            yield Grant(f"bedrock:{action}", model_arn, node.name, f"{why}, which asks this model in any of its regions")
            continue
        resource, note = _resource(prefix, action, parameters, where)
        yield Grant(f"{prefix}:{action}", resource, node.name, f"calls {service.title} {operation}{note}")


def _resource(prefix: str, action: str, parameters: dict[str, Json], where: _Where) -> tuple[str, str]:
    """The resource a call touches, and a remark where it cannot be told from the definition."""

    def named(key: str) -> str | None:
        return _static(parameters.get(key))

    match prefix:
        case "dynamodb" if table := named("TableName"):
            return (table if table.startswith("arn:") else where.arn("dynamodb", f"table/{table}")), ""
        case "lambda" if function := named("FunctionName"):
            return (
                function if function.startswith("arn:") or _PLACEHOLDER.fullmatch(function) else where.arn("lambda", f"function:{function}")
            ), ""
        case "sqs" if url := named("QueueUrl"):
            queue = _QUEUE.match(url)
            return (
                (f"arn:{where.partition}:sqs:{queue[1]}:{queue[2]}:{queue[3]}", "")
                if queue
                else ("*", "; the queue is known only at run time")
            )
        case "sns" if topic := named("TopicArn") or named("TargetArn"):
            return topic, ""
        case "states" if machine := named("StateMachineArn"):
            return machine, ""
        case "bedrock" if (model := named("ModelId")) and _PROFILE.match(model):
            return where.arn("bedrock", f"inference-profile/{model}"), ""
        case "bedrock" if model := named("ModelId"):
            return (model if model.startswith("arn:") else f"arn:{where.partition}:bedrock:{where.region}::foundation-model/{model}"), ""
        case "s3" if bucket := named("Bucket"):
            if "Bucket" in action or action.startswith("List"):
                return f"arn:{where.partition}:s3:::{bucket}", ""
            return f"arn:{where.partition}:s3:::{bucket}/{named('Key') or '*'}", ""
        case "secretsmanager" if secret := named("SecretId"):
            return (secret if secret.startswith("arn:") else where.arn("secretsmanager", f"secret:{secret}-*")), ""
        case "events" if action == "PutEvents":
            return where.arn("events", "event-bus/*"), ""
        case "glue" if job := named("JobName"):
            return where.arn("glue", f"job/{job}"), ""
        case _:
            return "*", "; its resource is known only at run time"


def _http(node: StateNode, parameters: dict[str, Json]) -> Iterator[Grant]:
    authentication = parameters.get("Authentication", parameters.get("InvocationConfig"))
    connection = _static(authentication.get("ConnectionArn")) if isinstance(authentication, dict) else None
    yield Grant(
        "states:InvokeHTTPEndpoint", "*", node.name, "calls an HTTPS endpoint; narrow it by states:HTTPEndpoint and states:HTTPMethod"
    )
    yield Grant("events:RetrieveConnectionCredentials", connection or "*", node.name, "reads the connection's authorization")
    for action in ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"):
        yield Grant(action, "arn:*:secretsmanager:*:*:secret:events!connection/*", node.name, "the connection keeps its secret there")


def _map(node: StateNode, value: dict[str, Json], where: _Where) -> Iterator[Grant]:
    processor = value.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if not isinstance(config, dict) or config.get("Mode") != "DISTRIBUTED":
        return
    for action in ("states:StartExecution", "states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"):
        yield Grant(
            action, where.arn("states", "*"), node.name, "a Distributed Map starts and watches child executions of this state machine"
        )
    for field, actions in (
        ("ItemReader", ()),
        ("ResultWriter", ("s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload")),
    ):
        section = value.get(field)
        if not isinstance(section, dict) or "Resource" not in section:
            continue
        listing = str(section["Resource"]).endswith(":listObjectsV2")
        parameters = _parameters(section)
        bucket = _static(parameters.get("Bucket"))
        for action in actions or (("s3:ListBucket",) if listing else ("s3:GetObject",)):
            base = f"arn:{where.partition}:s3:::{bucket}" if bucket else "*"
            resource = (
                base
                if action == "s3:ListBucket" or not bucket
                else f"{base}/{_static(parameters.get('Prefix' if actions else 'Key')) or ''}*"
            )
            yield Grant(action, resource, node.name, "reads the items" if field == "ItemReader" else "writes the results")
