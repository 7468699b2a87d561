"""Every case of every template gives what its expected.json says, in JSONPath and in its JSONata twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from studio.asl.lint import lint
from studio.asl.tree import from_text, get, put
from studio.catalogue.parameters import catalogue
from studio.commands.files import side_file
from studio.exec.driver import run_once
from studio.exec.performers.mock import Mocks
from studio.gallery import templates
from studio.ui.gallery import picture

ROOT = Path(__file__).parents[1] / "templates"


def cases() -> list[Any]:
    found = []
    for folder in sorted(p.parent for p in ROOT.glob("*/expected.json")):
        expected = json.loads((folder / "expected.json").read_text())
        found.extend(
            pytest.param(folder, workflow.name, case, wanted, id=f"{folder.name}-{workflow.name.split('.')[1]}-{case}")
            for workflow in sorted(folder.glob("workflow*.asl.json"))
            for case, wanted in expected.items()
        )
    return found


def without(value: Any, pointers: list[str]) -> Any:
    for pointer in pointers:
        value = put(value, from_text(pointer, value), None)
    return value


@pytest.mark.parametrize(("folder", "workflow", "case", "wanted"), cases())
def test_a_template_gives_its_expected_output(folder: Path, workflow: str, case: str, wanted: dict[str, Any]) -> None:
    definition = json.loads((folder / workflow).read_text())
    given = folder / f"input.{case.lower()}.json"
    value = json.loads((given if given.exists() else folder / "input.json").read_text())
    mocks = Mocks.load(json.loads((folder / "mocks.json").read_text()), machine=folder.name, case=case)
    kind = next(t.type for t in templates() if t.id == folder.name)
    visited: list[str] = []

    def seen(batch: list[Any]) -> None:
        visited.extend(details["name"] for kind, *_, details in batch if kind.endswith("StateEntered"))

    outcome = run_once(definition, value, mocks=mocks, type=kind, skip_waits=True, functions=folder / "functions", progress=seen)
    got: dict[str, Any] = {"status": outcome.status}
    if "path" in wanted:
        got["path"] = visited
    if outcome.status == "SUCCEEDED":
        got["output"] = without(outcome.output, wanted.get("ignore", []))
    else:
        got |= {"error": outcome.error, "cause": outcome.cause}
    assert got == {k: v for k, v in wanted.items() if k in {"status", "output", "error", "cause", "path"}}


THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WORKFLOWS = sorted(ROOT.glob("*/workflow*.asl.json"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[1]}")
def test_a_template_opens_without_a_warning(path: Path) -> None:
    kind = next(t.type for t in templates() if t.id == path.parent.name)
    found = lint(json.loads(path.read_text()), kind=kind, catalogue=catalogue(), silenced=side_file(str(path)).keys)
    assert [d for d in found if d.severity != "hint"] == []


def test_a_template_has_a_picture_in_both_themes_and_an_unknown_one_has_none() -> None:
    assert [str(picture("hello-bedrock", theme))[:4] for theme in THEMES] == ["<svg", "<svg"]
    assert "Generate Book Summary" in str(picture("hello-bedrock", "light"))
    assert picture("hello-bedrock", "light") != picture("hello-bedrock", "dark")
    assert picture("../../etc/passwd", "light") is None


def test_each_prompt_of_the_blog_post_carries_the_conversation_so_far() -> None:
    folder, sent = ROOT / "blog-post", list[int]()

    def scheduled(batch: list[Any]) -> None:
        sent.extend(len(details["parameters"]["Body"]["messages"]) for kind, *_, details in batch if kind == "TaskScheduled")

    mocks = Mocks.load(json.loads((folder / "mocks.json").read_text()), machine="blog-post", case="Happy")
    run_once(
        json.loads((folder / "workflow.asl.json").read_text()),
        json.loads((folder / "input.json").read_text()),
        mocks=mocks,
        progress=scheduled,
    )
    assert sent == [1, 3, 5, 7, 9]


def test_the_readme_of_each_template_says_what_it_is() -> None:
    for template in templates():
        readme = (template.folder / "README.md").read_text()
        assert readme.startswith("---\n"), template.id
        assert template.title, template.id
        assert template.summary, template.id
        assert template.type in {"STANDARD", "EXPRESS"}, template.id
        for case in json.loads((template.folder / "expected.json").read_text()):
            assert f"`{case}`" in readme, f"{template.id} does not explain {case}"


def test_the_rfp_output_is_the_nine_pairs() -> None:
    expected = json.loads((ROOT / "rfp-inline-map" / "expected.json").read_text())["Happy"]["output"]
    questions = json.loads((ROOT / "rfp-inline-map" / "input.json").read_text())["questions"]
    assert [pair["question"] for pair in expected] == questions
    assert all(get(pair, ("response", "completion")) for pair in expected)
