"""Patterns of the workspace's own folder, and what the palette remembers of its use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.canvas.patterns import Pattern
from studio.store.workspace import Workspace
from studio.ui.own_patterns import file_of, own_patterns
from studio.ui.preferences import LONGEST_ANSWER, MOST_ANSWERS, RECENT, PreferenceFile

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_every_workflow_of_the_folder_is_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "patterns"
    folder.mkdir()
    (folder / "Two.asl.yaml").write_text("Comment: Both\nStartAt: A\nStates:\n  A: {Type: Pass, End: true}\n", "utf-8")
    (folder / "One.asl.json").write_text(json.dumps(PASS), "utf-8")
    for name, text in {"broken.asl.json": "{", "empty.asl.json": '{"States": {}}', "list.asl.json": "[]", "notes.txt": "x"}.items():
        (folder / name).write_text(text, "utf-8")
    (tmp_path / "other.asl.json").write_text(json.dumps(PASS), "utf-8")
    assert own_patterns(Workspace(tmp_path)) == {
        "pattern:own/One.asl.json": Pattern("pattern:own/One.asl.json", "One", "1 state", "push_pin", PASS),
        "pattern:own/Two.asl.yaml": Pattern("pattern:own/Two.asl.yaml", "Two", "Both", "push_pin", {"Comment": "Both", **PASS}),
    }


def test_one_open_file_has_no_patterns_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text(json.dumps(PASS), "utf-8")
    assert own_patterns(Workspace(tmp_path / "a.asl.json")) == {}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Ask first", "patterns/Ask first.asl.json"),
        (" ../a\\b:c ", "patterns/a b c.asl.json"),
        ("x" * 99, f"patterns/{'x' * 80}.asl.json"),
        ("État ✓", "patterns/État ✓.asl.json"),
    ],
)
def test_a_name_becomes_a_file(name: str, path: str) -> None:
    assert file_of(name) == path


@pytest.mark.parametrize("name", ["", "  ", "../..", "///"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        file_of(name)


def test_the_entries_used_last_are_remembered(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    kept = PreferenceFile(file)
    for entry in ("flow:Pass", "flow:Wait", "flow:Pass"):
        kept.used(entry)
    assert PreferenceFile(file).value.recent == ("flow:Pass", "flow:Wait")
    for number in range(20):
        kept.used(f"action:a:{number}")
    assert len(PreferenceFile(file).value.recent) == RECENT


@pytest.mark.parametrize("stored", ['{"recent": 7}', '{"recent": [1, null]}', '{"theme": "green"}', "[]"])
def test_preferences_that_make_no_sense_count_as_absent(tmp_path: Path, stored: str) -> None:
    file = tmp_path / "preferences.json"
    file.write_text(stored, "utf-8")
    assert PreferenceFile(file).value == PreferenceFile(None).value


def test_what_tables_showed_and_tasks_were_answered_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    kept = PreferenceFile(file)
    kept.remember("run-table.columns", "retries times")
    kept.remember("runs.status", "FAILED")
    kept.remember("runs.status", "")
    kept.answered("a.asl.json Ask", '{"approved": true}')
    kept.answered("a.asl.json Long", "x" * (LONGEST_ANSWER + 1))
    again = PreferenceFile(file)
    assert (again.value.looks, again.value.answers) == ({"run-table.columns": "retries times"}, {"a.asl.json Ask": '{"approved": true}'})
    assert (again.look("run-table.columns"), again.look("run-table.columns", "", "other"), again.look("none")) == ("retries times", "", "")
    for number in range(MOST_ANSWERS + 5):
        kept.answered(f"b {number}", "{}")
    assert list(PreferenceFile(file).value.answers) == [f"b {number}" for number in range(5, MOST_ANSWERS + 5)]
