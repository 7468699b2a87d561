"""What an export starts from: the definition with the settings that are not in it, and the resources it names.

Placeholders: `${Name}` in a definition is filled by CloudFormation's `DefinitionSubstitutions`, whose names are letters and digits (`${Pay.Arn}`
becomes `${PayArn}`). `substituted` makes such placeholders
of the resources that a definition names outright (ARNs, queue URLs, S3 URIs, table, bucket and function names), as AWS's own export
does, so that the exported template can be pointed at other resources without touching the definition.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-sam-sfn.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from studio.asl import graph
from studio.asl.embedded_settings import log_group_of
from studio.asl.tree import Json, Pointer, put, walk

PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_ANY_PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_.:-]*)\}")
LOG_ACTIONS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
TRACE_ACTIONS = ("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets")
_NAMED_OUTRIGHT = frozenset(
    {
        "FunctionName",
        "TableName",
        "QueueUrl",
        "TopicArn",
        "TargetArn",
        "StateMachineArn",
        "Bucket",
        "ConnectionArn",
        "Cluster",
        "TaskDefinition",
        "JobDefinition",
        "JobQueue",
        "JobName",
        "WorkGroup",
        "KnowledgeBaseId",
        "RoleArn",
    }
)
_FIXED = re.compile(r"^arn:[^:]*:(states:[^:]*:[^:]*:(?!activity:|stateMachine:|express:)|aws:)")
_BEDROCK = re.compile(r"^arn:[^:]*:bedrock:")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow to export. `text` is its file's own text, where that is to be kept byte for byte.

    `role`: the ARN of a role that exists, empty where the export makes one; `kms_key`: the ARN, id or alias of the customer managed key that
    encrypts, empty for the key AWS owns, with `kms_reuse` in seconds; `log_group`: the name of the log group to make or the ARN of one that exists,
    empty where the export names it; `fixed_name`: the state machine is to be called `name`, and not as
    CloudFormation likes.
    """

    name: str
    root: dict[str, Json]
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    text: str | None = None
    tracing: bool = False
    log_level: Literal["OFF", "ERROR", "FATAL", "ALL"] = "ERROR"
    log_data: bool = False
    tags: dict[str, str] = field(default_factory=dict[str, str])
    role: str = ""
    kms_key: str = ""
    kms_reuse: int = 300
    fixed_name: bool = False
    log_group: str = ""

    @property
    def log_group_arn(self) -> str | None:
        """The ARN of the log group that exists, as Step Functions wants it (`…:*`); None where the export makes one."""
        if not self.log_group.startswith("arn:"):
            return None
        return self.log_group if self.log_group.endswith(":*") else f"{self.log_group}:*"

    @property
    def log_group_name(self) -> str:
        """The name of the log group that an export or a deployment makes."""
        return self.log_group or log_group_of(self.machine_name)

    @property
    def makes_log_group(self) -> bool:
        """Whether an export has to make a log group."""
        return self.log_level != "OFF" and self.log_group_arn is None

    @property
    def identifier(self) -> str:
        """The name as a logical id: letters and digits, beginning with a letter (`Order pipeline` becomes `OrderPipeline`)."""
        words = re.findall(r"[A-Za-z0-9]+", self.name)
        joined = "".join(word[0].upper() + word[1:] for word in words) or "Workflow"
        return joined if joined[0].isalpha() else f"Workflow{joined}"

    @property
    def machine_name(self) -> str:
        """The name as AWS accepts it: at most 80 characters, none of them white space or special."""
        return re.sub(r"[^A-Za-z0-9_-]+", "-", self.name).strip("-")[:80] or "workflow"


@dataclass(frozen=True, slots=True)
class Substituted:
    """A definition with placeholders of letters and digits only, and what each stands for.

    `values`: the default (None: a value is to be given); `pseudo`: those that stand for one of CloudFormation's own (`AWS::Region`).
    """

    root: dict[str, Json]
    values: dict[str, str | None]
    pseudo: dict[str, str]


def placeholders(root: Json) -> list[str]:
    """The names of the definition's own placeholders as they are written, in document order."""
    found = (name for _, value in walk(root) if isinstance(value, str) for name in _ANY_PLACEHOLDER.findall(value))
    return list(dict.fromkeys(found))


def substituted(root: dict[str, Json], *, extract: bool = True) -> Substituted:
    """The definition with the resources it names turned into placeholders; `extract=False` keeps to those it has already."""
    values: dict[str, str | None] = {}
    pseudo: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        key = "".join(c for c in match[1] if c.isalnum())
        if match[1].startswith("AWS::"):
            pseudo[key] = match[1]
        else:
            values[key] = None
        return f"${{{key}}}"

    made: Json = root
    for pointer, value in list(walk(root)):
        if isinstance(value, str) and (new := _ANY_PLACEHOLDER.sub(plain, value)) != value:
            made = put(made, pointer, new)
    if extract:
        names: dict[str, str] = {}
        for node in graph.build(made).states.values():
            for pointer, value in _resources(node.pointer, node.value):
                if value not in names:
                    names[value] = _unused(_title(node.name) + _label(pointer), values)
                    values[names[value]] = value
                made = put(made, pointer, f"${{{names[value]}}}")
    assert isinstance(made, dict)
    return Substituted(made, values, pseudo)


def _resources(at: Pointer, state: Json) -> list[tuple[Pointer, str]]:
    """The strings of a state, but not of the states inside it, that name a resource outright."""
    found: list[tuple[Pointer, str]] = []
    pending: list[tuple[Pointer, Json]] = [(at, state)]
    while pending:
        pointer, value = pending.pop(0)
        match value:
            case dict():
                pending.extend(
                    ((*pointer, key), held)
                    for key, held in value.items()
                    if key not in {"States", "Branches", "Comment", "Result", "Output"}
                )
            case list():
                pending.extend(((*pointer, index), held) for index, held in enumerate(value))
            case str() if _names_resource(str(pointer[-1]), value):
                found.append((pointer, value))
            case _:
                pass
    return found


def _names_resource(key: str, value: str) -> bool:
    if key.endswith((".$", "Path")) or "${" in value or value.startswith(("$", "{%")) or _FIXED.match(value) or _BEDROCK.match(value):
        return False
    return value.startswith(("arn:", "s3://", "https://sqs.")) or (key in _NAMED_OUTRIGHT and bool(value))


def _title(text: str) -> str:
    return "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", text))


def _label(pointer: Pointer) -> str:
    return _title(next((str(part) for part in reversed(pointer) if not isinstance(part, int)), ""))


def _unused(name: str, taken: dict[str, str | None]) -> str:
    name = name[:200] or "Resource"
    if not name[0].isalpha():
        name = f"R{name}"
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate
