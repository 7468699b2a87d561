"""The pytest plugin in a session of its own, and every example of its guide."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "pytest.md").read_text("utf-8")
INSTALLED = any(point.name == "asl-studio" for point in entry_points(group="pytest11"))
PLUGIN = ("-p", "no:cacheprovider", "-p", "no:asyncio", *(() if INSTALLED else ("-p", "studio.pytest_plugin")))


@pytest.fixture
def guide(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with the guide's files; blocks of the same name follow one another."""
    for name, text in re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE):
        with (pytester.path / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return pytester


def test_every_example_of_the_guide_runs(guide: pytest.Pytester) -> None:
    guide.runpytest(*PLUGIN).assert_outcomes(passed=8)


def test_the_table_names_what_no_test_reached(guide: pytest.Pytester) -> None:
    done = guide.runpytest(*PLUGIN, "--asl-coverage", "-k", "large_order")
    shown = GUIDE.partition("coverage of workflows")[2].splitlines()[1:7]
    done.stdout.fnmatch_lines([line.removeprefix("    ").replace("[", "[[]") for line in shown], consecutive=True)
    assert done.ret == 0


def test_everything_was_reached(guide: pytest.Pytester) -> None:
    done = guide.runpytest(*PLUGIN, "--asl-coverage-fail-under", "100")
    done.stdout.fnmatch_lines(["order.asl.json*5/5 100%*5/5 100%", "TOTAL*100%"], consecutive=True)
    assert done.ret == 0


def test_a_session_that_reaches_too_little_fails(guide: pytest.Pytester) -> None:
    done = guide.runpytest(*PLUGIN, "--asl-coverage-fail-under", "71", "-k", "large_order")
    done.stdout.fnmatch_lines(["FAILED: less than 71% of the states and transitions were reached (70.00%)."])
    assert done.ret == 1


def test_workers_hand_their_parts_on(guide: pytest.Pytester) -> None:
    done = guide.runpytest(*PLUGIN, "--asl-coverage", "-n", "2")
    done.stdout.fnmatch_lines(["order.asl.json*5/5 100%*5/5 100%"])
    done.assert_outcomes(passed=8)


def test_workflows_that_no_test_loads_are_counted_where_they_are_named(guide: pytest.Pytester) -> None:
    guide.makeini("[pytest]\nasl_workflows = flows\n")
    (flows := guide.path / "flows").mkdir()
    (flows / "lonely.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    (flows / "broken.asl.json").write_text("{")
    done = guide.runpytest(*PLUGIN, "--asl-coverage")
    done.stdout.fnmatch_lines(["asl_workflows: *broken.asl.json: line 1*", "flows/lonely.asl.json*0/1   0%*0/0 100%", "    not entered: A"])


def test_a_failed_run_tells_its_story(guide: pytest.Pytester) -> None:
    guide.makepyfile(
        test_story="def test_it(asl):\n    assert asl('order.asl.json').run({'id': 7, 'total': 1}, case='Declined').output == {}\n"
    )
    done = guide.runpytest(*PLUGIN, "test_story.py")
    done.stdout.fnmatch_lines(
        ["*The run has no output.", "*order: FAILED NotPaid: no money", "*  Pay: caught: CardDeclined", "*  Tell Customer: failed*"]
    )
    assert done.ret == 1


def test_the_plugin_costs_nothing_where_it_is_not_used() -> None:
    code = "import sys, studio.pytest_plugin as p; print([m for m in sys.modules if m.startswith('studio.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['studio.pytest_plugin']"


def test_the_package_offers_the_plugin_to_pytest() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"asl-studio": "studio.pytest_plugin"}
