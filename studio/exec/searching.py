"""Searching the executions of a workspace: the full-text index of the store, kept up to date beside the engine.

Concurrency model: a log in a file is searched and indexed in worker threads, over a connection of its own; one in memory in the engine's
thread. A search first takes in what has changed, as long as that is little; what is left is indexed by `keep_up`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from studio.errors import ServiceError
from studio.exec.answers import summary
from studio.exec.paging import last_of, token_of
from studio.exec.service import Response
from studio.store.eventlog import EventLog
from studio.store.search import RunIndex

T = TypeVar("T")
CHUNKS_BEFORE_SEARCH = 2
MOST = 1000
"""Executions one answer holds."""


class Engine(Protocol):
    log: EventLog

    def in_engine(self, work: Callable[[], T]) -> Awaitable[T]: ...


class Searching:
    """The operation `search_executions`, a local extension."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: RunIndex | None = None
        self._lock = asyncio.Lock()

    async def _index(self) -> RunIndex:
        async with self._lock:
            if self._made is None:
                path: Path | None = self._engine.log.path
                self._made = await self._do(lambda: RunIndex(path, self._engine.log))
            return self._made

    async def _do(self, work: Callable[[], T]) -> T:
        if self._engine.log.path is None:
            return await self._engine.in_engine(work)
        return await asyncio.to_thread(work)

    async def search_executions(self, **request: Any) -> Response:
        """`{query, statusFilter, workflow, maxResults, nextToken}` (all optional) -> `{executions, total, notIndexed, nextToken?}`.

        The executions are as in ListExecutions, with `error` and `workflow`; newest first, page after page by their keys. `notIndexed` counts those a search cannot find yet.
        """
        index = await self._index()
        limit, after = min(request.get("maxResults") or 200, MOST), last_of(request)
        text, status, workflow = request.get("query") or "", request.get("statusFilter") or None, request.get("workflow") or None

        def work() -> Response:
            left = index.refresh(CHUNKS_BEFORE_SEARCH)
            try:
                page = index.find(text, status=status, workflow=workflow, limit=limit, after=after)
            except ValueError as error:
                raise ServiceError("InvalidToken", "Invalid Token: 'It is of another search'") from error
            found = [{**summary(row), **({"error": row.error} if row.error else {})} for row in page.rows]
            more = {"nextToken": token_of(page.last)} if page.last is not None else {}
            return {"executions": found, "total": page.total, "notIndexed": left, **more}

        return await self._do(work)

    async def list_run_workflows(self) -> list[str]:
        """The workflows that have runs."""
        index = await self._index()
        return await self._do(index.workflows)

    async def keep_up(self) -> None:
        """Index what is stale, for good: in small steps with pauses, so that nothing has to wait for it."""
        index = await self._index()
        while not index.closed:
            left = await self._do(index.refresh)
            await asyncio.sleep(0.02 if left else 3)

    async def aclose(self) -> None:
        if self._made is not None and self._engine.log.path is not None:
            await asyncio.to_thread(self._made.close)
