"""boto3 inside the functions that stand in for Lambda: while one runs in a sandbox, the clients it makes call the sandbox.

boto3's default session is replaced by one that looks, at every client that is made, whether the thread is running such a function; outside of
them it is the session it was. A client that a function makes while it is loaded stays as it is for the life of the module.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import boto3
from botocore.config import Config

from studio.exec.performers import NOT_IN_SANDBOX
from studio.exec.performers.aws_sdk import endpoint_of

_address: ContextVar[Callable[[], str] | None] = ContextVar("address", default=None)


class _Session(boto3.Session):
    def client(self, service_name: str, *more: Any, **given: Any) -> Any:  # type: ignore[override] - boto3 has an overload per service
        address = _address.get()
        if address is not None and given.get("endpoint_url") is None and service_name not in NOT_IN_SANDBOX:
            local = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "endpoint_url": endpoint_of(service_name, address)}
            given = {**given, **local}
            given["config"] = Config(s3={"addressing_style": "path"}).merge(given.get("config") or Config())
            if not more and given.get("region_name") is None:
                given["region_name"] = "us-east-1"
        return super().client(service_name, *more, **given)  # type: ignore[call-overload]


@contextmanager
def calling(address: Callable[[], str]) -> Generator[None]:
    """While this is entered, the thread's functions call AWS services at `address`, which is asked for when the first client is made."""
    if not isinstance(boto3.DEFAULT_SESSION, _Session):
        boto3.DEFAULT_SESSION = _Session()
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
