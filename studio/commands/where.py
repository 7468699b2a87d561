"""Whose executions a command speaks of: those of the workspace, or those on AWS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from studio.errors import StudioError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Where:
    """The options `--workspace --target --profile --region --endpoint-url`. An option of AWS's means AWS."""

    workspace: Path
    target: str | None
    profile: str | None
    region: str | None
    endpoint_url: str | None

    @property
    def on_aws(self) -> bool:
        return self.target == "aws" or (self.target is None and any((self.profile, self.region, self.endpoint_url)))


def aws_options(function: F) -> F:
    """`--profile`, `--region`, `--endpoint-url`."""
    for option in (
        click.option("--endpoint-url", default=None, help="Where AWS is, if not at AWS (a Step Functions endpoint)."),
        click.option("--region", default=None, help="AWS Region.  [default: that of the ARN, else the profile's]"),
        click.option("--profile", default=None, help="AWS profile."),
    ):
        function = option(function)
    return function


def where_options(function: F) -> F:
    """The options of `Where`."""
    target = click.option(
        "--target", type=click.Choice(["local", "aws"]), default=None, help="Executions of the workspace, or on AWS.  [default: local]"
    )
    workspace = click.option(
        "--workspace", default=".", type=click.Path(path_type=Path), help="A folder of the workspace.  [default: this one]"
    )
    return workspace(target(aws_options(function)))


def store_of(folder: Path) -> Path | None:
    """The event log of the workspace a folder is in: that of the nearest folder above with `.studio`. None where there is none."""
    here = folder.resolve()
    return next((f / ".studio" / "executions.sqlite" for f in (here, *here.parents) if (f / ".studio").is_dir()), None)


@asynccontextmanager
async def service(where: Where, arn: str = "") -> AsyncIterator[Any]:
    """Step Functions: the workspace's, without resuming anything, or AWS's. StudioError where the workspace has no runs."""
    if where.on_aws:
        from studio.exec.aws import AwsStepFunctions
        from studio.exec.remote import AwsRuns

        region = where.region or (arn.split(":")[3] if arn else None)
        yield AwsRuns(AwsStepFunctions(profile=where.profile, region=region, endpoint_url=where.endpoint_url), lambda: True)
        return
    path = store_of(where.workspace)
    if path is None or not path.is_file():
        raise StudioError(
            f"There are no runs in {where.workspace} or above it.", "Run a workflow there, or name another folder with --workspace."
        )
    from studio.exec.local import LocalStepFunctions

    engine = LocalStepFunctions(path, check=False)
    await engine.start(resume=False)
    try:
        yield engine
    finally:
        await engine.aclose()
