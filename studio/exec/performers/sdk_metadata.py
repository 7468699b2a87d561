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


def metadata(headers: Mapping[str, str], status: int, request: str) -> dict[str, Json]:
    """Both members, for an answer with these headers."""
    spelt = {_SPELT.get(name.lower(), name): value for name, value in headers.items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in spelt.items()},
            "HttpHeaders": dict(sorted(spelt.items(), key=lambda pair: pair[0].lower())),
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


__all__ = ["metadata", "of_function"]
