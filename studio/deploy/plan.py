"""What is to be done so that an account has a workflow: pure, from what is wanted and what was found to a list of steps.

    wanted   the workflow, where it goes, its role and alias
    found    what the account has under these names (`deploy.aws.look`)
    steps    log group, role, state machine (with a published version), tags, alias, in the order they must be carried out

A step is there only where something differs: deploying twice plans nothing the second time. Names follow AWS's console:
`/aws/vendedlogs/states/NAME-Logs`, `StepFunctions-NAME-role`. A role of that name that was not made here is never changed.

Errors: StudioError for what cannot be deployed as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never

from studio.asl.graph import build
from studio.asl.text import dump
from studio.asl.tree import Json
from studio.errors import StudioError
from studio.export.permissions import role_statements, trust
from studio.export.workflow import Workflow, placeholders

POLICY = "Workflow"
MADE_BY = ("managed-by", "asl-studio")
"""The tag of roles that are ours to change."""
LOG_DAYS = 14
MAX_POLICY = 10_240
"""Characters, without white space, that the inline policies of a role may have together."""
MAX_ROLE_NAME = 64
_ARN = re.compile(r"^arn:[\w-]+:[\w-]+:([\w-]*):(\d{12}):")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deployment goes."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the account is to have. `role`: the ARN of a role that is there already; None: one is made with the workflow's least privilege.
    `text`: the definition as it is sent.
    """

    workflow: Workflow
    place: Place
    text: str
    role: str | None = None
    alias: str | None = None

    @property
    def machine_arn(self) -> str:
        return self.place.arn("states", f"stateMachine:{self.workflow.machine_name}")

    @property
    def role_name(self) -> str:
        name = self.workflow.machine_name
        return f"StepFunctions-{name[: MAX_ROLE_NAME - len('StepFunctions--role')]}-role"

    @property
    def role_arn(self) -> str:
        return self.role or self.place.arn("iam", f"role/{self.role_name}", region=False)

    @property
    def log_group(self) -> str | None:
        """The name of the log group that the deployment makes; None where nothing is logged, or into one that exists."""
        return self.workflow.log_group_name if self.workflow.makes_log_group else None

    @property
    def policy(self) -> dict[str, Any] | None:
        """The role's policy; None where the workflow needs no permission."""
        place = self.place
        found = role_statements(self.workflow, partition=place.partition, region=place.region, account=place.account)
        return {"Version": "2012-10-17", "Statement": found} if found else None

    @property
    def request(self) -> dict[str, Any]:
        """The members that CreateStateMachine and UpdateStateMachine share."""
        workflow = self.workflow
        logging: dict[str, Any] = {"level": workflow.log_level, "includeExecutionData": workflow.log_data}
        if workflow.log_level != "OFF":
            group = workflow.log_group_arn or self.place.arn("logs", f"log-group:{self.log_group}:*")
            logging["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
        key = {
            "type": "CUSTOMER_MANAGED_KMS_KEY",
            "kmsKeyId": workflow.kms_key,
            "kmsDataKeyReusePeriodSeconds": workflow.kms_reuse,
        }
        return {
            "definition": self.text,
            "roleArn": self.role_arn,
            "loggingConfiguration": logging,
            "tracingConfiguration": {"enabled": workflow.tracing},
            **({"encryptionConfiguration": key} if workflow.kms_key else {}),
        }


@dataclass(frozen=True, slots=True)
class Role:
    """A role that was found. `ours`: it has our tag."""

    trust: Json
    policy: Json
    ours: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the account has. `machine` and `version` (the one the alias leads to) as DescribeStateMachine answers; `alias` is its routing."""

    machine: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict[str, str])
    role: Role | None = None
    log_group: bool = False
    alias: list[dict[str, Any]] | None = None
    version: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CreateLogGroup:
    name: str
    days: int = LOG_DAYS


@dataclass(frozen=True, slots=True)
class PutRole:
    """Make a role, or give it another trust or policy (`policy` None: it has none any more)."""

    name: str
    new: bool
    trust: dict[str, Any] | None
    policy: dict[str, Any] | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateMachine:
    name: str
    type: str
    request: dict[str, Any]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class UpdateMachine:
    """`changes` in words; without any it only publishes a version."""

    arn: str
    request: dict[str, Any]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagMachine:
    arn: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class PointAlias:
    """Let an alias lead to the version that was published just before."""

    machine_arn: str
    name: str
    new: bool


Step: TypeAlias = CreateLogGroup | PutRole | CreateMachine | UpdateMachine | TagMachine | PointAlias


def plan(wanted: Wanted, found: Found) -> list[Step]:
    """The steps, in order; none where everything is as it is wanted."""
    _check(wanted, found)
    steps: list[Step] = []
    if wanted.log_group is not None and not found.log_group:
        steps.append(CreateLogGroup(wanted.log_group))
    if wanted.role is None:
        steps += _role(wanted, found.role)
    published = False
    if found.machine is None:
        steps.append(CreateMachine(wanted.workflow.machine_name, wanted.workflow.type, wanted.request, wanted.workflow.tags))
        published = True
    else:
        if changes := differences(wanted, found.machine):
            steps.append(UpdateMachine(wanted.machine_arn, wanted.request, changes))
            published = True
        missing = {key: value for key, value in wanted.workflow.tags.items() if found.tags.get(key) != value}
        if missing:
            steps.append(TagMachine(wanted.machine_arn, missing))
    if wanted.alias is not None:
        current = found.alias is not None and len(found.alias) == 1 and found.version is not None and not differences(wanted, found.version)
        if published or not current:
            if not published:
                steps.append(UpdateMachine(wanted.machine_arn, wanted.request, ()))
            steps.append(PointAlias(wanted.machine_arn, wanted.alias, new=found.alias is None))
    return steps


def _check(wanted: Wanted, found: Found) -> None:
    open_ones = placeholders(wanted.workflow.root)
    if open_ones:
        raise StudioError(
            f"The definition has placeholders without a value: {', '.join(f'${{{name}}}' for name in open_ones)}.",
            'Give them in NAME.studio.json ({"placeholders": {…}}) or with --set NAME=VALUE.',
        )
    machine = found.machine
    if machine is not None and machine["type"] != wanted.workflow.type:
        raise StudioError(
            f"The state machine {wanted.workflow.machine_name} is {machine['type']}, and a state machine's type cannot be changed.",
            f"Deploy as {machine['type']}, or under another --name.",
        )
    if machine is not None and machine.get("status") == "DELETING":
        raise StudioError(f"The state machine {wanted.workflow.machine_name} is being deleted.", "Try again when it is gone.")
    if wanted.role is None and found.role is not None and not found.role.ours:
        raise StudioError(
            f"There is a role {wanted.role_name} already, which was not made by a deployment (it lacks the tag {'='.join(MADE_BY)}).",
            f"Use it with --role {wanted.role_arn}, or deploy under another --name.",
        )
    size = len(json.dumps(wanted.policy, separators=(",", ":"))) if wanted.role is None and wanted.policy else 0
    if size > MAX_POLICY:
        raise StudioError(
            f"The policy of the workflow has {size:,} characters; the inline policies of a role may have {MAX_POLICY:,}.",
            "Make a role with managed policies (studio export FILE --to iam) and name it with --role.",
        )


def _role(wanted: Wanted, found: Role | None) -> list[Step]:
    if found is None:
        return [PutRole(wanted.role_name, True, trust(), wanted.policy)]
    changes = tuple(
        word
        for word, old, new in (("trust", found.trust, trust()), ("policy", found.policy, wanted.policy))
        if _normal(old) != _normal(new)
    )
    return [PutRole(wanted.role_name, False, trust(), wanted.policy, changes)] if changes else []


def _normal(document: Any) -> Any:
    """A policy for comparison: one action or resource is the same as a list of it."""
    if not isinstance(document, dict):
        return document
    statements = document.get("Statement", [])
    return [
        {
            key: sorted(value) if isinstance(value, list) else [value] if key in {"Action", "Resource"} else value
            for key, value in one.items()
        }
        for one in (statements if isinstance(statements, list) else [statements])
    ]


def differences(wanted: Wanted, machine: dict[str, Any]) -> tuple[str, ...]:
    """What a state machine (or a version of it) has other than wanted, in words."""
    request = wanted.request
    found: list[str] = []
    try:
        old: Json = json.loads(machine["definition"])
    except ValueError:
        old = None
    if old != json.loads(wanted.text):
        found.append(_definition(old, wanted.workflow.root))
    if machine["roleArn"] != request["roleArn"]:
        found.append(f"role {machine['roleArn']} → {request['roleArn']}")
    old_logs, new_logs = _logging(machine.get("loggingConfiguration")), _logging(request["loggingConfiguration"])
    if old_logs != new_logs:
        found.append(f"logging {_beside(old_logs, new_logs)} → {_beside(new_logs, old_logs)}")
    traced = bool(machine.get("tracingConfiguration", {}).get("enabled"))
    if traced != request["tracingConfiguration"]["enabled"]:
        found.append(f"tracing {'on → off' if traced else 'off → on'}")
    key = request.get("encryptionConfiguration")
    if key is not None and machine.get("encryptionConfiguration") != key:  # a key that is not asked for is left as it is
        old_key = machine.get("encryptionConfiguration", {}).get("kmsKeyId", "the key AWS owns")
        found.append(f"encryption {old_key} → {key['kmsKeyId']}, kept for {key['kmsDataKeyReusePeriodSeconds']} s")
    return tuple(found)


def _logging(given: Any) -> tuple[str, ...]:
    """`("ALL", "with data", "to arn:…")`; what `OFF` leaves in the other members means nothing."""
    held = given or {}
    groups = [f"to {d.get('cloudWatchLogsLogGroup', {}).get('logGroupArn')}" for d in held.get("destinations") or []]
    level = held.get("level", "OFF")
    return (level, *(["with data"] if held.get("includeExecutionData") else []), *groups) if level != "OFF" else ("OFF",)


def _beside(logs: tuple[str, ...], other: tuple[str, ...]) -> str:
    """The level where the levels differ, else what the other has not."""
    level, *rest = logs
    return level if level != other[0] else " ".join([level, *(part for part in rest if part not in other)])


def _definition(old: Json, new: Json) -> str:
    """`definition: Pay added, Ship changed`."""
    before, after = ({node.name: node.value for node in build(root).states.values()} for root in (old, new))
    said = [f"{name} added" for name in after if name not in before]
    said += [f"{name} changed" for name, value in after.items() if name in before and before[name] != value]
    said += [f"{name} removed" for name in before if name not in after]
    return f"definition: {', '.join(said) or 'changed outside its states'}"


def told(step: Step) -> tuple[str, str, tuple[str, ...]]:
    """A step for people: `+` or `~`, what, and its details."""
    match step:
        case CreateLogGroup(name, days):
            return "+", f"log group {name}", (f"events are kept for {days} days",)
        case PutRole():
            permissions = [
                f"{', '.join(one['Action']) if isinstance(one['Action'], list) else one['Action']} on {_resources(one['Resource'])}"
                for one in (step.policy or {}).get("Statement", [])
            ]
            return "+" if step.new else "~", f"role {step.name}{_of(step.changes)}", tuple(permissions)
        case CreateMachine():
            logging = step.request["loggingConfiguration"]["level"]
            return "+", f"state machine {step.name}", (f"{step.type}, logging {logging}", "a version of it is published")
        case UpdateMachine():
            return "~", f"state machine {step.arn.rpartition(':')[2]}", (*step.changes, "a version of it is published")
        case TagMachine():
            return "~", f"tags {', '.join(f'{key}={value}' for key, value in step.tags.items())}", ()
        case PointAlias():
            return "+" if step.new else "~", f"alias {step.name}", ("leads to the version that is published",)
        case _:
            assert_never(step)


def _of(changes: tuple[str, ...]) -> str:
    return f": {', '.join(changes)}" if changes else ""


def _resources(given: Any) -> str:
    return ", ".join(given) if isinstance(given, list) else str(given)


def sent(text: str, root: dict[str, Json]) -> str:
    """The definition as it is sent: the file's own text where it is JSON and nothing was filled in, so that AWS's console shows it as written."""
    try:
        return text if json.loads(text) == root else dump(root)
    except ValueError:
        return dump(root)


def local_functions(wanted: Wanted, names: Sequence[str]) -> list[str]:
    """Those of the functions in a local folder that the definition calls as Lambda functions."""
    return sorted(name for name in names if f'"{name}"' in wanted.text or f":function:{name}" in wanted.text)


def notes(wanted: Wanted, functions: Sequence[str] = ()) -> list[str]:
    """What a person should know before deploying. `functions`: Lambda functions that stand in a local folder."""
    accounts: dict[str, None] = {}
    regions: dict[str, None] = {}
    pending: list[Json] = [wanted.workflow.root]
    while pending:
        value = pending.pop(0)
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str) and (arn := _ARN.match(value)):
            if arn[2] != wanted.place.account:
                accounts[arn[2]] = None
            if arn[1] and arn[1] != wanted.place.region:
                regions[arn[1]] = None
    found = [f"The definition names resources of another account ({account}); this one is {wanted.place.account}." for account in accounts]
    found += [f"The definition names resources of another Region ({region}); this one is {wanted.place.region}." for region in regions]
    found += [f"functions/{name}.py is not deployed: the Lambda function {name} must be there." for name in functions]
    return found
