"""What answers a Task: its mock, a Python function, an HTTP call, an AWS service … chosen by the resource, in this order.

A performer is a function `(RunTask) -> Returned | Failure` that may block; drivers run it in a thread. `at_once` answers what needs no
waiting.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from studio.asl.values import Failure
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Answer, Mocks, Returned, no_mock

if TYPE_CHECKING:
    from studio.exec.performers.http_task import Authorize

Performer: TypeAlias = Callable[[RunTask], Answer]


class Performers:
    """The world of one run. `functions` is the folder with `NAME.py` files that stand in for Lambda functions, `authorize` knows the
    credentials of connections, `more` adds performers by resource (`sqs:sendMessage`, `aws-sdk:s3:getObject`). `outside`: callbacks,
    activities and other executions are answered from outside (by the engine).
    """

    def __init__(
        self,
        *,
        mocks: Mocks | None = None,
        functions: Path | None = None,
        authorize: Authorize | None = None,
        more: dict[str, Performer] | None = None,
        outside: bool = False,
    ) -> None:
        self.mocks = mocks
        self.functions = functions
        self.authorize = authorize
        self._more = more or {}
        self._outside = outside

    def at_once(self, effect: RunTask) -> Answer | None:
        """The answer of a mocked task, or the failure of one that nothing answers; None where a performer must be asked."""
        if self.mocks is not None:
            answer = self.mocks.answer(effect.state.name, effect.ordinal)
            if answer is not None:
                return answer
        if self._find(effect) is None and not (self._outside and effect.resource.outside):
            return no_mock(effect.state.name, effect.resource.arn)
        return None

    def performs(self, effect: RunTask) -> bool:
        """Whether something here performs the task's request."""
        return self._find(effect) is not None

    def performer(self, effect: RunTask) -> Performer:
        found = self._find(effect)
        assert found is not None
        return found

    def _find(self, effect: RunTask) -> Performer | None:
        resource = effect.resource
        key = resource.kind if resource.kind in {"lambda", "activity"} else f"{resource.type}:{resource.action}"
        more = self._more.get(key)
        if more is not None:
            return more
        if key == "http:invoke":
            from studio.exec.performers import http_task

            return http_task.performer(self.authorize)
        if key in {"lambda", "lambda:invoke"} and (not resource.pattern or self._outside):
            return self._function(effect)
        return None

    def _function(self, effect: RunTask) -> Performer | None:
        """A Lambda function: its file beside the workflow, or else the endpoint that the environment names."""
        if self.functions is not None:
            from studio.exec.performers.function import performer_for

            found = performer_for(self.functions, effect)
            if found is not None:
                return found
        if os.environ.get("AWS_ENDPOINT_URL_LAMBDA") or os.environ.get("AWS_ENDPOINT_URL"):
            from studio.exec.performers import lambda_endpoint

            return lambda_endpoint.perform
        return None


__all__ = ["Answer", "Failure", "Mocks", "Performer", "Performers", "Returned", "no_mock"]
