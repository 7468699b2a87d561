"""A file that changes while it is open, and one that gets another name, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from gestures import command, opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

PAY: dict[str, Any] = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "Pay"}, "Pay": {"Type": "Pass", "Next": "Done"}, "Done": {"Type": "Succeed"}},
}


def test_another_program_writes_while_one_edits(studio: Any, open_page: Callable[..., Any]) -> None:
    file = studio.folder / "a.asl.json"
    file.write_text(json.dumps(PAY, indent=2))
    page = open_page(studio.at("a.asl.json?state=Pay"))
    opened(page)
    comment = page.locator('[data-field="/Comment"] textarea')
    comment.fill("mine")
    page.get_by_text("unsaved edit").wait_for()

    theirs = json.loads(json.dumps(PAY))
    theirs["States"]["A"]["Comment"] = "theirs"
    file.write_text(json.dumps(theirs, indent=2))  # elsewhere: merged by itself
    page.locator("[data-merged]", has_text="A changed").wait_for()
    page.locator("[data-seen-merge]").click()
    assert comment.input_value() == "mine"

    theirs["States"]["Pay"]["Comment"] = "theirs, too"
    theirs["States"]["Late"] = {"Type": "Fail"}
    file.write_text(json.dumps(theirs, indent=2))  # the same field: a person is asked
    page.locator("[data-conflicts]", has_text="Pay · Comment").wait_for()
    page.locator("[data-resolve]").click()
    page.locator('[data-conflict="Pay · Comment"] [data-side="disk"]').click()
    page.locator("[data-merge]").click()
    page.locator('[data-state="Late"]').wait_for()
    page.wait_for_function("() => document.querySelector('[data-field=\"/Comment\"] textarea')?.value === 'theirs, too'")
    page.keyboard.press("Control+z")
    page.locator('[data-state="Late"]').wait_for(state="detached")
    page.wait_for_function("() => document.querySelector('[data-field=\"/Comment\"] textarea')?.value === 'mine'")


def test_a_workflow_gets_another_name_while_it_is_open(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "a.asl.json").write_text(json.dumps(PAY, indent=2))
    page, other = open_page(studio.at("a.asl.json?state=Pay")), open_page(studio.at("a.asl.json"))
    opened(page)
    opened(other)
    command(page, "run")
    page.locator('[data-state="Done"][data-status="succeeded"]').wait_for()
    command(page, "rename-workflow")
    page.locator("input[data-new-name]").fill(f"{studio.folder.name}/shop/pay")
    page.keyboard.press("Enter")
    for one, address in ((page, "shop/pay.asl.json?state=Pay"), (other, "shop/pay.asl.json")):
        one.wait_for_url(studio.at(address))
        one.wait_for_function("() => document.title.startsWith('pay.asl.json')")
    page.goto(f"{studio.url}/runs?workflow={studio.folder.name}/shop/pay.asl.json")
    page.locator("[data-run]").first.wait_for()
    page.goto(studio.at("a.asl.json"))
    page.wait_for_url(studio.at("shop/pay.asl.json"))
