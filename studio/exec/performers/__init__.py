"""What answers a Task: its mock, a Python function, an HTTP call, an AWS service … chosen by the resource, in this order.

A performer is a function `(RunTask) -> Returned | Failure` that may block; drivers run it in a thread. `at_once` answers what needs no
waiting.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from studio.asl.values import Failure
from studio.exec.effects import RunTask, StartMapRun
from studio.exec.performers.mock import Answer, Mocks, Returned, no_mock

if TYPE_CHECKING:
    from pathlib import Path

    from studio.asl.tree import Json
    from studio.exec.items import Reader
    from studio.exec.performers.connections import Authorize
    from studio.exec.performers.http_task import Watch
    from studio.store.eventlog import Row

BEDROCK = frozenset({"bedrock", "aws-sdk:bedrockruntime", "aws-sdk:bedrockagentruntime"})
"""Services of which a model server or a folder of documents may answer something."""
Performer: TypeAlias = Callable[[RunTask], Answer]


class Ongoing(Protocol):
    """A performer of something that goes on after its start: `told` hears what the start answered, `before` is that answer where the start was
    before a crash, `cancel` says that nobody waits any more.
    """

    told: Callable[[Json], None]
    before: Json

    def __call__(self, effect: RunTask, /) -> Answer: ...
    def cancel(self) -> None: ...


def ongoing(performer: Performer) -> Ongoing | None:
    """The performer, where it is an ongoing one."""
    return cast("Ongoing", performer) if hasattr(performer, "cancel") else None


class Performers:
    """The world of one run. `functions` is the folder with `NAME.py` files that stand in for Lambda functions, `folder` the workflow's (where
    it is not given: the one `functions` is in), `authorize` knows the
    credentials of connections, `more` adds performers by resource (`sqs:sendMessage`, `aws-sdk:s3:getObject`). `outside`: callbacks,
    activities and other executions are answered from outside (by the engine). `aws` gives the address of the services that no endpoint of
    the environment names (the sandbox's); `real`: they are AWS's own. `own` finds the engine's operations, for `aws-sdk:sfn`;
    `allow_http` gives the hosts that HTTP Tasks may call.
    """

    def __init__(
        self,
        *,
        mocks: Mocks | None = None,
        functions: Path | str | None = None,
        folder: Path | None = None,
        authorize: Authorize | None = None,
        more: dict[str, Performer] | None = None,
        outside: bool = False,
        aws: Callable[[], str] | None = None,
        real: bool = False,
        own: Callable[[str], Any] | None = None,
        allow_http: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self.mocks = mocks
        self._functions, self._folder = functions, folder
        self.authorize = authorize
        self._more = more or {}
        self._outside = outside
        self._aws, self.real, self._own = aws, real, own
        self._allow_http = allow_http
        self.watch: Watch | None = None
        """Is told of each HTTP request and its answer."""

    @property
    def functions(self) -> Path | None:
        from pathlib import Path

        return None if self._functions is None else Path(self._functions)

    @property
    def folder(self) -> Path | None:
        return self._folder or (self.functions.parent if self.functions is not None else None)

    def at_once(self, effect: RunTask) -> Answer | None:
        """The answer of a mocked task, or the failure of one that nothing answers; None where a performer must be asked."""
        if self.mocks is not None:
            answer = self.mocks.answer(effect.state.name, effect.ordinal)
            if answer is not None:
                return answer
        if self._find(effect) is None and not (self._outside and effect.resource.outside):
            return no_mock(effect.state.name, effect.resource.arn, self._instead(effect))
        return None

    def read_items(self, reader: Reader, region: str) -> list[Json] | Failure:
        """What a Distributed Map's ItemReader reads; blocks."""
        from studio.exec.performers import map_storage

        return map_storage.items_of(reader, self._aws, region, real=self.real)

    def write_results(self, effect: StartMapRun, arguments: dict[str, Json], rows: list[Row], region: str) -> Json | Failure:
        """What a Distributed Map's ResultWriter writes, and the Map's result; blocks."""
        from studio.exec.performers import map_storage

        return map_storage.written(effect.state.raw["ResultWriter"], arguments, rows, effect.arn, self._aws, region, real=self.real)

    def unfit(self, effect: RunTask) -> Failure | None:
        """Why AWS would not even schedule a service's task with its parameters. None where it would, where the answer is mocked, and where
        nothing here performs it.
        """
        resource = effect.resource
        if resource.type in {"lambda", "http"} or (
            self.mocks is not None and self.mocks.answer(effect.state.name, effect.ordinal) is not None
        ):
            return None
        if not (self._outside if resource.nested else self._service(effect) is not None):
            return None
        if resource.type in BEDROCK:
            from studio.exec.performers import bedrock

            if bedrock.performer_for(effect, self.folder, self._aws, real=self.real) is not None:
                return None  # a model of this machine finds for itself what it cannot take
        from studio.exec.performers import parameters

        return parameters.unfit(effect)

    def performs(self, effect: RunTask) -> bool:
        """Whether something here performs the task's request."""
        return self._find(effect) is not None

    def performer(self, effect: RunTask) -> Performer:
        found = self._find(effect)
        assert found is not None
        return found

    def _instead(self, effect: RunTask) -> str | None:
        """What to do where nothing answers a task, rather than mock it; None where there is nothing better to say."""
        resource = effect.resource
        if resource.pattern == "waitForTaskToken" and not self._outside:
            return "Nobody sends its token back to a run on the command line: mock it, or run it in the studio, where the page Tasks answers it."
        if resource.kind == "lambda" or resource.type == "lambda":
            from studio.exec.performers.function import missing

            return missing(self.functions, effect)
        if resource.kind in {"sdk", "service"} and "bedrock" in resource.type:
            from studio.exec.performers import bedrock

            return bedrock.missing(effect, self.folder)
        if resource.kind in {"sdk", "service"} and self._aws is not None and not resource.nested and resource.service != "http":
            return f"The sandbox has no {resource.type.removeprefix('aws-sdk:')}; an endpoint that AWS_ENDPOINT_URL names may answer, too."
        return None

    def _find(self, effect: RunTask) -> Performer | None:
        resource = effect.resource
        if resource.pattern == "waitForTaskToken" and not self._outside:
            return None  # nobody would send the token back
        key = resource.kind if resource.kind in {"lambda", "activity"} else f"{resource.type}:{resource.action}"
        more = self._more.get(key)
        if more is not None:
            return more
        if key == "http:invoke":
            from studio.exec.performers import http_task

            return http_task.performer(self.authorize, address=self._aws, real=self.real, allowed=self._allow_http, watch=self.watch)
        if key in {"lambda", "lambda:invoke"} and (not resource.pattern or self._outside):
            return self._function(effect)
        return self._service(effect)

    def _service(self, effect: RunTask) -> Performer | None:
        """An AWS service: at the endpoint the environment names, in the sandbox, or at AWS itself."""
        resource = effect.resource
        if resource.kind not in {"sdk", "service"} or resource.nested or resource.service == "http":
            return None
        if resource.type == "aws-sdk:sfn" and self._own is not None and not self.real:
            from studio.exec.performers import own_service

            return own_service.performer(self._own)
        if resource.type in BEDROCK:
            from studio.exec.performers import bedrock

            found = bedrock.performer_for(effect, self.folder, self._aws, real=self.real)
            if found is not None:
                return found
        if self._aws is None and not self.real and not any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
            return None
        from studio.exec.performers import aws_sdk
        from studio.exec.performers.sandbox import knows

        target = aws_sdk.target_of(effect)
        if target is None:
            return None
        sandboxed = self._aws if self._aws is not None and knows(target[0]) else None
        if not self.real and sandboxed is None and aws_sdk.endpoint_of(target[0], None) is None:
            return None
        return aws_sdk.performer(effect, sandboxed, real=self.real)

    def _function(self, effect: RunTask) -> Performer | None:
        """A Lambda function: its file beside the workflow, or else the endpoint that the environment names."""
        if self.functions is not None:
            from studio.exec.performers.function import performer_for

            found = performer_for(self.functions, effect, None if self.real else self._aws)
            if found is not None:
                return found
        if os.environ.get("AWS_ENDPOINT_URL_LAMBDA") or os.environ.get("AWS_ENDPOINT_URL"):
            from studio.exec.performers import lambda_endpoint

            return lambda_endpoint.perform
        return None


__all__ = ["Answer", "Failure", "Mocks", "Performer", "Performers", "Returned", "no_mock"]
