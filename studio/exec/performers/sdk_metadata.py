"""`SdkHttpMetadata` and `SdkResponseMetadata`: how an optimized integration tells the HTTP answer it had, as recorded from AWS.

{"SdkHttpMetadata": {"AllHttpHeaders": {name: [value]}, "HttpHeaders": {name: value}, "HttpStatusCode": 200},
 "SdkResponseMetadata": {"RequestId": …}}
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from email.utils import formatdate

from studio.asl.tree import Json

_SPELT = {
    name.lower(): name
    for name in (
        "Connection",
        "Content-Length",
        "Content-Type",
        "Date",
        "Server",
        "X-Amz-Executed-Version",
        "X-Amz-Log-Result",
        "X-Amzn-Trace-Id",
        "x-amz-crc32",
        "x-amzn-Remapped-Content-Length",
        "x-amzn-RequestId",
    )
}
"""Headers as AWS spells them."""


def metadata(headers: Mapping[str, str], status: int, request: str, *, spelt: bool = True) -> dict[str, Json]:
    """Both members, for an answer with these headers; `spelt` spells them as AWS mostly does."""
    told = {_SPELT.get(name.lower(), name): value for name, value in headers.items()} if spelt else dict(headers)
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in told.items()},
            "HttpHeaders": dict(sorted(told.items(), key=lambda pair: pair[0].lower())),
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def of_function(request: str, size: int) -> dict[str, Json]:
    """What Lambda's answer to an invocation looks like; `size` is the payload's, in bytes."""
    headers = {
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request,
        "Content-Length": str(size),
        "Date": formatdate(usegmt=True),
        "X-Amzn-Trace-Id": f"Root=1-{os.urandom(4).hex()}-{os.urandom(12).hex()};Parent={os.urandom(8).hex()};Sampled=0;Lineage=1:{os.urandom(4).hex()}:0",
        "Content-Type": "application/json",
    }
    return metadata(headers, 200, request)


def of_start(request: str, arn: str) -> dict[str, Json]:
    """What the answer of Step Functions to the start of an execution looks like."""
    answer = f'{{"executionArn":"{arn}","startDate":1.700000000123E9}}'
    headers = {
        "x-amzn-RequestId": request,
        "connection": "keep-alive",
        "Content-Length": str(len(answer)),
        "Date": formatdate(usegmt=True),
        "Content-Type": "application/x-amz-json-1.0",
    }
    return metadata(headers, 200, request, spelt=False)


__all__ = ["metadata", "of_function", "of_start"]
