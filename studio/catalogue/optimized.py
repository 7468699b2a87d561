"""The optimized integrations: which actions, which call patterns, which parameters.

Patterns: RR request-response (all workflows), S `.sync`, T `.waitForTaskToken` (both Standard only).
Spec: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Pattern = Literal["RR", "S", "S2", "T"]


@dataclass(frozen=True, slots=True)
class Optimized:
    """One optimized action.

    `resource` is `dynamodb:putItem`; `token`/`operation` name the API behind it ("" where it is none of botocore's, as for HTTP);
    `parameters` the names it accepts (empty = all of the API's, plus `extra`); `poll` the action a `.sync` waits on.
    """

    resource: str
    title: str
    token: str
    operation: str
    patterns: tuple[Pattern, ...]
    parameters: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    error_prefix: str = ""
    poll: str = ""
    documentation: str = field(default="", compare=False)

    @property
    def service(self) -> str:
        return self.resource.split(":")[0]

    @property
    def action(self) -> str:
        return self.resource.split(":")[1]


RR: tuple[Pattern, ...] = ("RR",)
RR_S: tuple[Pattern, ...] = ("RR", "S")
RR_T: tuple[Pattern, ...] = ("RR", "T")
RR_S_T: tuple[Pattern, ...] = ("RR", "S", "T")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _operation(action: str) -> str:
    return action[:1].upper() + action[1:]


def _group(service: str, title: str, token: str, prefix: str, actions: dict[str, tuple[tuple[Pattern, ...], str]]) -> list[Optimized]:
    """Actions of one service that take all of their API's parameters: name -> (patterns, the action polled by `.sync`)."""
    return [
        Optimized(f"{service}:{name}", f"{title} · {_operation(name)}", token, _operation(name), patterns, error_prefix=prefix, poll=poll)
        for name, (patterns, poll) in actions.items()
    ]


_DYNAMODB = (
    (
        "getItem",
        "Key TableName AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression ReturnConsumedCapacity",
        "Key TableName",
    ),
    (
        "putItem",
        "Item TableName ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues "
        "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure",
        "Item TableName",
    ),
    (
        "updateItem",
        "Key TableName AttributeUpdates ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues "
        "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure UpdateExpression",
        "Key TableName",
    ),
    (
        "deleteItem",
        "Key TableName ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues "
        "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure",
        "Key TableName",
    ),
)

_ALL: list[Optimized] = [
    Optimized(
        "lambda:invoke",
        "AWS Lambda · Invoke",
        "lambda",
        "Invoke",
        RR_T,
        _names("ClientContext FunctionName InvocationType Qualifier Payload LogType"),
        required=_names("FunctionName"),
        error_prefix="Lambda",
    ),
    Optimized(
        "bedrock:invokeModel",
        "Amazon Bedrock · InvokeModel",
        "bedrockruntime",
        "InvokeModel",
        RR_T,
        extra=_names("Input Output"),
        required=_names("ModelId"),
        error_prefix="Bedrock",
    ),
    Optimized(
        "bedrock:createModelCustomizationJob",
        "Amazon Bedrock · CreateModelCustomizationJob",
        "bedrock",
        "CreateModelCustomizationJob",
        RR_S,
        error_prefix="Bedrock",
        poll="bedrock:getModelCustomizationJob",
    ),
    Optimized(
        "bedrockagentcore:invokeHarness",
        "Amazon Bedrock AgentCore · InvokeHarness",
        "",
        "",
        RR,
        _names("HarnessArn RuntimeSessionId Messages SystemPrompt Model Tools MaxIterations TimeoutSeconds"),
        required=_names("HarnessArn RuntimeSessionId Messages"),
        error_prefix="BedrockAgentCore",
    ),
    *(
        Optimized(
            f"dynamodb:{name}",
            f"DynamoDB · {_operation(name)}",
            "dynamodb",
            _operation(name),
            RR,
            _names(allowed),
            required=_names(needed),
            error_prefix="DynamoDB",
        )
        for name, allowed, needed in _DYNAMODB
    ),
    Optimized(
        "sns:publish",
        "Amazon SNS · Publish",
        "sns",
        "Publish",
        RR_T,
        _names("Message MessageAttributes MessageStructure PhoneNumber Subject TargetArn TopicArn MessageDeduplicationId MessageGroupId"),
        required=_names("Message"),
        error_prefix="SNS",
    ),
    Optimized(
        "sqs:sendMessage",
        "Amazon SQS · SendMessage",
        "sqs",
        "SendMessage",
        RR_T,
        _names("DelaySeconds MessageAttributes MessageBody MessageDeduplicationId MessageGroupId QueueUrl"),
        required=_names("MessageBody QueueUrl"),
        error_prefix="SQS",
    ),
    Optimized(
        "events:putEvents",
        "Amazon EventBridge · PutEvents",
        "eventbridge",
        "PutEvents",
        RR_T,
        _names("Entries EndpointId"),
        required=_names("Entries"),
        error_prefix="EventBridge",
    ),
    Optimized(
        "states:startExecution",
        "AWS Step Functions · StartExecution",
        "sfn",
        "StartExecution",
        ("RR", "S", "S2", "T"),
        _names("Input Name StateMachineArn TraceHeader"),
        required=_names("StateMachineArn"),
        error_prefix="StepFunctions",
        poll="sfn:describeExecution",
    ),
    Optimized(
        "http:invoke",
        "Call HTTPS APIs",
        "",
        "",
        RR,
        _names("ApiEndpoint Method Authentication InvocationConfig Headers QueryParameters RequestBody Transform"),
        required=_names("ApiEndpoint Method"),
        error_prefix="States.Http",
    ),
    Optimized(
        "apigateway:invoke",
        "Amazon API Gateway · Invoke",
        "",
        "",
        RR_T,
        _names("ApiEndpoint Method Headers Stage Path QueryParameters RequestBody AllowNullValues AuthType"),
        required=_names("ApiEndpoint Method"),
        error_prefix="ApiGateway",
    ),
    Optimized("batch:submitJob", "AWS Batch · SubmitJob", "batch", "SubmitJob", RR_S, error_prefix="Batch", poll="batch:describeJobs"),
    Optimized("ecs:runTask", "Amazon ECS · RunTask", "ecs", "RunTask", RR_S_T, error_prefix="ECS", poll="ecs:describeTasks"),
    Optimized("glue:startJobRun", "AWS Glue · StartJobRun", "glue", "StartJobRun", RR_S, error_prefix="Glue", poll="glue:getJobRun"),
    Optimized(
        "databrew:startJobRun",
        "AWS Glue DataBrew · StartJobRun",
        "databrew",
        "StartJobRun",
        RR_S,
        error_prefix="DataBrew",
        poll="databrew:describeJobRun",
    ),
    Optimized(
        "mediaconvert:createJob",
        "AWS Elemental MediaConvert · CreateJob",
        "mediaconvert",
        "CreateJob",
        RR_S,
        error_prefix="MediaConvert",
        poll="mediaconvert:getJob",
    ),
    *_group(
        "athena",
        "Amazon Athena",
        "athena",
        "Athena",
        {
            "startQueryExecution": (RR_S, "athena:getQueryExecution"),
            "stopQueryExecution": (RR, ""),
            "getQueryExecution": (RR, ""),
            "getQueryResults": (RR, ""),
        },
    ),
    *_group(
        "codebuild",
        "AWS CodeBuild",
        "codebuild",
        "CodeBuild",
        {
            "startBuild": (RR_S, "codebuild:batchGetBuilds"),
            "startBuildBatch": (RR_S, "codebuild:batchGetBuildBatches"),
            "retryBuildBatch": (RR_S, "codebuild:batchGetBuildBatches"),
            "deleteBuildBatch": (RR_S, ""),
            "stopBuild": (RR, ""),
            "stopBuildBatch": (RR, ""),
            "batchDeleteBuilds": (RR, ""),
            "batchGetReports": (RR, ""),
        },
    ),
    *_group(
        "eks",
        "Amazon EKS",
        "eks",
        "EKS",
        {
            "createCluster": (RR_S, "eks:describeCluster"),
            "deleteCluster": (RR_S, "eks:describeCluster"),
            "createNodegroup": (RR_S, "eks:describeNodegroup"),
            "deleteNodegroup": (RR_S, "eks:describeNodegroup"),
            "createFargateProfile": (RR_S, "eks:describeFargateProfile"),
            "deleteFargateProfile": (RR_S, "eks:describeFargateProfile"),
        },
    ),
    Optimized("eks:call", "Amazon EKS · Call", "", "", RR, error_prefix="EKS"),
    Optimized("eks:runJob", "Amazon EKS · RunJob", "", "", RR_S_T, error_prefix="EKS"),
    *_group(
        "elasticmapreduce",
        "Amazon EMR",
        "",  # these actions are not named as in EMR's own API (createCluster is RunJobFlow), nor are all parameters
        "ElasticMapReduce",
        {
            "terminateCluster": (RR_S, "emr:describeCluster"),
            "addStep": (RR_S, "emr:describeStep"),
            "cancelStep": (RR, ""),
            "setClusterTerminationProtection": (RR, ""),
            "modifyInstanceFleetByName": (RR, ""),
            "modifyInstanceGroupByName": (RR, ""),
            "createCluster": (RR_S, "emr:describeCluster"),
        },
    ),
    *_group(
        "emr-containers",
        "Amazon EMR on EKS",
        "emrcontainers",
        "EMRContainers",
        {
            "createVirtualCluster": (RR, ""),
            "deleteVirtualCluster": (RR_S, "emrcontainers:describeVirtualCluster"),
            "startJobRun": (RR_S, "emrcontainers:describeJobRun"),
        },
    ),
    *_group(
        "emr-serverless",
        "Amazon EMR Serverless",
        "emrserverless",
        "EMRServerless",
        {
            "createApplication": (RR_S, "emrserverless:getApplication"),
            "startApplication": (RR_S, "emrserverless:getApplication"),
            "stopApplication": (RR_S, "emrserverless:getApplication"),
            "deleteApplication": (RR_S, "emrserverless:getApplication"),
            "startJobRun": (RR_S, "emrserverless:getJobRun"),
            "cancelJobRun": (RR_S, "emrserverless:getJobRun"),
        },
    ),
    *_group(
        "sagemaker",
        "Amazon SageMaker AI",
        "sagemaker",
        "SageMaker",
        {
            "createEndpoint": (RR, ""),
            "createEndpointConfig": (RR, ""),
            "createHyperParameterTuningJob": (RR_S, "sagemaker:describeHyperParameterTuningJob"),
            "createLabelingJob": (RR_S, "sagemaker:describeLabelingJob"),
            "createModel": (RR, ""),
            "createProcessingJob": (RR_S, "sagemaker:describeProcessingJob"),
            "createTrainingJob": (RR_S, "sagemaker:describeTrainingJob"),
            "createTransformJob": (RR_S, "sagemaker:describeTransformJob"),
            "updateEndpoint": (RR, ""),
        },
    ),
]

OPTIMIZED: dict[str, Optimized] = {entry.resource: entry for entry in _ALL}
"""By resource, `lambda:invoke`."""

SERVICES: frozenset[str] = frozenset(entry.service for entry in _ALL)

SUFFIX: dict[Pattern, str] = {"RR": "", "S": ".sync", "S2": ".sync:2", "T": ".waitForTaskToken"}
