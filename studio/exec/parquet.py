"""Rows of a PARQUET object as items. Needs pyarrow, which the extra `parquet` installs: its 50 MB are not for everybody.

Errors: `ItemsError`.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from studio.asl.tree import Json
from studio.exec.items import ItemsError


def rows(data: bytes) -> Iterator[Json]:
    """One item per row. Dates and times become ISO 8601 texts, decimals numbers, bytes Base64: what JSON has no word for."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ItemsError("Reading PARQUET needs pyarrow: install it with pip install 'asl-studio[parquet]'.") from error
    try:
        for batch in ParquetFile(io.BytesIO(data)).iter_batches():
            for row in batch.to_pylist():
                yield _plain(row)
    except (ArrowException, OSError) as error:
        raise ItemsError(f"The object cannot be read as PARQUET: {error}.") from error


def _plain(value: Any) -> Json:
    match value:
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case bytes():
            return base64.b64encode(value).decode()
        case Decimal():
            return float(value) if value % 1 else int(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value
