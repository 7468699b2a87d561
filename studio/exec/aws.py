"""Real AWS behind the StepFunctions protocol, and its logs: every operation is a call of boto3 in a worker thread.

Concurrency model: one client, shared (boto3's clients are thread-safe); calls run in threads so that the caller's loop never waits.
Nothing is sent before the first call: opening the studio needs neither credentials nor a network.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from studio.errors import ServiceError
from studio.settings import is_loopback

if TYPE_CHECKING:
    from botocore.client import BaseClient

Call = Callable[..., Awaitable[dict[str, Any]]]


def _is_local(endpoint_url: str | None) -> bool:
    return is_loopback(urlsplit(endpoint_url).hostname or "") if endpoint_url else False


class _Aws:
    """One service of an AWS account, or of `endpoint_url`.

    Errors: ServiceError with AWS's own code and message; without credentials or network a code of ours and what to do.
    """

    SERVICE = ""

    def __init__(self, *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None) -> None:
        self._where = (profile, region, endpoint_url)
        self._client: BaseClient | None = None

    def _connect(self) -> BaseClient:
        if self._client is None:
            import boto3
            from botocore.config import Config

            profile, region, endpoint_url = self._where
            session = boto3.Session(profile_name=profile, region_name=region)
            keys: dict[str, Any] = {}
            attempts = 8
            if _is_local(endpoint_url):  # a studio takes any signature and throttles nobody
                attempts = 1
                region = session.region_name or "us-east-1"
                if session.get_credentials() is None:
                    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
            config = Config(retries={"mode": "adaptive", "max_attempts": attempts}, inject_host_prefix=endpoint_url is None)
            self._client = session.client(self.SERVICE, endpoint_url=endpoint_url, region_name=region, config=config, **keys)
        return self._client

    def _invoke(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = getattr(self._connect(), method)(**arguments)
        except ValueError as error:  # boto3's word for an endpoint that is no URL
            raise ServiceError("InvalidEndpoint", f"AWS could not be asked: {error}.", 400) from error
        except ClientError as error:
            found = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            code, message = found.get("Code", "Unknown"), found.get("Message") or str(error)
            raise ServiceError(code, message, status, self._remedy(code, message)) from error
        except BotoCoreError as error:
            code, message = type(error).__name__, f"AWS could not be asked: {str(error).rstrip('.')}."
            hint = self._remedy(code, message) or "Choose a profile and a Region with --profile and --region, or sign in with the AWS CLI."
            raise ServiceError(code, message, 503, hint) from error
        return {k: v for k, v in answer.items() if k != "ResponseMetadata"}

    def _remedy(self, code: str, message: str) -> str:
        from studio.exec.aws_remedies import remedy

        return remedy(code, message, self._where[0])

    async def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._invoke, method, arguments)


class AwsLogs(_Aws):
    """CloudWatch Logs."""

    SERVICE = "logs"

    async def filter_log_events(self, **request: Any) -> dict[str, Any]:
        return await self._call("filter_log_events", **request)


class AwsStepFunctions(_Aws):
    """Step Functions. Has the protocol's methods (`await aws.describe_execution(executionArn=…)`), with boto3's arguments and responses."""

    SERVICE = "stepfunctions"

    def logs(self) -> AwsLogs:
        """The logs of the same account and Region."""
        profile, region, endpoint_url = self._where
        return AwsLogs(profile=profile, region=region, endpoint_url=endpoint_url)

    def __getattr__(self, method: str) -> Call:
        from studio.catalogue.services import stepfunctions_methods

        if method not in stepfunctions_methods():
            raise AttributeError(method)
        return partial(self._call, method)
