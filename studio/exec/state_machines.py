"""State machines as the service keeps them: definitions with their versions and settings, in the store's things.

Record: `{name, definition, roleArn, type, created, updated, revision, logging, tracing, encryption, versions: [{number, definition, …}]}`
by the machine's ARN; times in seconds since the epoch.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, Protocol

from studio.errors import ServiceError
from studio.exec.driver import ACCOUNT
from studio.exec.requests import check_logging, check_name, new_uuid, page, when
from studio.exec.service import REGION, Response
from studio.store.eventlog import EventLog

_NAME = re.compile(r"[\w-]{1,80}")


def routed(routes: list[list[int]]) -> int:
    """The version an execution started through an alias runs, drawn by the weights."""
    return SystemRandom().choices([number for number, _ in routes], [weight for _, weight in routes])[0]


class Engine(Protocol):
    """What state machines need of the engine: its log, its thread, its clock, its compiler."""

    log: EventLog

    def now(self) -> float: ...

    async def in_engine(self, work: Callable[[], Any]) -> Any: ...

    def check(self, definition: str) -> None: ...


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
        check_logging(request.get("loggingConfiguration"))
        self._refuse(definition, kind)
        arn = f"arn:aws:states:{REGION.get()}:{ACCOUNT}:stateMachine:{name}"
        known = await self._do(lambda: self.log.get_thing("machine", arn))
        if known is not None:
            same = all(known.get(key) == request.get(key) for key in ("definition", "roleArn")) and known["type"] == kind
            if not same:
                raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
            return {"stateMachineArn": arn, "creationDate": when(known["created"])}
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
        answer: Response = {"stateMachineArn": arn, "creationDate": when(now)}
        if request.get("publish"):
            thing["versions"] = [
                {
                    "number": 1,
                    "definition": definition,
                    "created": now,
                    "description": request.get("versionDescription", ""),
                    "revision": "",
                }
            ]
            answer["stateMachineVersionArn"] = f"{arn}:1"
        tags = request.get("tags")
        await self._do(lambda: self._keep_machine(arn, thing, tags))
        return answer

    def _keep_machine(self, arn: str, thing: dict[str, Any], tags: list[dict[str, str]] | None) -> None:
        self.log.put_thing("machine", arn, thing)
        if tags:
            self.log.put_thing("tags", arn, {t["key"]: t.get("value", "") for t in tags})

    def _refuse(self, definition: str, kind: str) -> None:
        from studio.asl.lint import aws_refusal

        message = aws_refusal(definition, kind)
        if message is not None:
            raise ServiceError("InvalidDefinition", message)
        self._engine.check(definition)

    async def find(self, arn: str) -> tuple[str, dict[str, Any]]:
        """A state machine by its own, a version's or an alias's ARN; the machine's ARN and the record."""
        return await self._do(lambda: self.look_up(arn))

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
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return base, found

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
        arn, thing = await self.find(request["stateMachineArn"])
        definition = request.get("definition")
        if definition is not None:
            self._refuse(definition, thing["type"])
            thing["definition"] = definition
        thing["roleArn"] = request.get("roleArn", thing["roleArn"])
        thing["logging"] = request.get("loggingConfiguration", thing["logging"])
        thing["tracing"] = request.get("tracingConfiguration", thing["tracing"])
        thing["updated"] = self._engine.now()
        thing["revision"] = new_uuid()
        answer: Response = {"updateDate": when(thing["updated"]), "revisionId": thing["revision"]}
        if request.get("publish"):
            number = 1 + max((v["number"] for v in thing["versions"]), default=0)
            thing["versions"].append(
                {
                    "number": number,
                    "definition": thing["definition"],
                    "created": thing["updated"],
                    "description": request.get("versionDescription", ""),
                    "revision": thing["revision"],
                }
            )
            answer["stateMachineVersionArn"] = f"{arn}:{number}"
        await self._do(lambda: self.log.put_thing("machine", arn, thing))
        return answer

    async def delete(self, **request: Any) -> Response:
        arn = request["stateMachineArn"]

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
        return {
            "stateMachineArn": thing.get("version", arn),
            **more,
            "name": thing["name"],
            "status": "ACTIVE",
            "definition": thing["definition"],
            "roleArn": thing["roleArn"],
            "type": thing["type"],
            "creationDate": when(thing["created"]),
            "loggingConfiguration": thing["logging"],
            "tracingConfiguration": thing["tracing"],
            "encryptionConfiguration": thing["encryption"],
            **({"revisionId": thing["revision"]} if thing["revision"] else {}),
        }

    async def list_all(self, **request: Any) -> Response:
        things = await self._do(lambda: self.log.things("machine"))
        found = [
            {"stateMachineArn": arn, "name": t["name"], "type": t["type"], "creationDate": when(t["created"])} for arn, t in things.items()
        ]
        found_page, token = page(found, request)
        return {"stateMachines": found_page, **token}
