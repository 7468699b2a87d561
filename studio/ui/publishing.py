"""A workflow as a state machine of the studio: made, brought up to date and published through Step Functions' own operations.

Theory of operation: as on AWS, the state machine has the definition that was saved last, a version the one that it was published with, and an
alias leads to a version. Publishing saves the file, updates the state machine where the text or a setting is another, and gives the text a
number; a text that has a number already keeps it. A tag of the machine (`OF_WORKFLOW`) names the workflow, so that saving never changes a state
machine that somebody made through the API under the same name.

Errors: StudioError (ServiceError with AWS's words) where the definition, a setting or a name is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from studio.deploy.plan import Place, Wanted, differences, sent
from studio.errors import ServiceError, StudioError
from studio.exec.service import REGION
from studio.exec.state_machines import OF_WORKFLOW

if TYPE_CHECKING:
    from datetime import datetime

    from studio.asl.tree import Json
    from studio.exec.local import LocalStepFunctions
    from studio.export.workflow import Workflow

ROLE = "StepFunctionsLocal"
ALIAS = re.compile(r"(?=.*[a-zA-Z_.-])[a-zA-Z0-9_.-]{1,80}")
"""An alias's name: not digits alone, which are a version's. Spec: API_CreateStateMachineAlias"""
MAX_DESCRIPTION = 256
"""Characters of a version's description. Spec: API_PublishStateMachineVersion"""
_ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True)
class Version:
    """`aliases`: (name, weight in per cent) of those that lead here; `changes`: what the text on the screen has other than it, in words."""

    number: int
    arn: str
    description: str
    at: datetime
    aliases: tuple[tuple[str, int], ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What a state machine has: its versions, the newest first."""

    arn: str
    versions: tuple[Version, ...] = ()

    @property
    def aliases(self) -> list[str]:
        return sorted({name for version in self.versions for name, _ in version.aliases})


def wanted(workflow: Workflow, text: str, root: dict[str, Json]) -> Wanted:
    """The state machine that a workflow is to be; `root` is the definition with its placeholders filled, `text` its file's."""
    place = Place(_ACCOUNT, REGION.get())
    return Wanted(workflow, place, sent(text, root), workflow.role or place.arn("iam", f"role/{ROLE}", region=False))


async def look(engine: LocalStepFunctions, machine: Wanted) -> Published:
    """The versions and aliases that there are."""
    arn = machine.machine_arn
    found = Published(arn)
    if await _described(engine, arn) is None:
        return found
    routes: dict[str, list[tuple[str, int]]] = {}
    for alias in await _every(engine.list_state_machine_aliases, "stateMachineAliases", stateMachineArn=arn):
        described = await engine.describe_state_machine_alias(stateMachineAliasArn=alias["stateMachineAliasArn"])
        for route in described["routingConfiguration"]:
            routes.setdefault(route["stateMachineVersionArn"], []).append((described["name"], route["weight"]))
    versions: list[Version] = []
    for listed in await _every(engine.list_state_machine_versions, "stateMachineVersions", stateMachineArn=arn):
        one = listed["stateMachineVersionArn"]
        held = await engine.describe_state_machine(stateMachineArn=one)
        versions.append(
            Version(
                int(one.rpartition(":")[2]),
                one,
                held.get("description", ""),
                listed["creationDate"],
                tuple(sorted(routes.get(one, ()))),
                differences(machine, held),
            )
        )
    return Published(arn, tuple(versions))


async def publish(engine: LocalStepFunctions, machine: Wanted, path: str, description: str = "", alias: str = "") -> tuple[str, bool]:
    """Gives the text a number, and lets the alias lead to it; answers the version's ARN and whether it is new."""
    if len(description) > MAX_DESCRIPTION:
        raise StudioError(f"The description has {len(description)} characters; a version's may have {MAX_DESCRIPTION}.")
    if alias and not ALIAS.fullmatch(alias):
        raise StudioError(f"An alias cannot be called {alias}.", "It has up to 80 letters, digits, - _ and ., and is not a number.")
    there = await _described(engine, machine.machine_arn)
    if there is None:
        made = await engine.create_state_machine(
            name=machine.workflow.machine_name,
            type=machine.workflow.type,
            tags=[{"key": key, "value": value} for key, value in _tags(machine, path).items()],
            publish=True,
            versionDescription=description,
            **machine.request,
        )
        version, new = made["stateMachineVersionArn"], True
    else:
        before = {
            v["stateMachineVersionArn"]
            for v in await _every(engine.list_state_machine_versions, "stateMachineVersions", stateMachineArn=machine.machine_arn)
        }
        await _bring_up(engine, machine, path, there)
        made = await engine.publish_state_machine_version(stateMachineArn=machine.machine_arn, description=description)
        version = made["stateMachineVersionArn"]
        new = version not in before
    if alias:
        await _point(engine, machine.machine_arn, alias, version)
    return version, new


async def follow(engine: LocalStepFunctions, machine: Wanted, path: str) -> bool:
    """After a save: brings the workflow's state machine, where it was published once, up to date; answers whether it did."""
    there = await _described(engine, machine.machine_arn)
    if there is None or there["type"] != machine.workflow.type:
        return False
    tags = await engine.list_tags_for_resource(resourceArn=machine.machine_arn)
    if {"key": OF_WORKFLOW, "value": path} not in tags["tags"]:
        return False
    return await _bring_up(engine, machine, path, there)


async def point(engine: LocalStepFunctions, version: Version, alias: str) -> None:
    """Lets an alias lead to a version, all of its executions."""
    if not ALIAS.fullmatch(alias):
        raise StudioError(f"An alias cannot be called {alias}.", "It has up to 80 letters, digits, - _ and ., and is not a number.")
    await _point(engine, version.arn.rpartition(":")[0], alias, version.arn)


async def _point(engine: LocalStepFunctions, arn: str, alias: str, version: str) -> None:
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    try:
        await engine.update_state_machine_alias(stateMachineAliasArn=f"{arn}:{alias}", routingConfiguration=routes)
    except ServiceError as error:
        if error.code != "ResourceNotFound":
            raise
        await engine.create_state_machine_alias(name=alias, routingConfiguration=routes)


async def _bring_up(engine: LocalStepFunctions, machine: Wanted, path: str, there: dict[str, Any]) -> bool:
    """Updates the state machine where something differs."""
    if there["type"] != machine.workflow.type:
        raise StudioError(
            f"The state machine {machine.workflow.machine_name} is {there['type']}, and a state machine's type cannot be changed.",
            "Give the workflow another name under Config, or its old type back.",
        )
    await engine.tag_resource(
        resourceArn=machine.machine_arn, tags=[{"key": key, "value": value} for key, value in _tags(machine, path).items()]
    )
    if not differences(machine, there):
        return False
    await engine.update_state_machine(stateMachineArn=machine.machine_arn, **machine.request)
    return True


def _tags(machine: Wanted, path: str) -> dict[str, str]:
    return {**machine.workflow.tags, OF_WORKFLOW: path}


async def _described(engine: LocalStepFunctions, arn: str) -> dict[str, Any] | None:
    try:
        return await engine.describe_state_machine(stateMachineArn=arn)
    except ServiceError as error:
        if error.code != "StateMachineDoesNotExist":
            raise
        return None


async def _every(operation: Any, member: str, **request: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = await operation(**request, **token)
        found += cast("list[dict[str, Any]]", answer[member])
        if not answer.get("nextToken"):
            return found
        token = {"nextToken": answer["nextToken"]}
