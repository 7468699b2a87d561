"""The account: what it has (`look`), and doing a plan's steps (`carry_out`), through boto3.

Theory of operation: nothing is changed before `carry_out`. IAM takes some seconds until a new role is known everywhere; until then Step Functions
refuses it, so that creating or updating the state machine is tried again for a while after the role was changed.

Errors: ServiceError with AWS's code and message; StudioError where AWS cannot be asked at all. A plan that fails half way can be made and
carried out again: what is done is found.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, assert_never
from urllib.parse import unquote, urlsplit

from studio.deploy.plan import (
    MADE_BY,
    POLICY,
    CreateLogGroup,
    CreateMachine,
    Found,
    Place,
    PointAlias,
    PutRole,
    Role,
    Step,
    TagMachine,
    UpdateMachine,
    Wanted,
)
from studio.errors import ServiceError, StudioError
from studio.settings import is_loopback

PATIENCE = (1, 2, 4, 8, 8, 8)
"""Seconds between tries while a new role spreads."""
_GONE = frozenset({"StateMachineDoesNotExist", "ResourceNotFound", "ResourceNotFoundException", "NoSuchEntity"})
_DESCRIPTION = "Deployed by ASL Studio"


def profiles() -> list[str]:
    """The profiles of the AWS configuration; none where it cannot be read."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.Session().available_profiles
    except BotoCoreError:
        return []


class Account:
    """An AWS account in a Region, or whatever answers at `endpoint_url`."""

    def __init__(
        self,
        *,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where = (profile, region, endpoint_url)
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._sleep = sleep

    def place(self, role: str | None = None) -> Place:
        """Where this is: the account of the role that is given, else of the caller. Errors: StudioError without a Region."""
        region = self._client("stepfunctions").meta.region_name
        if role is not None:
            parts = role.split(":")
            if len(parts) < 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
                raise StudioError(f"{role} is not the ARN of a role.", "It looks like arn:aws:iam::123456789012:role/NAME.")
            return Place(parts[4], region, parts[1])
        arn = self._ask("sts", "get_caller_identity")["Arn"]
        return Place(arn.split(":")[4], region, arn.split(":")[1])

    def look(self, wanted: Wanted) -> Found:
        """What the account has under the names of a deployment."""
        machine = self._maybe("stepfunctions", "describe_state_machine", stateMachineArn=wanted.machine_arn)
        tags: dict[str, str] = {}
        alias = version = None
        if machine is not None:
            if wanted.workflow.tags:
                listed = self._ask("stepfunctions", "list_tags_for_resource", resourceArn=wanted.machine_arn)["tags"]
                tags = {tag["key"]: tag["value"] for tag in listed}
            if wanted.alias is not None:
                arn = f"{wanted.machine_arn}:{wanted.alias}"
                alias = self._maybe("stepfunctions", "describe_state_machine_alias", stateMachineAliasArn=arn)
            if alias is not None:
                leads_to = alias["routingConfiguration"][0]["stateMachineVersionArn"]
                version = self._maybe("stepfunctions", "describe_state_machine", stateMachineArn=leads_to)
        return Found(
            machine=machine,
            tags=tags,
            role=None if wanted.role is not None else self._role(wanted.role_name),
            log_group=wanted.log_group is not None and self._has_log_group(wanted.log_group),
            alias=alias["routingConfiguration"] if alias is not None else None,
            version=version,
        )

    def _role(self, name: str) -> Role | None:
        found = self._maybe("iam", "get_role", RoleName=name)
        if found is None:
            return None
        policy = self._maybe("iam", "get_role_policy", RoleName=name, PolicyName=POLICY)
        tags = {tag["Key"]: tag["Value"] for tag in found["Role"].get("Tags", [])}
        return Role(
            _document(found["Role"].get("AssumeRolePolicyDocument")),
            _document(policy["PolicyDocument"]) if policy is not None else None,
            tags.get(MADE_BY[0]) == MADE_BY[1],
        )

    def _has_log_group(self, name: str) -> bool:
        found = self._ask("logs", "describe_log_groups", logGroupNamePrefix=name)
        return any(group["logGroupName"] == name for group in found["logGroups"])

    def carry_out(self, steps: list[Step], done: Callable[[Step], None] = lambda _step: None) -> dict[str, str]:
        """Do the steps in order; `done` hears of each. Answers the ARNs that came of them: `stateMachineArn`, `stateMachineVersionArn`,
        `stateMachineAliasArn`.
        """
        made: dict[str, str] = {}
        fresh_role = False
        for step in steps:
            match step:
                case CreateLogGroup(name, days):
                    self._ask("logs", "create_log_group", logGroupName=name)
                    self._ask("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
                case PutRole():
                    self._put_role(step)
                    fresh_role = True
                case CreateMachine():
                    tags = [{"key": key, "value": value} for key, value in step.tags.items()]
                    request = {**step.request, "name": step.name, "type": step.type, **({"tags": tags} if tags else {})}
                    made |= self._machine("create_state_machine", request, patient=fresh_role)
                case UpdateMachine():
                    made |= self._machine("update_state_machine", {**step.request, "stateMachineArn": step.arn}, patient=fresh_role)
                    made["stateMachineArn"] = step.arn
                case TagMachine():
                    tags = [{"key": key, "value": value} for key, value in step.tags.items()]
                    self._ask("stepfunctions", "tag_resource", resourceArn=step.arn, tags=tags)
                case PointAlias():
                    made["stateMachineAliasArn"] = self._point(step, made["stateMachineVersionArn"])
                case _:
                    assert_never(step)
            done(step)
        return made

    def _put_role(self, step: PutRole) -> None:
        if step.new:
            self._ask(
                "iam",
                "create_role",
                RoleName=step.name,
                AssumeRolePolicyDocument=json.dumps(step.trust),
                Description=f"Made by ASL Studio for the state machine of the role's name: {step.name}"[:1000],
                Tags=[{"Key": MADE_BY[0], "Value": MADE_BY[1]}],
            )
        elif "trust" in step.changes:
            self._ask("iam", "update_assume_role_policy", RoleName=step.name, PolicyDocument=json.dumps(step.trust))
        if step.policy is not None:
            self._ask("iam", "put_role_policy", RoleName=step.name, PolicyName=POLICY, PolicyDocument=json.dumps(step.policy))
        elif "policy" in step.changes:
            self._ask("iam", "delete_role_policy", RoleName=step.name, PolicyName=POLICY)

    def _machine(self, operation: str, request: dict[str, Any], *, patient: bool) -> dict[str, str]:
        waits = list(PATIENCE) if patient else []
        while True:
            try:
                answer = self._ask("stepfunctions", operation, **request, publish=True, versionDescription=_DESCRIPTION)
            except ServiceError as error:
                if not waits or not _spreads(error):
                    raise
                self._sleep(waits.pop(0))
            else:
                return {key: answer[key] for key in ("stateMachineArn", "stateMachineVersionArn") if key in answer}

    def _point(self, step: PointAlias, version: str) -> str:
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        if step.new:
            return self._ask("stepfunctions", "create_state_machine_alias", name=step.name, routingConfiguration=routing)[
                "stateMachineAliasArn"
            ]
        arn = f"{step.machine_arn}:{step.name}"
        self._ask("stepfunctions", "update_state_machine_alias", stateMachineAliasArn=arn, routingConfiguration=routing)
        return arn

    # Asking

    def _maybe(self, service: str, operation: str, **request: Any) -> dict[str, Any] | None:
        """The answer; None where what is asked about is not there."""
        try:
            return self._ask(service, operation, **request)
        except ServiceError as error:
            if error.code in _GONE:
                return None
            raise

    def _ask(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        client = self._client(service)
        try:
            answer = getattr(client, operation)(**request)
        except ClientError as error:
            told, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
            raise ServiceError(
                told.get("Code", "Unknown"), f"{service}: {told.get('Message') or error}", meta.get("HTTPStatusCode", 400)
            ) from error
        except ResponseParserError as error:  # an endpoint that serves Step Functions only, as a studio does
            raise StudioError(
                f"What answers at {self._where[2]} has no {service}.",
                "Where it is a studio, nothing but the state machine can be made: add --role arn:aws:iam::123456789012:role/ANY --logging OFF.",
            ) from error
        except BotoCoreError as error:
            raise StudioError(
                f"AWS could not be asked: {error}.", "Choose a profile and a Region with --profile and --region, or sign in."
            ) from error
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError

            profile, region, endpoint = self._where
            local = is_loopback(urlsplit(endpoint).hostname or "") if endpoint else False
            try:
                if self._session is None:
                    self._session = boto3.Session(profile_name=profile, region_name=region)
                keys = {}
                if local and self._session.get_credentials() is None:
                    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
                config = Config(retries={"mode": "standard", "max_attempts": 1 if local else 5}, inject_host_prefix=endpoint is None)
                where = self._session.region_name or ("us-east-1" if local else None)
                self._clients[service] = self._session.client(service, region_name=where, endpoint_url=endpoint, config=config, **keys)
            except (BotoCoreError, ValueError) as error:
                raise StudioError(
                    f"AWS could not be asked: {error}.", "Choose a profile and a Region with --profile and --region."
                ) from error
        return self._clients[service]


def _document(given: Any) -> Any:
    """A policy document: boto3 reads it, but for a text that is no JSON object."""
    if isinstance(given, str):
        try:
            return json.loads(unquote(given))
        except ValueError:
            return given
    return given


def _spreads(error: ServiceError) -> bool:
    """Whether a refusal may come of a role that is not known everywhere yet."""
    return error.code == "AccessDeniedException" or (
        "not authorized" in error.message and error.code in {"InvalidLoggingConfiguration", "InvalidArn"}
    )
