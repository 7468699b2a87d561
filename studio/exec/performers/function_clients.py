"""boto3 inside the functions that stand in for Lambda: the clients they make call the sandbox. Loaded by a function's process, not by the studio.

boto3's default session is replaced by one that adds the endpoint; what the environment names goes before the sandbox, and services that the
sandbox does not know keep boto3's own.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config


def install(address: Callable[[], str], outside: frozenset[str]) -> None:
    """From now on, clients call AWS services at `address`, which is asked for when one is made; those named in `outside` do not."""

    class Session(boto3.Session):
        def client(self, service_name: str, *more: Any, **given: Any) -> Any:  # type: ignore[override] - boto3 has an overload per service
            if given.get("endpoint_url") is None and service_name not in outside:
                name = f"AWS_ENDPOINT_URL_{service_name.replace('-', '_').upper()}"
                endpoint = os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL") or address()
                given = {**given, "aws_access_key_id": "local", "aws_secret_access_key": "local", "endpoint_url": endpoint}
                given["config"] = Config(s3={"addressing_style": "path"}).merge(given.get("config") or Config())
                if not more and given.get("region_name") is None:
                    given["region_name"] = "us-east-1"
            return super().client(service_name, *more, **given)  # type: ignore[call-overload]

    boto3.DEFAULT_SESSION = Session()
    boto3.Session = Session  # type: ignore[misc] - functions make sessions of their own too
