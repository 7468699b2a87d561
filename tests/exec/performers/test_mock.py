"""Mocks files that cannot be used: what is wrong, and where."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exec.performers.mock import MockError, Mocks


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ([], "A mocks file holds an object with 'StateMachines' and 'MockedResponses'."),
        ({"Pay": {"Return": 1}}, "There is no 'StateMachines' in the mocks file, but 'Pay'."),
        ({"MockedResponses": {}}, "There is no 'StateMachines' in the mocks file, but 'MockedResponses'."),
        ({"StateMachines": []}, "'StateMachines' in the mocks file must be an object."),
        ({"StateMachines": {"m": {"Happy": {}}}}, "There is no 'TestCases' in StateMachines/m, but 'Happy'."),
        ({"StateMachines": {"m": {"TestCases": {"Happy": 1}}}}, "'Happy' in StateMachines/m/TestCases must be an object."),
        (
            {"StateMachines": {"m": {"TestCases": {"Happy": {"A": "r"}}}}},
            "StateMachines/m/TestCases/Happy/A names the response 'r', which 'MockedResponses' does not have.",
        ),
    ],
)
def test_a_file_that_mocks_nothing_is_refused(config: Any, says: str) -> None:
    with pytest.raises(MockError) as refused:
        Mocks.load(config)
    assert refused.value.args[0] == says


@pytest.mark.parametrize("config", [{}, {"StateMachines": {}}, {"StateMachines": {"m": {}}}, {"StateMachines": {"m": {"TestCases": {}}}}])
def test_an_empty_file_mocks_nothing(config: Any) -> None:
    assert Mocks.load(config, machine="m").states() == []
