"""`studio deploy`: a workflow to AWS, with the role, log group, version and alias it needs; the plan is shown first."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio.commands.files import definition_of, name_of, read_text, side_file
from studio.commands.where import aws_options
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.deploy.plan import Step, Wanted


@click.command("deploy", epilog="Example: studio deploy order.asl.json --profile dev --region eu-west-1 --alias live")
@click.argument("file")
@click.option("--name", default=None, help="The state machine's name.  [default: the workflow's]")
@click.option(
    "--type", "kind", type=click.Choice(["STANDARD", "EXPRESS"]), default=None, help="Its type.  [default: the workflow's, else STANDARD]"
)
@click.option("--role", default=None, metavar="ARN", help="A role that is there already.  [default: one is made with the least privilege]")
@click.option("--alias", default=None, help="An alias that is to lead to what is deployed, e.g. live.")
@click.option(
    "--logging",
    "level",
    type=click.Choice(["OFF", "ERROR", "FATAL", "ALL"]),
    default=None,
    help="What goes to CloudWatch Logs.  [default: the workflow's, else ERROR]",
)
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="The value of a placeholder; may be given several times.")
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan and change nothing.")
@click.option("--yes", is_flag=True, help="Carry the plan out without asking.")
@aws_options
def command(
    file: str,
    name: str | None,
    kind: str | None,
    role: str | None,
    alias: str | None,
    level: str | None,
    values: tuple[str, ...],
    only_plan: bool,
    yes: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
) -> None:
    """Create or update the state machine of FILE in an AWS account, with its role, log group, a version and an alias.

    The plan is shown first, on stderr. The ARNs go to stdout as JSON. Deploying the same again changes nothing. Exit 1: it was not carried out.
    """
    from studio.deploy.aws import Account
    from studio.deploy.plan import notes, plan

    account = Account(profile=profile, region=region, endpoint_url=endpoint_url)
    _refuse_errors(file, kind)
    wanted = _wanted(file, name, kind, role, alias, level, values, account)
    steps = plan(wanted, account.look(wanted))
    place = wanted.place
    click.echo(f"Account {place.account}, {place.region}{f', at {endpoint_url}' if endpoint_url else ''}", err=True)
    show(steps)
    for note in notes(wanted, _functions(file, wanted)):
        click.echo(f"note: {note}", err=True)
    made = {"stateMachineArn": wanted.machine_arn, **({"stateMachineAliasArn": f"{wanted.machine_arn}:{alias}"} if alias else {})}
    if only_plan or not steps:
        _print(made, steps, done=False)
        return
    if not yes and not _agreed():
        click.echo("Nothing was changed.", err=True)
        sys.exit(1)
    made |= account.carry_out(steps, _done)
    _print(made, steps, done=True)


def show(steps: list[Step]) -> None:
    """The plan, for people."""
    from studio.deploy.plan import told

    if not steps:
        click.echo("No change: everything is there as it is.", err=True)
    for step in steps:
        sign, what, details = told(step)
        click.echo(f"  {sign} {what}", err=True)
        for detail in details:
            click.echo(f"      {detail}", err=True)


def _done(step: Step) -> None:
    from studio.deploy.plan import told

    click.echo(f"done: {told(step)[1]}", err=True)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise StudioError(
            "Nobody is there to ask whether this is to be done.", "Say --yes to carry the plan out, or --plan to see it only."
        )
    return click.confirm("Carry this out?", default=False, err=True)


def _print(made: dict[str, str], steps: list[Step], *, done: bool) -> None:
    from studio.deploy.plan import told

    changes = [" ".join(told(step)[:2]) for step in steps]
    sys.stdout.write(json.dumps({**made, "changed": done, "steps": changes}, indent=2, ensure_ascii=False) + "\n")


def _refuse_errors(file: str, kind: str | None) -> None:
    from studio.commands.validate import check, render_text

    wrong = [found for found in check(file, kind=kind)[1] if found["severity"] == "error"]
    if wrong:
        click.echo(render_text(wrong, read_text(file)), err=True)
        raise StudioError(
            f"{file} has {len(wrong)} error{'' if len(wrong) == 1 else 's'}, so it is not deployed.", f"See: studio validate {file}"
        )


def _wanted(
    file: str,
    name: str | None,
    kind: str | None,
    role: str | None,
    alias: str | None,
    level: str | None,
    values: tuple[str, ...],
    account: Any,
) -> Wanted:
    from dataclasses import replace

    from studio.asl.embedded import is_template
    from studio.asl.sidefile import filled
    from studio.deploy.plan import Wanted, sent
    from studio.export.settings import configured

    parsed, read = definition_of(file)
    if is_template(read):
        raise StudioError(f"{file} is a template with state machines in it.", "Deploy it as you do now, with CloudFormation or SAM.")
    side = side_file(file)
    root = filled(read, {**side.placeholders, **_values(values)})
    assert isinstance(root, dict)
    workflow = configured(name_of(file), root, side.config)
    workflow = replace(
        workflow,
        name=name or workflow.name,
        type=kind or workflow.type,  # type: ignore[arg-type]
        log_level=level or workflow.log_level,  # type: ignore[arg-type]
    )
    role = role or workflow.role or None
    return Wanted(workflow, account.place(role), sent(parsed.text, root), role, alias)


def _values(given: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise StudioError(f"--set {pair}: write NAME=VALUE.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _functions(file: str, wanted: Wanted) -> list[str]:
    """The Lambda functions the definition names that stand in the folder `functions`."""
    from studio.deploy.plan import local_functions

    folder = Path(file).absolute().parent / "functions"
    return local_functions(wanted, [path.stem for path in folder.glob("*.py")] if folder.is_dir() else [])
