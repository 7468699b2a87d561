"""What a state shows of itself: title, subtitle, icon, chips, and its accessible name. Pure words, no coordinates.

A *face* never fails: half-typed states get what can be said of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.asl.graph import StateNode, Transition
    from studio.asl.tree import Json

TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")

TYPE_ICONS = {
    "Task": "bolt",
    "Pass": "arrow_forward",
    "Choice": "alt_route",
    "Wait": "schedule",
    "Succeed": "check_circle",
    "Fail": "cancel",
    "Parallel": "call_split",
    "Map": "repeat",
}

# Service token of a task resource -> how people write it, and its icon (names of Material Icons; `lambda` is our own).
_SERVICES = {
    "lambda": ("Lambda", "lambda"),
    "states": ("Step Functions", "account_tree"),
    "sfn": ("Step Functions", "account_tree"),
    "bedrock": ("Bedrock", "psychology"),
    "bedrockruntime": ("Bedrock", "psychology"),
    "bedrockagentruntime": ("Bedrock Agents", "psychology"),
    "dynamodb": ("DynamoDB", "storage"),
    "sns": ("SNS", "campaign"),
    "sqs": ("SQS", "mail"),
    "http": ("HTTP", "public"),
    "apigateway": ("API Gateway", "api"),
    "s3": ("S3", "inventory_2"),
    "events": ("EventBridge", "event"),
    "eventbridge": ("EventBridge", "event"),
    "ecs": ("ECS", "dns"),
    "eks": ("EKS", "dns"),
    "batch": ("Batch", "memory"),
    "glue": ("Glue", "transform"),
    "databrew": ("Glue DataBrew", "transform"),
    "athena": ("Athena", "query_stats"),
    "emr": ("EMR", "memory"),
    "elasticmapreduce": ("EMR", "memory"),
    "emr-containers": ("EMR on EKS", "memory"),
    "emr-serverless": ("EMR Serverless", "memory"),
    "sagemaker": ("SageMaker", "model_training"),
    "codebuild": ("CodeBuild", "construction"),
    "mediaconvert": ("MediaConvert", "movie"),
    "secretsmanager": ("Secrets Manager", "key"),
    "ssm": ("Systems Manager", "tune"),
    "textract": ("Textract", "document_scanner"),
    "rekognition": ("Rekognition", "visibility"),
    "comprehend": ("Comprehend", "translate"),
    "translate": ("Translate", "translate"),
    "transcribe": ("Transcribe", "mic"),
    "polly": ("Polly", "mic"),
    "rds": ("RDS", "storage"),
    "rdsdata": ("RDS Data", "storage"),
    "redshiftdata": ("Redshift Data", "storage"),
    "cloudwatch": ("CloudWatch", "query_stats"),
    "cloudwatchlogs": ("CloudWatch Logs", "query_stats"),
    "ses": ("SES", "mail"),
    "sesv2": ("SES", "mail"),
    "ec2": ("EC2", "dns"),
    "iam": ("IAM", "key"),
    "kms": ("KMS", "key"),
    "sts": ("STS", "key"),
    "kinesis": ("Kinesis", "stream"),
    "firehose": ("Firehose", "stream"),
    "organizations": ("Organizations", "account_tree"),
    "cloudformation": ("CloudFormation", "layers"),
}


class Face(NamedTuple):
    """`title` is the full name; the browser cuts it to fit. `spoken` is the subtitle as a screen reader should say it."""

    title: str
    subtitle: str
    spoken: str
    icon: str
    chips: tuple[str, ...]
    malformed: bool


_SEEN: dict[int, tuple[Json, str, str, Face]] = {}
_SEEN_LIMIT = 20_000


def face(node: StateNode) -> Face:
    """The face of a state. A definition's values are never mutated, so the face of one already seen (the very object, under
    the same name) is remembered: an edit leaves nearly all states as they were.
    """
    known = _SEEN.get(id(node.value))
    if known is not None and known[0] is node.value and known[1] == node.name and known[2] == node.type:
        return known[3]
    made = _face(node)
    if len(_SEEN) >= _SEEN_LIMIT:
        _SEEN.clear()
    _SEEN[id(node.value)] = (node.value, node.name, node.type, made)
    return made


def _face(node: StateNode) -> Face:
    value = node.value
    if not isinstance(value, dict):
        return Face(node.name, "not an object", "malformed", "help_outline", (), malformed=True)
    if node.type not in TYPES:
        said = f"unknown type {node.type[:40]}" if node.type else "no type yet"
        return Face(node.name, said, said, "help_outline", _chips(value), malformed=True)
    subtitle, spoken, icon = _said(node.type, value)
    return Face(node.name, subtitle, spoken, icon, _chips(value), malformed=False)


def accessible(node: StateNode, shown: Face, leaving: Iterable[Transition], status: str | None = None) -> str:
    """Such as "Charge, Task, Lambda Invoke, failed, next: Notify; catch States.ALL goes to Refund"."""
    parts = [node.name, node.type or "state without type"]
    if shown.spoken and shown.spoken != node.type:
        parts.append(shown.spoken)
    if status:
        parts.append(status.replace("-", " "))
    ways: list[str] = []
    for transition in leaving:
        target = "the end" if transition.target == "__end__" else transition.target
        match transition.kind:
            case "choice":
                ways.append(f"if {transition.label or 'a rule'}: {target}")
            case "default":
                ways.append(f"otherwise: {target}")
            case "catch":
                ways.append(f"catch {transition.label or 'an error'} goes to {target}")
            case _ if transition.missing:
                ways.append("next: missing")
            case _:
                ways.append(f"next: {target}")
    said = ", ".join(parts)
    return f"{said}, {'; '.join(ways)}" if ways else said


def _said(kind: str, value: dict[str, Json]) -> tuple[str, str, str]:
    """Subtitle, the same spoken, icon."""
    icon = TYPE_ICONS[kind]
    match kind:
        case "Task":
            return _task(value)
        case "Wait":
            wait = _wait(value)
            return (f"Wait · {wait}" if wait else "Wait"), wait, icon
        case "Choice":
            rules = value.get("Choices")
            said = _count(len(rules) if isinstance(rules, list) else 0, "rule")
            return f"Choice · {said}", said, icon
        case "Fail":
            error = value.get("Error", value.get("ErrorPath"))
            return (f"Fail · {error[:60]}" if isinstance(error, str) else "Fail"), str(error or "")[:60], icon
        case "Parallel":
            branches = value.get("Branches")
            said = _count(len(branches) if isinstance(branches, list) else 0, "branch", "branches")
            return f"Parallel · {said}", said, icon
        case "Map":
            said = _map(value)
            distributed = _mode(value) == "DISTRIBUTED"
            return (f"Distributed Map · {said}" if distributed else f"Map · {said}"), said, icon
        case _:
            return kind, "", icon


_PSEUDO = re.compile(r"\$\{AWS::\w+\}")
"""CloudFormation's own placeholders, as in `arn:${AWS::Partition}:states:::sns:publish`."""


def _task(value: dict[str, Json]) -> tuple[str, str, str]:
    resource = value.get("Resource")
    if not isinstance(resource, str) or not resource:
        return "Task · no resource yet", "no resource yet", "bolt"
    parts = _PSEUDO.sub("", resource).split(":")
    if resource.startswith("arn:") and len(parts) >= 6:
        if parts[2] == "states" and not parts[3] and not parts[4]:
            tokens = parts[5:]
            if tokens[0] == "aws-sdk" and len(tokens) > 2:
                tokens = tokens[1:]
            name, icon = service(tokens[0])
            action, _, pattern = ":".join(tokens[1:]).partition(".")
            verb = action[:1].upper() + action[1:]
            suffix = {"": "", "waitForTaskToken": " · callback", "sync": " · wait", "sync:2": " · wait"}.get(pattern, f" · {pattern}")
            return f"{name} · {verb}{suffix}", f"{name} {verb}{suffix.replace(' ·', ',')}", icon
        if parts[2] == "lambda" and len(parts) >= 7:
            return f"Lambda · {parts[6]}", f"Lambda function {parts[6]}", "lambda"
        if parts[2] == "states" and len(parts) >= 7 and parts[5] == "activity":
            return f"Activity · {parts[6]}", f"Activity {parts[6]}", "pending_actions"
    short = resource if len(resource) <= 60 else resource[:57] + "…"
    return f"Task · {short}", short, "bolt"


def service(token: str) -> tuple[str, str]:
    """The name and the icon of a service by its token in a task resource."""
    known = _SERVICES.get(token.lower())
    if known:
        return known
    return (token.upper() if len(token) <= 3 else token[:1].upper() + token[1:]), "bolt"


def _wait(value: dict[str, Json]) -> str:
    if "Seconds" in value:
        seconds = value["Seconds"]
        return f"{seconds} s" if isinstance(seconds, (int, float)) else str(seconds)[:60]
    for key in ("SecondsPath", "Timestamp", "TimestampPath"):
        if key in value:
            said = str(value[key])[:60]
            return said if key == "SecondsPath" else f"until {said}"
    return ""


def _mode(value: dict[str, Json]) -> str:
    processor = value.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    mode = config.get("Mode") if isinstance(config, dict) else None
    return mode if isinstance(mode, str) else "INLINE"


def _map(value: dict[str, Json]) -> str:
    """Such as "×3, ≤ 10 at once", "each of $.items, all at once"."""
    items = value.get("Items", value.get("ItemsPath"))
    if isinstance(items, list):
        said = f"×{len(items)}"
    elif isinstance(items, str):
        said = f"each of {items[:40]}"
    elif "ItemReader" in value:
        said = "each item read"
    else:
        said = "each item"
    limit = value.get("MaxConcurrency", value.get("MaxConcurrencyPath"))
    if limit in (None, 0):
        return said
    return f"{said}, one at a time" if limit == 1 else f"{said}, ≤ {str(limit)[:30]} at once"


def _chips(value: dict[str, Json]) -> tuple[str, ...]:
    chips: list[str] = []
    for key, word in (("Retry", "retry"), ("Catch", "catch")):
        rules = value.get(key)
        if isinstance(rules, list) and rules:
            chips.append(f"{word} {len(rules)}")
    return tuple(chips)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
