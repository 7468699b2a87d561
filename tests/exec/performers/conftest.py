"""HTTP servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from http_server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serving(Server())


@pytest.fixture
def second() -> Iterator[Server]:
    """Another host, as far as redirects go: another port."""
    yield from serving(Server())
