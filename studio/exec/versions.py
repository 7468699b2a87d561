"""Versions and aliases of state machines, and the tags of what has an ARN: kept with the state machines in the store's things.

Records: a version is a member of its machine's `versions`; an alias is `{name, machine, routes: [[version number, weight]], description,
created, updated}` by its ARN; tags are `{key: value}` by ARN.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from studio.errors import ServiceError
from studio.exec.paging import page
from studio.exec.requests import check_arn, when
from studio.exec.service import Response
from studio.exec.state_machines import Engine, StateMachines, check_tags, published, tags_of


class Versions:
    """The operations on versions, aliases and tags."""

    def __init__(self, engine: Engine, machines: StateMachines) -> None:
        self._engine, self._machines = engine, machines
        self._log = engine.log

    def _do(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return self._engine.in_engine(work)

    # -- versions ----------------------------------------------------------------------------------------------------
    async def publish_state_machine_version(self, **request: Any) -> Response:
        return await self._do(lambda: self._published(request))

    def _published(self, request: dict[str, Any]) -> Response:
        """The version of the present revision: there is one at most, whatever its description."""
        arn = request["stateMachineArn"]
        machine = self._machines.unqualified(arn)
        revision = request.get("revisionId")
        if revision is not None and revision != (machine["revision"] or "INITIAL"):
            raise ServiceError(
                "ConflictException",
                f"Failed to publish the State Machine version for revision {revision}. The current State Machine revision is "
                f"{machine['revision'] or 'INITIAL'}.",
            )
        version = machine["versions"][-1] if machine["versions"] else None
        if version is None or version["revision"] != machine["revision"]:
            published(machine, self._engine.now(), request.get("description", ""))
            self._log.put_thing("machine", arn, machine)
            version = machine["versions"][-1]
        return {"creationDate": when(version["created"]), "stateMachineVersionArn": f"{arn}:{version['number']}"}

    async def delete_state_machine_version(self, **request: Any) -> Response:
        check_arn(request["stateMachineVersionArn"], "stateMachine")
        await self._do(lambda: self._delete_version(request["stateMachineVersionArn"]))
        return {}

    def _delete_version(self, version: str) -> None:
        base, _, number = version.rpartition(":")
        aliases = self._log.things("alias").values()
        using = [a["name"] for a in aliases if a["machine"] == base and any(str(v) == number for v, _ in a["routes"])]
        if using:
            raise ServiceError(
                "ConflictException",
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: "
                f"[{', '.join(using)}]",
            )
        machine = self._log.get_thing("machine", base)
        if machine is not None:
            machine.setdefault("lastVersion", max((v["number"] for v in machine["versions"]), default=0))
            machine["versions"] = [v for v in machine["versions"] if str(v["number"]) != number]
            self._log.put_thing("machine", base, machine)

    async def list_state_machine_versions(self, **request: Any) -> Response:
        try:
            arn, machine = await self._machines.find(request["stateMachineArn"])
        except ServiceError as error:  # AWS's list of versions knows no machine that is not there
            raise ServiceError("InvalidArn", error.message.replace("State Machine Does Not Exist", "Invalid Arn")) from error
        found: list[dict[str, Any]] = [
            {"stateMachineVersionArn": f"{arn}:{v['number']}", "creationDate": when(v["created"])} for v in machine["versions"]
        ]
        shown, token = page(found, request, lambda version: (-int(version["stateMachineVersionArn"].rpartition(":")[2]), ""))
        return {"stateMachineVersions": shown, **token}

    # -- aliases -----------------------------------------------------------------------------------------------------
    async def create_state_machine_alias(self, **request: Any) -> Response:
        machine, routes = await self._routes(request["routingConfiguration"])
        arn = f"{machine}:{request['name']}"
        now = self._engine.now()
        alias = {
            "name": request["name"],
            "machine": machine,
            "routes": routes,
            "description": request.get("description", ""),
            "created": now,
            "updated": now,
        }
        known = await self._do(lambda: self._log.get_thing("alias", arn))
        if known is not None:
            if [tuple(r) for r in known["routes"]] != [tuple(r) for r in routes] or known["description"] != alias["description"]:
                raise ServiceError(
                    "ConflictException",
                    "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
                )
            return {"stateMachineAliasArn": arn, "creationDate": when(known["created"])}
        await self._do(lambda: self._log.put_thing("alias", arn, alias))
        return {"stateMachineAliasArn": arn, "creationDate": when(now)}

    async def _routes(self, configuration: list[dict[str, Any]]) -> tuple[str, list[list[int]]]:
        """The machine, and version numbers with their weights."""
        arns = [route["stateMachineVersionArn"] for route in configuration]
        received = f"Received: [{', '.join(arns)}]"
        if len(set(arns)) < len(arns):
            raise ServiceError("ValidationException", f"Routing configuration must contain distinct state machine version ARNs. {received}")
        if sum(route["weight"] for route in configuration) != 100:
            raise ServiceError(
                "ValidationException",
                "Sum of routing configuration weights must equal 100. Received: ["
                + ", ".join(str(route["weight"]) for route in configuration)
                + "]",
            )
        machines: set[str] = set()
        routes: list[list[int]] = []
        for route in configuration:
            version = route["stateMachineVersionArn"]
            base, _, number = version.rpartition(":")
            machine = await self._do(lambda base=base: self._log.get_thing("machine", base))
            if machine is None or not any(str(v["number"]) == number for v in machine["versions"]):
                raise ServiceError("ValidationException", f"Routing configuration must contain state machine version ARNs. {received}")
            machines.add(base)
            routes.append([int(number), route["weight"]])
        if len(machines) != 1:
            raise ServiceError("ValidationException", f"Routing configuration must contain versions of one state machine. {received}")
        return machines.pop(), routes

    async def _alias(self, arn: str) -> dict[str, Any]:
        found = await self._do(lambda: self._log.get_thing("alias", arn))
        if found is None:
            check_arn(arn, "stateMachine")
            raise ServiceError("ResourceNotFound", "Request references a resource that does not exist.")
        return found

    async def describe_state_machine_alias(self, **request: Any) -> Response:
        arn = request["stateMachineAliasArn"]
        alias = await self._alias(arn)
        return {
            "stateMachineAliasArn": arn,
            "name": alias["name"],
            **({"description": alias["description"]} if alias["description"] else {}),
            "routingConfiguration": [{"stateMachineVersionArn": f"{alias['machine']}:{n}", "weight": w} for n, w in alias["routes"]],
            "creationDate": when(alias["created"]),
            "updateDate": when(alias["updated"]),
        }

    async def update_state_machine_alias(self, **request: Any) -> Response:
        arn = request["stateMachineAliasArn"]
        alias = await self._alias(arn)
        if "routingConfiguration" not in request and "description" not in request:
            raise ServiceError("ValidationException", "Either the description or the RoutingConfiguration must be specified")
        if "routingConfiguration" in request:
            _, alias["routes"] = await self._routes(request["routingConfiguration"])
        alias["description"] = request.get("description", alias["description"])
        alias["updated"] = self._engine.now()
        await self._do(lambda: self._log.put_thing("alias", arn, alias))
        return {"updateDate": when(alias["updated"])}

    async def delete_state_machine_alias(self, **request: Any) -> Response:
        arn = request["stateMachineAliasArn"]
        await self._alias(arn)
        await self._do(lambda: self._log.drop_thing("alias", arn))
        return {}

    async def list_state_machine_aliases(self, **request: Any) -> Response:
        arn = request["stateMachineArn"]
        base, machine = await self._machines.find(arn)
        del machine
        number = arn.removeprefix(base).removeprefix(":")
        aliases = await self._do(lambda: self._log.things("alias"))
        found: list[dict[str, Any]] = [
            {"stateMachineAliasArn": key, "creationDate": when(alias["created"])}
            for key, alias in aliases.items()
            if alias["machine"] == base and (not number or any(str(n) == number for n, _ in alias["routes"]))
        ]
        shown, token = page(found, request, lambda alias: (0, alias["stateMachineAliasArn"]))
        return {"stateMachineAliases": shown, **token}

    # -- tags --------------------------------------------------------------------------------------------------------
    def _tagged(self, arn: str) -> dict[str, str]:
        kind = "activity" if ":activity:" in arn else "machine"
        if self._log.get_thing(kind, arn) is None:
            check_arn(arn, "stateMachine", "activity")
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'")
        return self._log.get_thing("tags", arn) or {}

    async def tag_resource(self, **request: Any) -> Response:
        new = tags_of(request["tags"])
        await self._do(lambda: self._tag(request["resourceArn"], new, frozenset()))
        return {}

    async def untag_resource(self, **request: Any) -> Response:
        await self._do(lambda: self._tag(request["resourceArn"], {}, frozenset(request["tagKeys"])))
        return {}

    def _tag(self, arn: str, new: dict[str, str], gone: frozenset[str]) -> None:
        tags = {key: value for key, value in {**self._tagged(arn), **new}.items() if key not in gone}
        check_tags(tags)
        self._log.put_thing("tags", arn, tags)

    async def list_tags_for_resource(self, **request: Any) -> Response:
        tags = await self._do(lambda: self._tagged(request["resourceArn"]))
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
