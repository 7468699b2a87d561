"""A process that runs one execution on a store, to be killed: `python crash_child.py STORE DEFINITION INPUT NAME`. Prints `begun`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks


async def main(store: str, definition: str, given: str, name: str) -> None:
    mocks = Mocks.load(
        {
            "StateMachines": {"Workflow": {"TestCases": {"Happy": {"Pay": "Paid"}}}},
            "MockedResponses": {"Paid": {"0": {"Throw": {"Error": "Busy"}}, "1-9999": {"Return": {"paid": True}}}},
        }
    )
    service = LocalStepFunctions(Path(store))
    await service.start()
    if name:
        await service.run_definition(definition, given, name=name, mocks=mocks)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    for row in (await service.list_executions())["executions"]:
        await service.ended(row["executionArn"])
    await service.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
