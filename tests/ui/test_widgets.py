"""What the small parts of the pages make of values: durations, sizes, texts of fields, searches, lines."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.tree import MISSING
from studio.ui.commands import COMMANDS, Commands, search
from studio.ui.pages.home import file_name
from studio.ui.widgets.controls import seconds, size
from studio.ui.widgets.form import read_json, read_number, read_path, same


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.8421, "842 ms"),
        (0.9996, "1.0 s"),
        (3.24, "3.2 s"),
        (59.99, "1 m 0 s"),
        (250, "4 m 10 s"),
        (7500, "2 h 5 m"),
        (200000, "2 d 7 h"),
    ],
)
def test_seconds(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (999, "999 B"), (2048, "2.0 KB"), (246784, "241 KB"), (3 * 1024 * 1024, "3.0 MB")]
)
def test_size(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [("", MISSING), ("  ", MISSING), ("null", None), ('{"a": 1.0}', {"a": 1.0}), ("{% $x %}", "{% $x %}"), ('"text"', "text")],
)
def test_read_json(text: str, value: Any) -> None:
    assert read_json(text) == value


def test_broken_json_says_where_and_what_is_kept() -> None:
    with pytest.raises(ValueError, match=r"Line 2, column 3: .* The workflow keeps the last valid value\."):
        read_json("{\n  a: 1}")


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|Line"):
        read_json("[" * 100_000)


@pytest.mark.parametrize(("text", "value"), [("30", 30), ("1.50", 1.5), ("{% $n %}", "{% $n %}")])
def test_read_number(text: str, value: Any) -> None:
    assert same(read_number(text), value)


@pytest.mark.parametrize("text", ["x", "true", '"3"', "1,5"])
def test_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


def test_a_path_may_be_null() -> None:
    assert (read_path(" null "), read_path(" $.a ")) == (None, "$.a")


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [(1, 1.0, False), (True, 1, False), ([1], [1.0], False), ({"a": 1}, {"a": 1}, True), ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False)],
)
def test_same_is_equal_as_text(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("order", "order.asl.json"),
        (" a\\b ", "a/b.asl.json"),
        ("x.json", "x.asl.json"),
        ("x.yaml", "x.asl.yaml"),
        ("x.asl.yml", "x.asl.yml"),
        ("/etc/x", "etc/x.asl.json"),
        ("", ""),
    ],
)
def test_file_name(typed: str, path: str) -> None:
    assert file_name(typed) == path


class TestCommands:
    def test_search_ranks_beginnings_first(self) -> None:
        entries = [("a", "Zoom in"), ("b", "Show or hide the inspector"), ("c", "Insert Wait"), ("d", "Indent")]
        assert search("in", entries) == ["d", "c", "a", "b"] or search("in", entries)[0] in {"c", "d"}
        assert search("wait ins", entries) == ["c"]
        assert search("nothing like it", entries) == []

    def test_no_key_is_given_twice(self) -> None:
        keys = [key for command in COMMANDS.values() for key in command.keys]
        assert sorted(keys) == sorted(set(keys))

    async def test_a_disabled_command_says_why(self) -> None:
        done: list[str] = []
        commands = Commands()
        commands.bind("undo", lambda: done.append("undo"), lambda: None if not done else "Nothing to undo.")
        assert await commands.run("undo") is None
        assert await commands.run("undo") == "Nothing to undo."
        assert await commands.run("redo") == "Not available on this page."
        assert done == ["undo"]
