"""What the palette's search lists: services of one name are told apart, names of actions may be broken before a word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from studio.catalogue.search import Action
from studio.ui.panels.entries import EVERYTHING, matching
from studio.ui.panels.palette import breakable

SES = "Amazon Simple Email Service"


def test_actions_of_one_name_in_services_of_one_name_are_told_apart() -> None:
    found = [
        Action("aws-sdk:sesv2:sendEmail", SES, "SendEmail", optimized=False),
        Action("aws-sdk:ses:sendEmail", SES, "SendEmail", optimized=False),
        Action("aws-sdk:ses:sendBounce", SES, "SendBounce", optimized=False),
        Action("sns:publish", "Amazon SNS", "Publish", optimized=True),
    ]
    index: Any = SimpleNamespace(search=lambda query, many, used: found)
    shown = matching("zzz", [], {}, cast("Any", index))
    assert [(one.label, one.hint) for one in shown if one.group == EVERYTHING] == [
        ("SendEmail", f"{SES} · sesv2"),
        ("SendEmail", f"{SES} · ses"),
        ("SendBounce", SES),
        ("Publish", "Amazon SNS · optimized"),
    ]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("SendBulkTemplatedEmail", "Send\u200bBulk\u200bTemplated\u200bEmail"),
        ("CreateDBInstance", "Create\u200bDBInstance"),
        ("Retry, then dead-letter queue", "Retry, then dead-letter queue"),
    ],
)
def test_the_name_of_an_action_may_be_broken_before_a_word(label: str, shown: str) -> None:
    assert breakable(label) == shown
