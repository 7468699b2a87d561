"""State machines as the service keeps them: definitions with their versions and settings, in the store's things.

Record: `{name, definition, roleArn, type, created, updated, revision, logging, tracing, encryption, versions: [{number, definition, …}]}`
by the machine's ARN; times in seconds since the epoch.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, Protocol

from studio.errors import ServiceError
from studio.exec.driver import ACCOUNT
from studio.exec.paging import page
from studio.exec.requests import check_arn, check_logging, check_name, check_role, new_uuid, when
from studio.exec.service import REGION, Response
from studio.store.eventlog import EventLog

OF_WORKFLOW = "asl-studio:workflow"
"""The tag that names the workflow of a state machine that the editor published, by its path in the workspace."""
_NAME = re.compile(r"[\w-]{1,80}")
MAX_TAGS = 50
_SETTINGS = {
    "definition": "definition",
    "roleArn": "roleArn",
    "logging": "loggingConfiguration",
    "tracing": "tracingConfiguration",
    "encryption": "encryptionConfiguration",
}
"""By member of a record: the member of UpdateStateMachine that changes it."""


def routed(routes: list[list[int]]) -> int:
    """The version an execution started through an alias runs, drawn by the weights."""
    return SystemRandom().choices([number for number, _ in routes], [weight for _, weight in routes])[0]


def qualifiers(machine: dict[str, Any]) -> dict[str, str]:
    """The ARNs of the version and the alias that a machine was found by."""
    return {key: machine[key] for key in ("version", "alias") if key in machine}


class Engine(Protocol):
    """What state machines need of the engine: its log, its thread, its clock, its compiler."""

    log: EventLog

    def now(self) -> float: ...

    async def in_engine(self, work: Callable[[], Any]) -> Any: ...

    def check(self, definition: str) -> None: ...


def variable_references(definition: str) -> dict[str, Any]:
    """`variableReferences`: the variables each state reads; nothing where none reads any."""
    if "$" not in definition:
        return {}
    from studio.asl.rules.variables import references

    found = references(json.loads(definition))
    return {"variableReferences": found} if found else {}


def tags_of(given: list[dict[str, Any]] | None) -> dict[str, str]:
    """Tags by key. ServiceError `TooManyTags`, `ValidationException`."""
    unnamed = [
        f"Value null at 'tags.{number}.member.key' failed to satisfy constraint: Member must not be null"
        for number, tag in enumerate(given or (), 1)
        if tag.get("key") is None
    ]
    if unnamed:
        count = f"{len(unnamed)} validation error{'s' if len(unnamed) > 1 else ''} detected"
        raise ServiceError("ValidationException", f"{count}: {'; '.join(unnamed)}")
    tags = {tag["key"]: tag.get("value", "") for tag in given or ()}
    check_tags(tags)
    return tags


def check_tags(tags: dict[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ServiceError("TooManyTags", f"Number of tags cannot exceed {MAX_TAGS}")


def _check_publish(request: dict[str, Any]) -> None:
    if request.get("versionDescription") and not request.get("publish"):
        raise ServiceError("ValidationException", "Version description can only be set when publish is true")


def _same(member: str, new: Any, kept: Any) -> bool:
    """Whether a setting is what it was; definitions are compared as JSON."""
    return new == kept or (member == "definition" and json.loads(new) == json.loads(kept))


def published(machine: dict[str, Any], now: float, description: str) -> int:
    """Adds a version of a machine's present revision to it; its number, which no version had before."""
    number = 1 + machine.get("lastVersion", max((v["number"] for v in machine["versions"]), default=0))
    machine["lastVersion"] = number
    machine["versions"].append(
        {
            "number": number,
            "definition": machine["definition"],
            "created": now,
            "description": description,
            "revision": machine["revision"],
        }
    )
    return number


class StateMachines:
    """The operations on state machines."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.log = engine.log

    def _do(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return self._engine.in_engine(work)

    async def create(self, **request: Any) -> Response:
        name, definition = request["name"], request["definition"]
        kind = request.get("type", "STANDARD")
        check_name(name)
        _check_publish(request)
        check_role(request["roleArn"])
        check_logging(request.get("loggingConfiguration"))
        tags = tags_of(request.get("tags"))
        self._refuse(definition, kind)
        arn = f"arn:aws:states:{REGION.get()}:{ACCOUNT}:stateMachine:{name}"
        now = self._engine.now()
        thing: dict[str, Any] = {
            "name": name,
            "definition": definition,
            "roleArn": request["roleArn"],
            "type": kind,
            "created": now,
            "updated": now,
            "revision": "",
            "logging": request.get("loggingConfiguration") or {"level": "OFF", "includeExecutionData": False},
            "tracing": request.get("tracingConfiguration") or {"enabled": False},
            "encryption": request.get("encryptionConfiguration") or {"type": "AWS_OWNED_KEY"},
            "versions": [],
        }
        if request.get("publish"):
            published(thing, now, request.get("versionDescription", ""))
        kept = await self._do(lambda: self._created(arn, thing, tags))
        versions = {"stateMachineVersionArn": f"{arn}:1"} if request.get("publish") else {}
        return {"stateMachineArn": arn, "creationDate": when(kept["created"]), **versions}

    def _created(self, arn: str, thing: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
        """The machine, or the same one that is there already: another role and other tags do not make it another."""
        known = self.log.get_thing("machine", arn)
        if known is None:
            self.log.put_thing("machine", arn, thing)
            if tags:
                self.log.put_thing("tags", arn, tags)
            return thing
        same = all(known[member] == thing[member] for member in ("definition", "type", "logging", "tracing", "encryption"))
        first = [v["description"] for v in known["versions"] if v["number"] == 1]
        if not same or any(v["description"] not in first for v in thing["versions"]):
            raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        return known

    def _refuse(self, definition: str, kind: str) -> None:
        from studio.asl.lint import aws_refusal

        message = aws_refusal(definition, kind)
        if message is not None:
            raise ServiceError("InvalidDefinition", message)
        self._engine.check(definition)

    async def find(self, arn: str) -> tuple[str, dict[str, Any]]:
        """A state machine by its own, a version's or an alias's ARN; the machine's ARN and the record."""
        return await self._do(lambda: self.look_up(arn))

    async def workflow(self, arn: str) -> str:
        """The workflow that a state machine was published from, by its path in the workspace; empty where it was made otherwise."""
        return await self._do(lambda: self.published_from(arn))

    def published_from(self, arn: str) -> str:
        """`workflow`, in the engine's thread."""
        tags: dict[str, str] = self.log.get_thing("tags", arn) or {}
        return tags.get(OF_WORKFLOW, "")

    def renamed(self, old: str, new: str) -> None:
        """A workflow, or the template around some, has another path, in the engine's thread."""
        for arn, tags in self.log.things("tags").items():
            path = str(tags.get(OF_WORKFLOW, ""))
            if path == old or path.startswith(f"{old}#"):
                self.log.put_thing("tags", arn, {**tags, OF_WORKFLOW: new + path[len(old) :]})

    def look_up(self, arn: str, folder: str | None = None) -> tuple[str, dict[str, Any]]:
        """`find`, in the engine's thread. A machine that was never created is the Standard workflow `NAME.asl.json` of `folder`, if
        there is one: so that workflows of a folder may start each other.
        """
        parts = arn.split(":")
        base, qualifier = ":".join(parts[:7]), ":".join(parts[7:])
        found = self.log.get_thing("machine", base)
        if found is not None and qualifier:
            found = self._qualified(base, found, qualifier)
        if found is None and folder is not None and not qualifier:
            found = self._beside(parts[-1], Path(folder))
        if found is None:
            check_arn(arn, "stateMachine")
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return base, found

    async def settings(self, arn: str) -> dict[str, Any]:
        """How a state machine logs and traces; the defaults where it is gone, or was never created."""
        thing: dict[str, Any] = await self._do(lambda: self.log.get_thing("machine", arn)) or {}
        return {
            "loggingConfiguration": thing.get("logging") or {"level": "OFF", "includeExecutionData": False},
            "tracingConfiguration": thing.get("tracing") or {"enabled": False},
        }

    def unqualified(self, arn: str) -> dict[str, Any]:
        """A state machine by its own ARN, to be changed (in the engine's thread): its versions never change."""
        base, found = self.look_up(arn)
        if base != arn:
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return found

    def _beside(self, name: str, folder: Path) -> dict[str, Any] | None:
        """A workflow's file as the machine of its name. Errors: ServiceError `InvalidDefinition`."""
        file = folder / f"{name}.asl.json"
        if not _NAME.fullmatch(name) or not file.is_file():
            return None
        definition = file.read_text("utf-8")
        self._engine.check(definition)
        return {"name": name, "definition": definition, "type": "STANDARD", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/StepFunctionsLocal"}

    def _qualified(self, base: str, machine: dict[str, Any], qualifier: str) -> dict[str, Any] | None:
        """The machine as a version, or as the version an alias leads to, has it; `version` and `alias` are their ARNs."""
        alias = self.log.get_thing("alias", f"{base}:{qualifier}")
        number = str(routed(alias["routes"])) if alias is not None else qualifier
        version = next((v for v in machine["versions"] if str(v["number"]) == number), None)
        if version is None:
            return None
        more = {"alias": f"{base}:{qualifier}"} if alias is not None else {}
        return {**machine, "definition": version["definition"], "version": f"{base}:{number}", "published": version, **more}

    async def update(self, **request: Any) -> Response:
        arn, definition = request["stateMachineArn"], request.get("definition")
        if not any(name in request for name in _SETTINGS.values()) and not request.get("publish"):
            raise ServiceError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
            )
        _check_publish(request)
        kept = await self._do(lambda: self.unqualified(arn))
        if "roleArn" in request:
            check_role(request["roleArn"])
        check_logging(request.get("loggingConfiguration"))
        if definition is not None:
            self._refuse(definition, kept["type"])
        return await self._do(lambda: self._updated(arn, request))

    def _updated(self, arn: str, request: dict[str, Any]) -> Response:
        thing = self.unqualified(arn)
        changed = [name for name, asked in _SETTINGS.items() if asked in request and not _same(name, request[asked], thing[name])]
        for member in changed:
            thing[member] = request[_SETTINGS[member]]
        thing["updated"] = self._engine.now()
        if changed:
            thing["revision"] = new_uuid()
        answer: Response = {"updateDate": when(thing["updated"]), **({"revisionId": thing["revision"]} if thing["revision"] else {})}
        if request.get("publish"):
            last = thing["versions"][-1] if thing["versions"] else None
            known = last is not None and last["revision"] == thing["revision"]
            number = last["number"] if last and known else published(thing, thing["updated"], request.get("versionDescription", ""))
            answer["stateMachineVersionArn"] = f"{arn}:{number}"
        self.log.put_thing("machine", arn, thing)
        return answer

    async def delete(self, **request: Any) -> Response:
        arn = request["stateMachineArn"]
        check_arn(arn, "stateMachine")

        def drop() -> None:
            self.log.drop_thing("machine", arn)
            self.log.drop_thing("tags", arn)
            for alias, kept in self.log.things("alias").items():
                if kept["machine"] == arn:
                    self.log.drop_thing("alias", alias)

        await self._do(drop)
        return {}

    async def describe(self, **request: Any) -> Response:
        arn, thing = await self.find(request["stateMachineArn"])
        published = thing.get("published")
        if published is not None:
            more = {"description": published["description"]} if published["description"] else {}
            thing = {**thing, "created": published["created"], "revision": published["revision"]}
        else:
            more = {}
        bare = request.get("includedData") == "METADATA_ONLY"
        return {
            "stateMachineArn": thing.get("version", arn),
            **more,
            "name": thing["name"],
            "status": "ACTIVE",
            "definition": "{}" if bare else thing["definition"],
            "roleArn": thing["roleArn"],
            "type": thing["type"],
            "creationDate": when(thing["created"]),
            "loggingConfiguration": thing["logging"],
            "tracingConfiguration": thing["tracing"],
            "encryptionConfiguration": thing["encryption"],
            **({"revisionId": thing["revision"]} if thing["revision"] else {}),
            **({} if bare else variable_references(thing["definition"])),
        }

    async def list_all(self, **request: Any) -> Response:
        things = await self._do(lambda: self.log.things("machine"))
        found: list[dict[str, Any]] = [
            {"stateMachineArn": arn, "name": t["name"], "type": t["type"], "creationDate": when(t["created"])} for arn, t in things.items()
        ]
        found_page, token = page(found, request, lambda machine: (0, machine["stateMachineArn"]))
        return {"stateMachines": found_page, **token}
