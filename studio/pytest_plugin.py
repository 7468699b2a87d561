"""The pytest plugin `asl-studio`: the fixture `asl`, and the coverage of states and transitions.

    def test_order(asl):
        run = asl("order.asl.json").run({"id": 7}, case="Happy")
        assert run.path == ["Validate", "Pay", "Ship"]

    pytest --asl-coverage                     a table of the states and transitions that no test reached
    pytest --asl-coverage-fail-under 90       and the session fails where less than 90 % of them were reached

Nothing of the studio is imported before a test asks for the fixture or the command line for the coverage. With pytest-xdist each worker
hands its part to the process that prints the table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from studio.testing.coverage import Coverage
    from studio.testing.workflow import Workflow

_WORKFLOWS = ("*.asl.json", "*.asl.yaml", "*.asl.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("asl-studio", "workflows in Amazon States Language")
    group.addoption("--asl-coverage", action="store_true", help="show the states and transitions of workflows that no test reached")
    group.addoption(
        "--asl-coverage-fail-under",
        type=float,
        default=None,
        metavar="PERCENT",
        help="fail where fewer states and transitions were reached (implies --asl-coverage)",
    )
    parser.addini("asl_workflows", "files and folders whose workflows count for --asl-coverage even if no test loads them", type="paths")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("asl_coverage") or config.getoption("asl_coverage_fail_under") is not None:
        config.pluginmanager.register(_Counting(config), "asl-studio-coverage")


@pytest.fixture
def asl(request: pytest.FixtureRequest) -> Callable[..., Workflow]:
    """`asl(PATH, placeholders={…})` loads a workflow; a relative path begins at the test file's folder, else at pytest's rootdir."""
    from studio.testing.workflow import load

    def load_here(path: str | Path, **more: Any) -> Workflow:
        beside = request.path.parent / path
        return load(beside if beside.is_file() else request.config.rootpath / path, **more)

    return load_here


class _Counting:
    """The part of the plugin that is there only with `--asl-coverage`."""

    def __init__(self, config: pytest.Config) -> None:
        from studio.testing.coverage import Coverage, counting

        self._config = config
        self._coverage: Coverage = Coverage()
        self._unread: list[str] = []
        self._open = ExitStack()
        self._open.enter_context(counting(self._coverage))

    def pytest_unconfigure(self) -> None:
        self._open.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["asl_coverage"] = self._coverage.to_json()
            return
        self._add_wanted()
        least = self._config.getoption("asl_coverage_fail_under")
        if least is not None and self._reached() < least and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._coverage.merge(getattr(node, "workeroutput", {}).get("asl_coverage", {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        from studio.testing.coverage import table

        figures = self._coverage.figures()
        terminalreporter.section("coverage of workflows")
        for line in self._unread:
            terminalreporter.line(line, yellow=True)
        if not figures:
            terminalreporter.line("No test loaded a workflow.")
            return
        for line in table(figures, self._config.invocation_params.dir):
            terminalreporter.line(line)
        least = self._config.getoption("asl_coverage_fail_under")
        if least is not None and self._reached() < least:
            terminalreporter.line(
                f"FAILED: less than {least:g}% of the states and transitions were reached ({self._reached():.2f}%).", red=True
            )

    def _reached(self) -> float:
        from studio.testing.coverage import percent

        return percent(self._coverage.figures())

    def _add_wanted(self) -> None:
        """The workflows that count whether or not a test loaded them."""
        from studio.asl.text import format_of, parse
        from studio.commands.files import read_text
        from studio.errors import StudioError

        for place in self._config.getini("asl_workflows"):
            files = sorted(file for pattern in _WORKFLOWS for file in place.rglob(pattern)) if place.is_dir() else [place]
            for file in files:
                try:
                    self._coverage.add(str(file), parse(read_text(str(file)), format_of(file.name)).root)
                except StudioError as error:
                    self._unread.append(f"asl_workflows: {file}: {error}")
