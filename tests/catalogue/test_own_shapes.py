"""The parameters of integrations that botocore knows nothing of."""

from __future__ import annotations

import pytest

from studio.catalogue.actions import needed, parameters
from studio.catalogue.completion import completion
from studio.catalogue.optimized import OPTIMIZED
from studio.catalogue.own_shapes import own

ARN = "arn:aws:states:::"


@pytest.mark.parametrize("name", ["http:invoke", "apigateway:invoke"])
def test_every_parameter_of_the_integration_is_described(name: str) -> None:
    shape = own(name)
    assert shape is not None
    assert set(shape.members) == OPTIMIZED[name].parameters
    assert (shape.required, needed(name)) == (OPTIMIZED[name].required, OPTIMIZED[name].required)
    assert list(parameters(name))[:2] == ["ApiEndpoint", "Method"]
    assert [member for member, inner in shape.members.items() if not inner.documentation] == []


def test_the_harness_is_described_by_its_api() -> None:
    assert list(parameters("bedrockagentcore:invokeHarness"))[:3] == ["HarnessArn", "RuntimeSessionId", "Messages"]
    assert set(parameters("bedrockagentcore:invokeHarness")) == OPTIMIZED["bedrockagentcore:invokeHarness"].parameters


def test_nested_members_and_words_are_proposed() -> None:
    assert completion().values(f"{ARN}http:invoke", ("Transform", "RequestBodyEncoding")) == ("NONE", "URL_ENCODED")
    assert [m.name for m in completion().members(f"{ARN}http:invoke", ("Authentication",))] == ["ConnectionArn"]


@pytest.mark.parametrize("name", ["lambda:invoke", "Text", "eks:call"])
def test_what_is_described_elsewhere_or_nowhere(name: str) -> None:
    assert own(name) is None
