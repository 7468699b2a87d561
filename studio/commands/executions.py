"""`studio executions`: the runs of a workspace, or of an AWS account, as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import click

from studio.commands.where import Where, service, where_options
from studio.errors import StudioError
from studio.exec.arns import arn_in

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


@click.group("executions", epilog="Example: studio executions list --status FAILED")
def command() -> None:
    """List executions, show one, print its history. JSON goes to stdout, in the shapes of the AWS CLI."""


@command.command("list", epilog="Example: studio executions list --status FAILED --limit 20")
@click.option("--status", type=click.Choice(STATUSES), default=None, help="Only those of this status.")
@click.option("--state-machine", default=None, metavar="ARN", help="Only those of this state machine.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, help="How many, newest first.  [default: 100]")
@click.option(
    "--search", default="", metavar="WORDS", help="Only those with these words in input, output, error, name or states: error:Timeout …"
)
@where_options
def list_(status: str | None, state_machine: str | None, limit: int, search: str, **options: Any) -> None:
    """List executions, newest first: {"executions": [...]}."""
    where = Where(**options)
    if search and (where.on_aws or state_machine):
        raise StudioError(
            "--search looks in the runs of the workspace.", "AWS cannot search executions: leave --search or the other option out."
        )
    found = asyncio.run(_search(where, status, search, limit) if search else _list(where, status, state_machine, limit))
    _print({"executions": found})
    counts = {name: sum(item["status"] == name for item in found) for name in STATUSES}
    words = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    click.echo(f"{len(found)} execution{'' if len(found) == 1 else 's'}{f': {words}' if words else ''}", err=True)


async def _list(where: Where, status: str | None, machine: str | None, limit: int) -> list[dict[str, Any]]:
    wanted = {"statusFilter": status} if status else {}
    async with service(where, machine or "") as found:
        if where.on_aws and machine is not None:
            return list(await found.executions(machine, status or "", limit))
        if where.on_aws:
            machines = [
                item["stateMachineArn"]
                for item in await _all(found.list_state_machines, "stateMachines", 10_000)
                if item["type"] == "STANDARD"
            ]
        else:
            machines = [machine] if machine else [None]
        rows = [
            item
            for one in machines
            for item in await _all(found.list_executions, "executions", limit, **wanted, **({"stateMachineArn": one} if one else {}))
        ]
    return sorted(rows, key=lambda item: item["startDate"], reverse=True)[:limit]


async def _search(where: Where, status: str | None, words: str, limit: int) -> list[dict[str, Any]]:
    async with service(where) as found:
        answer: dict[str, Any] = {"notIndexed": 1}
        while answer["notIndexed"]:  # each question indexes some more of what is new
            answer = await found.search_executions(query=words, statusFilter=status, maxResults=1)
        return await _all(found.search_executions, "executions", limit, query=words, statusFilter=status)


async def _all(operation: Any, member: str, limit: int, **request: Any) -> list[dict[str, Any]]:
    """The first `limit` entries of a list that comes in pages."""
    found: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    while len(found) < limit:
        answer = await operation(maxResults=min(1000, limit - len(found)), **request, **token)
        found += answer[member]
        if not answer.get("nextToken"):
            break
        token = {"nextToken": answer["nextToken"]}
    return found


@command.command("show", epilog="Example: studio executions show ARN --export > run.json")
@click.argument("arn")
@click.option("--export", "whole", is_flag=True, help="The whole run: with definition and history, as `studio import` reads it.")
@where_options
def show(arn: str, whole: bool, **options: Any) -> None:
    """Show one execution: DescribeExecution's answer. ARN may be an address of the console."""
    where, arn = Where(**options), _arn(arn)
    run = asyncio.run(_show(where, arn, whole))
    _print(run)
    execution = run["execution"] if whole else run
    error = f": {execution['error']}: {execution.get('cause', '')}" if execution.get("error") else ""
    click.echo(f"{execution['name']}: {execution['status']}{error}", err=True)


async def _show(where: Where, arn: str, whole: bool) -> dict[str, Any]:
    from studio.exec.exported import export

    async with service(where, arn) as found:
        return await export(found, arn) if whole else await found.describe_execution(executionArn=arn)


@command.command("events", epilog="Example: studio executions events ARN --type TaskFailed")
@click.argument("arn")
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Only events of this type; may be given several times.")
@click.option("--no-data", is_flag=True, help="Leave inputs and outputs out.")
@where_options
def events(arn: str, kinds: tuple[str, ...], no_data: bool, **options: Any) -> None:
    """Print an execution's history: {"events": [...]}. ARN may be an address of the console."""
    where, arn = Where(**options), _arn(arn)
    found = asyncio.run(_events(where, arn, include_data=not no_data))
    shown = [event for event in found if not kinds or event["type"] in kinds]
    _print({"events": shown})
    click.echo(f"{len(shown)} of {len(found)} events" if kinds else f"{len(found)} events", err=True)


async def _events(where: Where, arn: str, *, include_data: bool) -> list[dict[str, Any]]:
    from studio.exec.exported import whole_history

    async with service(where, arn) as found:
        return await whole_history(found, arn, include_data=include_data)


def _arn(text: str) -> str:
    found = arn_in(text)
    if found is None:
        raise StudioError(f"{text[:120]!r} is not the ARN of an execution.", "See: studio executions list")
    return found


def _print(value: Any) -> None:
    from studio.exec.exported import jsonable

    sys.stdout.write(json.dumps(jsonable(value), indent=2, ensure_ascii=False) + "\n")
