"""A run read without click means what click reads, or is left to click."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.commands.plain import plain
from studio.commands.run import command

WORDS = ["run", "a.json", "-", "-x", "--input", "--input={}", "{}", "[1]", "--mocks", "--case", "--name", "n", "--target", "aws", "sandbox"]
WORDS += ["--type", "EXPRESS", "express", "--quotas", "none", "--skip-waits", "--history", "h", "--allow-http", "host", "--help", "--", ""]


def by_click(arguments: list[str]) -> dict[str, object]:
    return command.make_context("run", arguments).params


@given(st.lists(st.sampled_from(WORDS), max_size=7))
def test_what_is_read_plainly_is_what_click_reads(words: list[str]) -> None:
    read = plain(["run", *words])
    if read is not None:
        assert {**by_click(["a.json"]), **read} == by_click(words)


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (["run", "a.json"], {"file": "a.json"}),
        (["run", "-", "--input", "-"], {"file": "-", "given": "-"}),
        (
            ["run", "--skip-waits", "a.json", "--input", "{}", "--type", "EXPRESS", "--quotas", "none", "--target", "aws", "--name", "n"],
            {"skip_waits": True, "file": "a.json", "given": "{}", "kind": "EXPRESS", "quotas": "none", "target": "aws", "name": "n"},
        ),
        (["run", "a.json", "--mocks", "m.json", "--case", "Happy"], {"file": "a.json", "mocks": "m.json", "case": "Happy"}),
        ([], None),
        (["validate", "a.json"], None),
        (["run"], None),
        (["run", "a.json", "b.json"], None),
        (["run", "a.json", "--input"], None),
        (["run", "a.json", "--input={}"], None),
        (["run", "a.json", "--input", "--skip-waits"], None),
        (["run", "a.json", "--quotas", "some"], None),
        (["run", "a.json", "--name", "a", "--name", "b"], None),
        (["run", "a.json", "--history", "h"], None),
        (["run", "--help"], None),
    ],
)
def test_the_plain_form(arguments: list[str], read: dict[str, object] | None) -> None:
    assert plain(arguments) == read


def test_every_option_with_its_choices_is_one_of_the_command() -> None:
    choices = {o: list(p.type.choices) for p in command.params if isinstance(p.type, click.Choice) for o in p.opts}
    assert {o: plain(["run", "f", o, v]) for o, values in choices.items() for v in values if plain(["run", "f", o, v]) is None} == {}


@pytest.mark.parametrize("module", ["click", "pathlib"])
def test_a_plain_run_does_not_import(module: str, tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    code = f"import sys; from studio.commands.plain import plainly; plainly(['run', 'a.asl.json']); sys.exit({module!r} in sys.modules)"
    env = {"XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""}
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=False).returncode == 0
