"""Every page and panel as a picture, light and dark, 1440 and 1024 wide; and those that the README and the guides show.

python bench/pictures.py OUT [--only editor,config] [--docs]

OUT gets `NAME-WIDTH-THEME.png`. `--docs` makes only the few of `docs/images`, in place.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from ui import FLAGS, chromium, serve  # bench/ui.py

ROOT = Path(__file__).parents[1]
TEMPLATES = ("rfp-inline-map", "rfp-distributed-csv", "human-approval-loop", "sequential-chain", "call-patterns")
CHARGE: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "charge", "Payload": {"id.$": "$.id", "amount.$": "$.total"}},
    "ResultSelector": {"receipt.$": "$.Payload.receipt"},
    "ResultPath": "$.payment",
    "Assign": {"paid.$": "$.receipt"},
    "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.problem", "Assign": {"why.$": "$.Cause"}, "Next": "Tell the customer"}],
    "Next": "Pack and bill",
}
ORDERS: dict[str, Any] = {
    "Comment": "Charges an order, packs it and tells the customer",
    "StartAt": "Large order?",
    "States": {
        "Large order?": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.total", "NumericGreaterThan": 1000},
                        {"Or": [{"Variable": "$.country", "StringEquals": "CH"}, {"Not": {"Variable": "$.known", "BooleanEquals": True}}]},
                    ],
                    "Next": "Wait for approval",
                }
            ],
            "Default": "Charge",
        },
        "Wait for approval": {"Type": "Wait", "Seconds": 1, "Next": "Charge"},
        "Charge": CHARGE,
        "Pack and bill": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "Result": {"boxes": 2}, "End": True}}},
                {"StartAt": "Bill", "States": {"Bill": {"Type": "Pass", "Result": {"bill": "B-17"}, "End": True}}},
            ],
            "ResultPath": "$.done",
            "Next": "Shipped",
        },
        "Shipped": {"Type": "Succeed"},
        "Tell the customer": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:orders", "Message.$": "$.problem.Cause"},
            "Next": "Not paid",
        },
        "Not paid": {"Type": "Fail", "Error": "Orders.NotPaid", "CausePath": "$.problem.Cause"},
    },
}
RECEIPT = {"StatusCode": 200, "Payload": {"receipt": "R-2041"}}
THROTTLED = {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "Rate exceeded"}}
MOCKS: dict[str, Any] = {
    "StateMachines": {
        "orders": {
            "TestCases": {
                "Paid": {"Charge": "second try", "Tell the customer": "told"},
                "Throttled": {"Charge": "never", "Tell the customer": "no topic"},
            }
        }
    },
    "MockedResponses": {
        "second try": {"0": THROTTLED, "1": {"Return": RECEIPT}},
        "never": {"0-2": THROTTLED},
        "told": {"0": {"Return": {"MessageId": "1"}}},
        "no topic": {"0": {"Throw": {"Error": "Sns.NotFoundException", "Cause": "Topic does not exist"}}},
    },
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: where, and what is done there first. `{paid}` and `{failed}` in an address are runs."""

    address: str
    steps: tuple[Callable[[Any], Any], ...] = ()


def click(selector: str) -> Callable[[Any], Any]:
    return lambda page: page.locator(f"{selector}:visible").first.click()


def press(key: str) -> Callable[[Any], Any]:
    return lambda page: page.keyboard.press(key)


def typed(selector: str, text: str) -> Callable[[Any], Any]:
    return lambda page: page.locator(f"{selector}:visible").first.fill(text)


def command(words: str) -> tuple[Callable[[Any], Any], ...]:
    """A command by its words, from the command palette."""
    pause = lambda page: page.wait_for_timeout(400)  # noqa: E731
    return (press("Control+k"), pause, lambda page: page.keyboard.type(words), pause, press("Enter"))


ORDER, RFP, CSV = "/w/orders/orders.asl.json", "/w/rfp-inline-map/workflow.asl.json", "/w/rfp-distributed-csv/workflow.asl.json"
PICTURES: dict[str, Picture] = {
    "home": Picture("/"),
    "editor": Picture(f"{RFP}?state=Bedrock%20InvokeModel"),
    "split": Picture(f"{ORDER}?view=split&state=Charge"),
    "code": Picture(f"{ORDER}?view=code"),
    "config": Picture(f"{ORDER}?view=config"),
    "list": Picture(ORDER, command("List of the states")),
    "workflow": Picture(ORDER),
    "choice": Picture(f"{ORDER}?state=Large%20order%3F"),
    "task-input": Picture(f"{ORDER}?state=Charge", (click("[data-tab=state-input]"),)),
    "task-output": Picture(f"{ORDER}?state=Charge", (click("[data-tab=state-output]"),)),
    "task-variables": Picture(f"{ORDER}?state=Charge", (click("[data-tab=state-variables]"),)),
    "task-errors": Picture(f"{ORDER}?state=Charge", (click("[data-tab=state-errors]"),)),
    "definition": Picture(f"{ORDER}?state=Charge", (click("[data-tab=definition]"),)),
    "distributed": Picture(f"{CSV}?state=Answer%20Questions"),
    "patterns": Picture(ORDER, (click("[data-tab=patterns]"),)),
    "search": Picture(ORDER, (typed("input[data-palette-search]", "dyn put"),)),
    "adder": Picture(f"{ORDER}?state=Charge", (click('[data-state="Charge"]'), press("a"))),
    "problems": Picture(ORDER, (click("[data-tab=problems]"),)),
    "test-state": Picture(
        f"{ORDER}?state=Charge",
        (click('[data-state="Charge"]'), press("t"), lambda page: page.wait_for_timeout(800), press("Control+Enter")),
    ),
    "test-enlarged": Picture(
        f"{ORDER}?state=Charge",
        (
            click('[data-state="Charge"]'),
            press("t"),
            click("[data-panel=test] [data-tab=mock]"),
            lambda page: page.locator("[data-mock-mode]").select_option("result"),
            click("[data-enlarge]"),
            click("[data-panel=test] [data-command=test-again]"),
        ),
    ),
    "input": Picture(ORDER, (click("[data-tab=input]"),)),
    "mocks": Picture(ORDER, (click("[data-tab=mocks]"),)),
    "export": Picture(ORDER, command("Export as")),
    "versions": Picture(ORDER, command("Versions")),
    "deploy": Picture(ORDER, command("Deploy")),
    "convert": Picture(ORDER, command("Convert to")),
    "commands": Picture(ORDER, (press("Control+k"),)),
    "shortcuts": Picture(ORDER, (click('[data-state="Charge"]'), press("?"))),
    "runs": Picture("/runs"),
    "run": Picture("/runs/{failed}"),
    "timeline": Picture("/runs/{failed}?view=timeline"),
    "table": Picture("/runs/{failed}?view=table"),
    "events": Picture("/runs/{failed}?view=events"),
    "stages": Picture("/runs/{failed}?state=Charge", (click("[data-tab=stages]"),)),
    "compare-runs": Picture("/runs/compare?a={failed}&b={paid}"),
    "templates": Picture("/templates"),
    "tasks": Picture("/tasks"),
    "settings": Picture("/settings"),
    "nowhere": Picture("/w/nothing.asl.json"),
}
DOCS = {name: name for name in ("editor", "stages", "compare-runs", "config", "choice")} | {
    "run": "timeline",
    "test-state": "test-enlarged",
}
"""What the README and the guides show: file -> picture."""


def fill(folder: Path) -> None:
    for name in TEMPLATES:
        shutil.copytree(ROOT / "templates" / name, folder / name)
    orders = folder / "orders"
    orders.mkdir()
    for name, value in (
        ("orders.asl.json", ORDERS),
        ("orders.mocks.json", MOCKS),
        ("orders.input.json", {"id": "A-17", "total": 1240, "country": "CH", "known": True}),
    ):
        (orders / name).write_text(json.dumps(value, indent=2) + "\n", "utf-8")


def run(page: Any, address: str, case: str) -> str:
    """Runs a test case of the orders; the execution's ARN."""
    page.goto(address + ORDER)
    page.wait_for_selector("[data-state]")
    page.locator("[data-tab=input]").first.click()
    page.locator("select[data-case]:visible").first.select_option(case)
    page.wait_for_timeout(500)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-panel=run] .status[data-tone="succeeded"], [data-panel=run] .status[data-tone="failed"]')
    page.wait_for_timeout(600)
    for step in command("Open the run's page"):
        step(page)
    page.wait_for_url("**/runs/**")
    return str(page.url).partition("/runs/")[2].partition("?")[0]


def publish(page: Any, address: str) -> None:
    page.goto(f"{address}{ORDER}?view=config")
    page.locator("input[data-publish-description]").fill("Retries when it is throttled")
    page.locator("input[data-publish-alias]").fill("live")
    page.locator("[data-publish]").click()
    page.wait_for_selector(".published-row")


def take(page: Any, address: str, picture: Picture, runs: dict[str, str], file: Path) -> None:
    page.goto(address + picture.address.format(**runs))
    page.wait_for_timeout(1200)
    for step in picture.steps:
        step(page)
        page.wait_for_timeout(150)
    page.mouse.move(5, 450)
    page.wait_for_timeout(1200)
    page.screenshot(path=str(file))


def main() -> None:
    from playwright.sync_api import Error, sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", default="")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--widths", default="1440,1024")
    chosen = parser.parse_args()
    names = DOCS if chosen.docs else {n: n for n in chosen.only.split(",") if n} or {n: n for n in PICTURES}
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        fill(Path(name))
        server, address, _ = serve(Path(name))
        try:
            browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
            first = browser.new_page()
            runs = {case: run(first, address, title) for case, title in (("paid", "Paid"), ("failed", "Throttled"))}
            publish(first, address)
            first.close()
            for width in [1440] if chosen.docs else [int(w) for w in chosen.widths.split(",")]:
                for theme in ["light"] if chosen.docs else ["light", "dark"]:
                    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
                    page.set_default_timeout(8_000)
                    page.on("pageerror", lambda error: print(f"error in the page: {error}", file=sys.stderr))
                    for one, picture in names.items():
                        file = chosen.out / (f"{one}.png" if chosen.docs else f"{one}-{width}-{theme}.png")
                        try:
                            take(page, address, PICTURES[picture], runs, file)
                        except Error as problem:
                            print(f"{file.name}: {str(problem).splitlines()[0]}", file=sys.stderr)
            browser.close()
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
