"""Every case of every template gives what its expected.json says, in JSONPath and in its JSONata twin."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest

from studio.asl.lint import lint
from studio.asl.tree import from_text, get, put
from studio.catalogue.parameters import catalogue
from studio.commands.files import input_of, side_file
from studio.exec.driver import Outcome, run_once
from studio.exec.local import LocalStepFunctions
from studio.exec.performers import Performers, aws_sdk
from studio.exec.performers.mock import Mocks
from studio.exec.performers.sandbox import Sandbox
from studio.export.mermaid import mermaid
from studio.gallery import GROUPS, templates
from studio.ui.gallery import picture

ROOT = Path(__file__).parents[1] / "templates"
WORKFLOWS = sorted(ROOT.glob("*/workflow*.asl.json"))


def beside(workflow: Path, what: str) -> Path:
    """`workflow.learn.mocks.json` for `workflow.learn.asl.json` where there is one, else `mocks.json`."""
    own = workflow.with_name(workflow.name.replace(".asl.", f".{what}."))
    return own if own.exists() else workflow.with_name(f"{what}.json")


def cases() -> list[Any]:
    found = []
    for workflow in WORKFLOWS:
        folder = workflow.parent
        marks = [pytest.mark.xdist_group("sandbox")] if (folder / "sandbox.json").exists() else []
        found.extend(
            pytest.param(workflow, case, wanted, id=f"{folder.name}-{workflow.name.split('.')[1]}-{case}", marks=marks)
            for case, wanted in json.loads(beside(workflow, "expected").read_text()).items()
        )
    return found


def without(value: Any, pointers: list[str]) -> Any:
    for pointer in pointers:
        value = put(value, from_text(pointer, value), None)
    return value


def shown(outcome: Outcome, ignore: list[str]) -> dict[str, Any]:
    """An outcome as `expected.json` has it; what to ignore is in the output, or in the cause read as JSON."""
    if outcome.status == "SUCCEEDED":
        return {"status": outcome.status, "output": without(outcome.output, ignore)}
    cause = without(json.loads(outcome.cause or "null"), ignore) if ignore else outcome.cause
    return {"status": outcome.status, "error": outcome.error, "cause": cause}


class Fresh(Sandbox):
    """A sandbox that begins with nothing but what its `sandbox.json` asks for: what moto holds belongs to the process."""

    begun = False

    def _start(self) -> None:
        super()._start()
        if not self.begun:
            request = urllib.request.Request(f"{self._endpoint}/moto-api/reset", method="POST")
            urllib.request.urlopen(request, timeout=10).close()
        self.begun = True


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Fresh()
    yield made
    made.close()


def given(workflow: Path, case: str) -> Any:
    """A case's input: its own, or the template's."""
    found = input_of(str(workflow), case)
    assert found is not None
    return json.loads(found.read_text())


def mocks_of(workflow: Path, case: str) -> Mocks:
    return Mocks.load(json.loads(beside(workflow, "mocks").read_text()), machine=workflow.parent.name, case=case)


def definition_of(workflow: Path) -> str:
    return workflow.read_text()


def kind_of(workflow: Path, case: str = "") -> str:
    """The type a template runs as: its side file's; a case of `expected.json` may name another one."""
    wanted = json.loads(beside(workflow, "expected").read_text()).get(case, {})
    return wanted.get("type") or str(side_file(str(workflow)).config.get("type", "STANDARD"))


def played(workflow: Path, case: str, sandbox: Sandbox, *, asked: list[Any] | None = None) -> tuple[Outcome, list[str]]:
    """How a case of a template ends, and the states it passes. `asked` takes what each task was given."""
    mocks, functions = mocks_of(workflow, case), workflow.parent / "functions"
    visited: list[str] = []

    def seen(batch: list[Any]) -> None:
        visited.extend(details["name"] for kind, *_, details in batch if kind.endswith("StateEntered"))
        if asked is not None:
            asked.extend(details["parameters"] for kind, *_, details in batch if kind == "TaskScheduled")

    def address() -> str:
        sandbox.seed(workflow.parent)
        return sandbox.endpoint()

    outcome = run_once(
        json.loads(definition_of(workflow)),
        given(workflow, case),
        mocks=mocks,
        type=kind_of(workflow, case),
        skip_waits=True,
        functions=functions,
        performers=Performers(mocks=mocks, functions=functions, aws=address),
        progress=seen,
        sandbox=sandbox,
        name="run-1",
        machine=workflow.parent.name,
    )
    return outcome, visited


@pytest.mark.parametrize(("workflow", "case", "wanted"), cases())
def test_a_template_gives_its_expected_output(workflow: Path, case: str, wanted: dict[str, Any], sandbox: Sandbox) -> None:
    outcome, visited = played(workflow, case, sandbox)
    got = shown(outcome, wanted.get("ignore", []))
    if "path" in wanted:
        got["path"] = visited
    assert got == {k: v for k, v in wanted.items() if k in {"status", "output", "error", "cause", "path"}}


async def went_on(workflow: Path, case: str, sandbox: Sandbox, *, mend: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """A case that fails, and what becomes of it once it was redriven; `mend` is what is done in between."""
    definition = definition_of(workflow)
    service = LocalStepFunctions(None, sandbox=sandbox)
    await service.start()
    try:
        arn = await service.run_definition(
            definition,
            json.dumps(given(workflow, case)),
            mocks=mocks_of(workflow, case),
            type=kind_of(workflow, case),
            functions=workflow.parent / "functions",
            folder=workflow.parent,
            skip_waits=True,
        )
        async with asyncio.timeout(20):
            assert (await service.ended(arn)).status == "FAILED"
            before = len(await service.in_engine(lambda: service.log.events(arn)))
            mend()
            await service.redrive_execution(executionArn=arn)
            row = await service.ended(arn)
        events = await service.in_engine(lambda: service.log.events(arn))
        told = await service.describe_execution(executionArn=arn)
    finally:
        await service.aclose()
    entered = [details["name"] for kind, *_, details in events[before:] if details and kind.endswith("StateEntered")]
    output = None if row.output is None else json.loads(row.output)
    return {"status": row.status, "output": output, "redriveCount": told["redriveCount"], "path": entered}


SAYS_IT_OTHERWISE = {"map-book-list": "joins as many summaries as there are", "story-writer": "merges without a function"}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case.id), marks=case.marks)
        for case in cases()
        if case.values[0].name == "workflow.jsonata.asl.json" and case.values[0].parent.name not in SAYS_IT_OTHERWISE
    ],
)
def test_a_twin_asks_its_tasks_for_the_same(case: Any, sandbox: Sandbox) -> None:
    twin, name, _ = case.values
    asked: list[list[Any]] = [[], []]
    for workflow, found in zip((twin.with_name("workflow.asl.json"), twin), asked, strict=True):
        played(workflow, name, sandbox, asked=found)
    assert asked[0] == asked[1]


def test_the_merge_without_a_function_carries_the_whole_conversation(sandbox: Sandbox) -> None:
    asked: list[list[Any]] = [[], []]
    for name, found in zip(("workflow.asl.json", "workflow.jsonata.asl.json"), asked, strict=True):
        played(ROOT / "story-writer" / name, "Happy", sandbox, asked=found)
    models = [[request["Body"]["messages"] for request in found if "Body" in request] for found in asked]
    assert models[0] == models[1]
    assert [len(messages) for messages in models[0]] == [1, 3, 3, 3, 3, 3, 13]


def test_a_chef_debates_with_all_that_was_said_before(sandbox: Sandbox) -> None:
    asked: list[Any] = []
    played(ROOT / "meal-planner" / "workflow.asl.json", "ThreeRounds", sandbox, asked=asked)
    talks = [request["Body"]["messages"] for request in asked if "Body" in request]
    assert [len(talk) for talk in talks if "The other chef proposes" in talk[-1]["content"][0]["text"]] == [3, 3, 5, 5, 7, 7]


def redriven() -> list[Any]:
    return [
        pytest.param(*case.values[:2], wanted["redriven"], id=case.id, marks=case.marks)
        for case in cases()
        if "redriven" in (wanted := case.values[2])
    ]


def written(sandbox: Sandbox, output: Any) -> dict[str, list[Any]]:
    """What the files of a ResultWriter hold: the inputs of the children, by how they ended, with their outputs."""
    s3 = aws_sdk.client("s3", "us-east-1", sandbox.endpoint())

    def read(key: str) -> Any:
        return json.loads(s3.get_object(Bucket=output["ResultWriterDetails"]["Bucket"], Key=key)["Body"].read())

    files = read(output["ResultWriterDetails"]["Key"])["ResultFiles"]
    return {
        status: [(json.loads(child["Input"]), json.loads(child.get("Output", "null"))) for file in found for child in read(file["Key"])]
        for status, found in files.items()
    }


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(("case", "failed"), [("Happy", []), ("OneFailsTolerated", ["4"])])
def test_the_answers_to_the_rows_of_a_csv_are_in_the_bucket(case: str, failed: list[str], sandbox: Sandbox) -> None:
    outcome, _ = played(ROOT / "rfp-distributed-csv" / "workflow.asl.json", case, sandbox)
    found = written(sandbox, outcome.output)
    pairs = json.loads((ROOT / "rfp-inline-map" / "expected.json").read_text())["Happy"]["output"]
    answers = {str(i): pair for i, pair in enumerate(pairs, 1)}
    assert [given["id"] for given, _ in found["FAILED"]] == failed
    got = {answer["id"]: {"question": answer["question"], "response": answer["response"]} for _, answer in found["SUCCEEDED"]}
    assert got == {name: pair for name, pair in answers.items() if name not in failed}


@pytest.mark.xdist_group("sandbox")
def test_the_answers_to_the_objects_are_objects(sandbox: Sandbox) -> None:
    played(ROOT / "rfp-distributed-objects" / "workflow.asl.json", "Happy", sandbox)
    s3 = aws_sdk.client("s3", "us-east-1", sandbox.endpoint())
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="example-rfps", Prefix="answers/")["Contents"]]
    found = [json.loads(s3.get_object(Bucket="example-rfps", Key=key)["Body"].read()) for key in keys]
    pairs = json.loads((ROOT / "rfp-inline-map" / "expected.json").read_text())["Happy"]["output"]
    assert found == [{"id": i, **pair} for i, pair in enumerate(pairs, 1)]


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(("case", "without"), [("Happy", []), ("NoTags", ["2#fr"])])
def test_the_translations_are_in_the_table(case: str, without: list[str], sandbox: Sandbox) -> None:
    played(ROOT / "translation-batch" / "workflow.asl.json", case, sandbox)
    table = aws_sdk.client("dynamodb", "us-east-1", sandbox.endpoint())
    items = table.scan(TableName="example-translations")["Items"]
    assert sorted(item["pk"]["S"] for item in items) == ["1#es", "1#fr", "2#es", "2#fr", "3#es", "3#fr"]
    assert [item["pk"]["S"] for item in items if item["needs_review"]["BOOL"]] == without
    spanish = {item["pk"]["S"]: item["translation"]["S"] for item in items}
    assert spanish["1#es"] == "A quien madruga, Dios le ayuda."
    assert all(spanish[f"2#{code}"] == "" or "MacBook" in spanish[f"2#{code}"] for code in ("es", "fr"))


@pytest.mark.xdist_group("sandbox")
def test_the_link_to_an_avatar_opens(sandbox: Sandbox) -> None:
    outcome, _ = played(ROOT / "avatar-image" / "workflow.asl.json", "Happy", sandbox)
    url: str = get(outcome.output, ("avatar_url",))  # type: ignore[assignment]
    with urllib.request.urlopen(url, timeout=10) as picture:
        assert (picture.headers["Content-Type"], picture.read(8)) == ("image/png", b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (['{"tool": "read_trending_page", "input": {}}', '{"answer": "https://github.com/example-org/example-repo"}'], "example-repo"),
        (
            ["Let me think.", '{"tool": "dig"}', '{"tool": "read_repository_readme", "input": {"no": 1}}', '{"answer": "x"}'] * 3,
            "NoRepositoryUrl",
        ),
        (['{"answer": "Perhaps https://github.com/owner/name"}', '{"answer": "https://github.com/a/b."}'], "https://github.com/a/b"),
        (["[]"] * 4, "NoAnswer"),
    ],
)
def test_the_agent_in_code_does_what_its_model_asks_for(answers: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(answers)

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            roles = [m["role"] for m in request["messages"]]
            text = next(said) if roles == ["user", "assistant"] * (len(roles) // 2) + ["user"] else f"not in turns: {roles}"
            body = json.dumps({"output": {"message": {"role": "assistant", "content": [{"text": text}]}}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in (("ACCESS_KEY_ID", "none"), ("SECRET_ACCESS_KEY", "none"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{server.server_port}")
    folder = ROOT / "popular-repo-code-agent"
    task: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": "lookup_trending_repo", "Payload": {}}
    definition = {"StartAt": "A", "States": {"A": task}}
    try:
        outcome = run_once(definition, {}, functions=folder / "functions")
    finally:
        server.shutdown()
        server.server_close()
    assert told in json.dumps(outcome.output) + str(outcome.error)
    assert list(said) == []


@pytest.mark.parametrize(("workflow", "case", "wanted"), redriven())
async def test_a_redrive_goes_on_where_a_template_failed(workflow: Path, case: str, wanted: dict[str, Any], sandbox: Sandbox) -> None:
    assert await went_on(workflow, case, sandbox) == wanted


@pytest.mark.xdist_group("sandbox")
async def test_a_mended_function_is_used_by_the_redrive(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = tmp_path / "redrive-demo"
    shutil.copytree(ROOT / "redrive-demo", folder)
    function, mocks = folder / "functions" / "transform_title.py", folder / "mocks.json"
    answered = json.loads(mocks.read_text())
    case = answered["StateMachines"]["redrive-demo"]["TestCases"]
    case["ByHand"]["Human Review"] = case["Happy"]["Human Review"]
    mocks.write_text(json.dumps(answered))

    def mend() -> None:
        code = function.read_text()
        mended = re.sub(r"title = .*  # to mend it: ", "", code)
        assert mended != code
        function.write_text(mended)
        later = function.stat().st_mtime + 2
        os.utime(function, (later, later))

    wanted = json.loads((folder / "expected.json").read_text())
    expected = {"status": "SUCCEEDED", "output": wanted["Happy"]["output"], "redriveCount": 1, "path": ["Human Review", "Publish"]}
    assert await went_on(folder / "workflow.asl.json", "ByHand", sandbox, mend=mend) == expected


THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[1]}")
def test_a_template_opens_without_a_warning(path: Path) -> None:
    found = lint(json.loads(path.read_text()), kind=kind_of(path), catalogue=catalogue(), silenced=side_file(str(path)).keys)
    assert [d for d in found if d.severity != "hint"] == []


def test_a_template_has_a_picture_in_both_themes_and_an_unknown_one_has_none() -> None:
    assert [str(picture("hello-bedrock", theme))[:4] for theme in THEMES] == ["<svg", "<svg"]
    assert "Generate Book Summary" in str(picture("hello-bedrock", "light"))
    assert picture("hello-bedrock", "light") != picture("hello-bedrock", "dark")
    assert picture("../../etc/passwd", "light") is None


def test_a_thumbnail_shows_all_of_a_small_workflow_and_the_beginning_of_a_large_one() -> None:
    small, large = picture("hello-bedrock", "light", thumbnail=True), picture("blog-post", "light", thumbnail=True)
    assert [str(drawn)[:80].count('width="320" height="136"') for drawn in (small, large)] == [1, 1]
    assert ["fade" in str(drawn) for drawn in (small, large)] == [False, True]


def test_every_template_is_in_one_group() -> None:
    named = [name for group in GROUPS for name in group.ids]
    assert (len(named), [template.id for template in templates()]) == (len(set(named)), named)


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
        for workflow in template.folder.glob("workflow*.asl.json"):
            assert (workflow.name, kind_of(workflow)) == (workflow.name, template.type), template.id
        for expected in template.folder.glob("*expected.json"):
            for case in json.loads(expected.read_text()):
                assert f"`{case}`" in readme, f"{template.id} does not explain {case}"


def test_the_picture_of_a_readme_is_the_workflow() -> None:
    for template in templates():
        drawn = mermaid(json.loads((template.folder / "workflow.asl.json").read_text())).rstrip()
        readme = (template.folder / "README.md").read_text()
        assert f"\n```mermaid\n{drawn}\n```\n" in readme, f"{template.id}: studio export workflow.asl.json --to mermaid"


def test_the_commands_of_a_readme_name_what_is_there() -> None:
    for template in templates():
        commands = re.findall(r"^    studio run (.*)$", (template.folder / "README.md").read_text(), re.MULTILINE)
        assert commands, template.id
        for command in commands:
            named = re.findall(r"\S+\.json", command)
            assert [name for name in named if not (template.folder / name).is_file()] == [], f"{template.id}: {command}"
            mocks = next(name for name in named if name.endswith("mocks.json"))
            known = json.loads((template.folder / mocks).read_text())["StateMachines"][template.id]["TestCases"]
            assert [case for case in re.findall(r"--case (\S+)", command) if case not in known] == [], f"{template.id}: {command}"


def test_the_rfp_output_is_the_nine_pairs() -> None:
    expected = json.loads((ROOT / "rfp-inline-map" / "expected.json").read_text())["Happy"]["output"]
    questions = json.loads((ROOT / "rfp-inline-map" / "input.json").read_text())["questions"]
    assert [pair["question"] for pair in expected] == questions
    assert all(get(pair, ("response", "completion")) for pair in expected)
