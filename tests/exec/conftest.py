"""A local engine without a file, running."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from studio.exec.local import LocalStepFunctions


@pytest.fixture
async def service() -> AsyncIterator[LocalStepFunctions]:
    service = LocalStepFunctions(None)
    await service.start()
    yield service
    await service.aclose()


@pytest.fixture
def engine(service: LocalStepFunctions) -> LocalStepFunctions:
    return service
