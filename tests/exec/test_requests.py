"""What is said about names before AWS's own refusal."""

from __future__ import annotations

import pytest

from studio.errors import ServiceError
from studio.exec.requests import check_name, why_not_named


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("order-17", ""),
        ("Größe_1.2@x(y)", ""),
        ("x" * 80, ""),
        ("x" * 81, "An execution's name has at most 80 characters; this one has 81."),
        ("", "An execution's name has at least one character."),
        ("a b", "An execution's name cannot have a blank in it."),
        ("a/b:c/d", "An execution's name cannot have /, : in it."),
        ("a\tb", "An execution's name cannot have the control character U+0009 in it."),
    ],
)
def test_the_reason_why_not_is_the_refusal(name: str, reason: str) -> None:
    assert why_not_named(name) == reason
    if reason:
        with pytest.raises(ServiceError, match="Invalid Name"):
            check_name(name)
    else:
        check_name(name)
