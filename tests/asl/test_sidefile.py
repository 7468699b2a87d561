from __future__ import annotations

import pytest

from studio.asl.sidefile import SideFile, Silence, filled, placeholders, read
from studio.errors import StudioError

TEXT = """{
  "silenced": [
    {
      "rule": "ASL701",
      "state": "Pay",
      "reason": "retried by its caller"
    },
    {
      "rule": "ASL205",
      "reason": "later"
    }
  ],
  "placeholders": {
    "Delay": 30
  },
  "config": {
    "type": "EXPRESS"
  },
  "layout": {
    "Pay": [
      264,
      -8.5
    ]
  },
  "future": [
    1
  ]
}
"""
FILE = SideFile(
    (Silence("ASL701", "Pay", "retried by its caller"), Silence("ASL205", "", "later")),
    {"Delay": 30},
    {"type": "EXPRESS"},
    {"future": [1]},
    {"Pay": (264, -8.5)},
)


def test_a_file_is_read_and_written_back() -> None:
    assert read(TEXT) == FILE
    assert FILE.dump() == TEXT
    assert FILE.keys == {("Pay", "ASL701"), ("", "ASL205")}


def test_nothing_to_keep_is_no_file() -> None:
    assert read("") == SideFile()
    assert SideFile().dump() == ""


def test_changes() -> None:
    assert SideFile().silence("R", "A", "x").silence("R", "A", "y") == SideFile((Silence("R", "A", "y"),))
    assert SideFile().silence("R", "A", "x").heed("R", "A") == SideFile()
    assert SideFile().with_placeholder("a", 1).with_placeholder("a", None) == SideFile()
    assert SideFile().with_config("type", "EXPRESS") == SideFile(config={"type": "EXPRESS"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "s.json is not JSON"),
        ("[" * 100_000, "s.json is nested too deeply"),
        ("[]", "holds an object"),
        ('{"layout": {"A": [1]}}', "layout/A is a place"),
        ('{"layout": {"A": [1e9, 0]}}', "layout/A is a place"),
        ('{"layout": {"A": [NaN, 0]}}', "layout/A is a place"),
        ('{"silenced": 1}', "'silenced' is an array"),
        ('{"silenced": [{}]}', "silenced/0 names no rule"),
        ('{"silenced": [{"rule": "A"}]}', "silenced/0 gives no reason"),
        ('{"silenced": [{"rule": "A", "reason": "x", "state": 1}]}', "silenced/0/state"),
        ('{"placeholders": []}', "'placeholders' is an object"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(StudioError, match=says.replace("[", r"\[")):
        read(text, "s.json")


def test_placeholders_are_found_and_filled() -> None:
    root = {"Seconds": "${Delay}", "Resource": "arn:${AWS::Partition}:x:${Name}", "a": ["${Name}"], "plain": "$ {x}"}
    assert placeholders(root) == {"Delay": [("Seconds",)], "AWS::Partition": [("Resource",)], "Name": [("Resource",), ("a", 0)]}
    assert filled(root, {"Delay": 30, "Name": "n"}) == {
        "Seconds": 30,
        "Resource": "arn:${AWS::Partition}:x:n",
        "a": ["n"],
        "plain": "$ {x}",
    }
    assert filled(root, {}) is root
