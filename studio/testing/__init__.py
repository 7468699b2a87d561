"""Tests of workflows: load a definition, run it with mocked tasks and virtual time, look at what every state did.

    from studio.testing import answers, fails, load

    run = load("order.asl.json").run({"id": 7}, mocks={"Pay": answers(fails("Busy"), {"paid": True})})
    assert run.path == ["Validate", "Pay", "Ship"]
    assert run.state("Pay").retries == 1
    assert run.output == {"shipped": True}

In pytest the fixture `asl` is `load`, with paths taken from the test's own folder. See docs/guides/pytest.md.
"""

from studio.testing.mocks import answers, fails
from studio.testing.run import Run, State
from studio.testing.workflow import Workflow, load

__all__ = ["Run", "State", "Workflow", "answers", "fails", "load"]
