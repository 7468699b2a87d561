"""The typed view: all eight types, both query languages, and malformed states that cost nothing but themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asl import model
from studio.asl.graph import build
from studio.asl.lint import lint
from studio.asl.text import format_of, parse

CORPUS = Path(__file__).parents[1] / "corpus" / "valid"


@pytest.mark.parametrize("chunk", range(4))
def test_every_state_of_a_valid_definition_has_a_view(chunk: int) -> None:
    malformed: dict[str, Any] = {}
    for record in json.loads((CORPUS / "index.json").read_text())[chunk::4]:
        path = CORPUS / record["file"]
        root = parse(path.read_text("utf-8"), format_of(path)).root
        if any(d.severity == "error" for d in lint(root)) or '"Fn::' in path.read_text("utf-8"):
            continue
        for node in build(root).states.values():
            if "${" in node.type:
                continue
            seen = model.view(node.value)
            if isinstance(seen, model.Malformed):
                malformed[f"{record['id']} {node.name}"] = seen.problems
            else:
                assert seen.Type == node.type
    assert malformed == {}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Pass", "End": True}, model.Pass(Type="Pass", End=True)),
        ({"Type": "Wait", "Seconds": "${Delay}", "Next": "B"}, model.Wait(Type="Wait", Seconds="${Delay}", Next="B")),
        (
            {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% 1 + 1 %}", "End": True},
            model.Wait(Type="Wait", QueryLanguage="JSONata", Seconds="{% 1 + 1 %}", End=True),
        ),
        ({"Type": "Fail", "Error": "E"}, model.Fail(Type="Fail", Error="E")),
        ({"Type": "Succeed", "Output": "{% 1 %}"}, model.Succeed(Type="Succeed", Output="{% 1 %}")),
        (
            {"Type": "Task", "Resource": "r", "Retry": [{"ErrorEquals": ["E"]}], "End": True},
            model.Task(Type="Task", Resource="r", Retry=[model.Retrier(ErrorEquals=["E"])], End=True),
        ),
    ],
)
def test_views_have_awss_defaults(state: Any, expected: Any) -> None:
    assert model.view(state) == expected


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"Type": "Task", "End": True}, ("Resource",)),
        ({"Type": "Choice", "Choices": [{"And": 3}]}, ("Choices", 0, "And")),
        ({"Type": "Parallel", "Branches": [{"StartAt": "A"}], "End": True}, ("Branches", 0, "States")),
        ({"Type": "Nope"}, ()),
        (3, ()),
    ],
)
def test_a_malformed_state_says_where(state: Any, place: tuple[Any, ...]) -> None:
    seen = model.view(state)
    assert isinstance(seen, model.Malformed)
    assert seen.problems[0][0] == place


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.dictionaries(st.sampled_from(["Type", "Next", "Retry", "Choices", "End"]), inner, max_size=4) | st.lists(inner, max_size=2)
        ),
        max_leaves=8,
    )
)
def test_a_view_is_total(state: Any) -> None:
    model.view(state)
