"""Every page opens, teaches where it is empty, and shows what people wrote as text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nicegui import ElementFilter, ui

from studio.asl.edits import SetValue, Transaction
from studio.asl.text import parse
from studio.errors import StudioError
from studio.ui.pages.home import blank

HOSTILE = "<img src=x onerror=alert(1)>"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x": 1}, "End": True}}}


def write(folder: Path, name: str, definition: Any) -> None:
    (folder / name).write_text(definition if isinstance(definition, str) else json.dumps(definition, indent=2) + "\n", "utf-8")


def by_attribute(user: Any, name: str, value: str) -> list[ui.element]:
    """The elements of the page with an attribute, as a script would find them."""
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if element.props.get(name) == value]


def trigger(user: Any, element: ui.element, event: str) -> None:
    """What the browser sends when a person does something to an element."""
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == event:
                element._handle_event({"listener_id": listener.id, "args": [{}]})


async def finished(studio: Any, arn: str) -> str:
    for _ in range(1500):
        described = await studio.engine.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            return described["status"]
        await asyncio.sleep(0.02)
    raise AssertionError("the run did not end")


async def test_health(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    answer = await user.http_client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_foreign_host_is_refused(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    for path in ("/", "/healthz", "/w/x.asl.json"):
        assert (await user.http_client.get(path, headers={"Host": "evil.example"})).status_code == 403
    answer = await user.http_client.post(
        "/", headers={"Origin": "http://evil.example", "X-Amz-Target": "AWSStepFunctions.ListStateMachines"}
    )
    assert answer.status_code == 403


async def test_the_api_answers_on_the_same_port(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    answer = await user.http_client.post("/", headers={"X-Amz-Target": "AWSStepFunctions.ListStateMachines"}, content=b"{}")
    assert (answer.status_code, answer.json()) == (200, {"stateMachines": []})


async def test_an_empty_workspace_teaches(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    await user.should_see("No workflows in this folder yet")
    await user.should_see("No runs yet")
    await user.open("/runs")
    await user.should_see("No runs")
    await user.open("/tasks")
    await user.should_see("Nothing is waiting")


@pytest.mark.parametrize("path", ["/templates", "/settings"])
async def test_other_pages_open(tmp_path: Path, open_studio: Callable[[Path], Any], path: str) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open(path)
    await user.should_see(path.strip("/").capitalize())


async def test_hosts_of_http_tasks_are_allowed_once_per_workspace(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    assert studio.engine.worlds.allow_http() == ()
    await user.open("/settings")
    (field,) = by_attribute(user, "data-setting", "http_hosts")
    field.set_value("API.example.com, *.example.org api.example.com")
    trigger(user, field, "blur")
    await user.should_see("HTTP Tasks may call api.example.com, *.example.org")
    assert studio.engine.worlds.allow_http() == ("api.example.com", "*.example.org")
    assert json.loads((tmp_path / ".studio/preferences.json").read_text())["http_hosts"] == ["api.example.com", "*.example.org"]


async def test_home_lists_workflows(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "orders").mkdir()
    write(tmp_path, "orders/pay.asl.json", PASS)
    write(tmp_path, f"{HOSTILE.replace('/', '')}.asl.json", PASS)
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    assert [e.props["href"] for e in by_attribute(user, "data-workflow", "orders/pay.asl.json")] == ["/w/orders/pay.asl.json"]
    await user.should_see(HOSTILE)


async def test_new_workflow(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    (button,) = by_attribute(user, "data-command", "new-workflow")
    trigger(user, button, "click")
    await user.should_see("File name")
    name = next(iter(user.find(kind=ui.input).elements))
    name.set_value("flows/first")
    (form,) = [e for e in by_attribute(user, "aria-label", "New workflow") if e.tag == "form"]
    trigger(user, form, "submit")
    for _ in range(600):
        if (tmp_path / "flows/first.asl.json").exists():
            break
        await asyncio.sleep(0.05)
    assert json.loads((tmp_path / "flows/first.asl.json").read_text("utf-8")) == {
        "Comment": "A workflow made with ASL Studio",
        "QueryLanguage": "JSONata",
        "StartAt": "",
        "States": {},
    }


def test_a_blank_workflow_in_either_format() -> None:
    assert blank("a.asl.yaml", "JSONPath") == "Comment: A workflow made with ASL Studio\nStartAt: ''\nStates: {}\n"
    assert parse(blank("a.asl.yaml", "JSONata"), "yaml").root == parse(blank("a.asl.json", "JSONata"), "json").root


BROKEN: dict[str, tuple[bytes, str]] = {
    "binary": (b"\x00\x01\x02PNG", "binary"),
    "latin": ('{"Comment": "caf\xe9"}'.encode("latin-1"), "not UTF-8"),
    "huge": (b'{"a": "' + b"x" * 10_000_000 + b'"}', "MB"),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_files_that_cannot_be_edited_say_why(tmp_path: Path, open_studio: Callable[[Path], Any], kind: str) -> None:
    content, word = BROKEN[kind]
    file = tmp_path / "x.asl.json"
    file.write_bytes(content)
    user, _ = await open_studio(tmp_path)
    await user.open("/w/x.asl.json")
    await user.should_see(word)
    assert file.read_bytes() == content


@pytest.mark.parametrize("path", ["gone.asl.json", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", HOSTILE])
async def test_addresses_of_no_file(tmp_path: Path, open_studio: Callable[[Path], Any], path: str) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open(f"/w/{path if '%' in path else quote(path)}")
    await user.should_see("Back to the workflows")
    page = await user.http_client.get(f"/w/{path if '%' in path else quote(path)}")
    assert HOSTILE not in page.text


TEXTS = {
    "no JSON": "hello",
    "half": '{"StartAt": "A", "States": {',
    "empty": "",
    "no object": "[1, 2]",
    "a number": "7",
    "nothing in it": "{}",
    "deep": "[" * 100_000,
    "states of any kind": '{"StartAt": 1, "States": {"A": 1, "B": [], "C": {"Type": "Nope"}, "D": {"Type": ["x"], "Next": {}}}}',
    "lists of any kind": '{"States": {"A": {"Type": "Choice", "Choices": [1, {}, null]}, "B": {"Type": "Parallel", "Branches": [3]}, "C": {"Type": "Task", "Retry": {}, "Catch": [5]}}}',
}


@pytest.mark.parametrize("kind", TEXTS)
async def test_the_editor_opens_any_text(tmp_path: Path, open_studio: Callable[[Path], Any], kind: str) -> None:
    write(tmp_path, "x.asl.json", TEXTS[kind])
    user, studio = await open_studio(tmp_path)
    await user.open("/w/x.asl.json?view=split")
    await user.should_see("x.asl.json")
    session = studio.sessions.peek("x.asl.json")
    for _ in range(1000):
        if session.checked_revision >= 0:
            break
        await asyncio.sleep(0.03)
    assert any(d.severity == "error" for d in session.diagnostics)
    for name in ("A", "B", "C", "D"):
        await user.open(f"/w/x.asl.json?state={name}")
        await user.should_see("x.asl.json")
    assert (tmp_path / "x.asl.json").read_text("utf-8") == TEXTS[kind]


async def test_yaml_bombs_are_refused(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"] + [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    write(tmp_path, "bomb.asl.yaml", "\n".join(lines))
    user, studio = await open_studio(tmp_path)
    await user.open("/w/bomb.asl.yaml")
    assert studio.sessions.peek("bomb.asl.yaml").document.problem is not None


async def test_the_page_of_a_run(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", PASS)
    user, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    arn = await session.start_run(studio.engine)
    assert await finished(studio, arn) == "SUCCEEDED"
    await user.open(f"/runs/{quote(arn, safe='')}?state=A")
    await user.should_see("Succeeded")
    await user.should_see("Duration")
    await user.open("/runs")
    await user.should_see("Runs")


async def test_a_run_that_is_not_there(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open(f"/runs/{quote('arn:aws:states:us-east-1:123456789012:execution:x:' + HOSTILE, safe='')}")
    await user.should_see("All runs")


async def test_start_run_runs_what_is_on_the_screen(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:

    write(tmp_path, "a.asl.json", PASS)
    write(tmp_path, "a.input.json", '{"from": "the side file"}')
    _, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    await session.do(Transaction((SetValue(("States", "A", "ResultPath"), "$.r"),), "Set ResultPath", "form"))
    arn = await session.start_run(studio.engine)
    assert await finished(studio, arn) == "SUCCEEDED"
    described = await studio.engine.describe_execution(executionArn=arn)
    assert json.loads(described["output"]) == {"from": "the side file", "r": {"x": 1}}
    machine = await studio.engine.describe_state_machine_for_execution(executionArn=arn)
    assert machine["definition"] == session.document.text


async def test_a_run_may_be_given_a_name(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", PASS)
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json")
    session = await studio.sessions.open("a.asl.json")
    with user:
        (tab,) = by_attribute(user, "data-tab", "input")
        trigger(user, tab, "click")
    await user.should_see("Kept in")

    def field() -> Any:
        return next(e for e in by_attribute(user, "data-run-name", "") if isinstance(e, ui.input))

    field().set_value("two words")
    await user.should_see("An execution's name cannot have a blank in it.")
    with pytest.raises(StudioError, match="cannot have a blank"):
        await session.start_run(studio.engine)
    field().set_value("order-17")
    await user.should_not_see("cannot have a blank")
    arn = await session.start_run(studio.engine)
    assert arn.rpartition(":")[2] == "order-17"
    await finished(studio, arn)
    for _ in range(1500):
        if field().value == "":
            break
        await asyncio.sleep(0.02)
    assert field().value == ""  # a name is given once
    field().set_value("order-17")
    await asyncio.sleep(0)
    with pytest.raises(StudioError, match="Execution Already Exists"):
        await session.start_run(studio.engine)
    assert field().value == "order-17"  # to be corrected


async def test_a_tab_that_was_away_shows_what_changed_meanwhile(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", PASS)
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json")
    session = studio.sessions.peek("a.asl.json")
    client = user._client

    socket, tab = next(iter(client._socket_to_document_id)), client.tab_id
    await asyncio.sleep(0.1)
    client.handle_disconnect(socket)
    await session.do(Transaction((SetValue(("States", "A", "ResultPath"), "$.r"),), "Set ResultPath", "form"))
    await asyncio.sleep(0.1)
    await user.should_not_see("unsaved edit")
    await client.handle_handshake(socket, tab, None, "again", None)
    await user.should_see("1 unsaved edit")


async def test_a_finding_is_silenced_with_a_reason_that_the_side_file_keeps(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}
    write(tmp_path, "a.asl.json", {"StartAt": "Pay", "States": {"Pay": task}})
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json")
    session = studio.sessions.peek("a.asl.json")

    async def rules(wanted: list[str]) -> None:
        for _ in range(1500):
            if session.checked_revision >= 0 and [d.rule for d in session.diagnostics] == wanted:
                return
            await asyncio.sleep(0.02)
        assert [d.rule for d in session.diagnostics] == wanted

    await rules(["ASL701"])
    await session.write_own(session.side.own.silence("ASL701", "Pay", "retried by its caller"))
    await rules([])
    assert by_attribute(user, "data-silenced", "ASL701") == []  # nobody looks at the problems yet
    trigger(user, by_attribute(user, "data-tab", "problems")[0], "click")
    for _ in range(1500):
        if by_attribute(user, "data-silenced", "ASL701"):
            break
        await asyncio.sleep(0.02)
    assert len(by_attribute(user, "data-silenced", "ASL701")) == 1
    assert json.loads((tmp_path / "a.studio.json").read_text("utf-8")) == {
        "silenced": [{"rule": "ASL701", "state": "Pay", "reason": "retried by its caller"}]
    }


async def test_a_run_from_the_editor_fills_placeholders(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Name}", "End": True}}})
    write(tmp_path, "a.studio.json", {"placeholders": {"Name": "Ada"}})
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json")
    session = studio.sessions.peek("a.asl.json")
    arn = await session.start_run(studio.engine)
    assert await finished(studio, arn) == "SUCCEEDED"
    assert (await studio.engine.describe_execution(executionArn=arn))["output"] == '"Ada"'
    assert by_attribute(user, "data-placeholder", "Name")


async def test_a_waiting_task_is_answered_on_its_page(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": 60, "End": True}
    parameters = {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token", "name": HOSTILE}}
    write(tmp_path, "a.asl.json", {"StartAt": "Ask", "States": {"Ask": {**state, "Parameters": parameters}}})
    user, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    arn = await session.start_run(studio.engine)
    for _ in range(1500):
        if await studio.engine.list_open_tasks():
            break
        await asyncio.sleep(0.02)
    await user.open("/tasks")
    await user.should_see("Ask")
    [output] = by_attribute(user, "data-output", "")
    output.set_value('{"choice": "yes"}')
    [button] = by_attribute(user, "data-complete", "")
    trigger(user, button, "click")
    assert await finished(studio, arn) == "SUCCEEDED"
    assert (await studio.engine.describe_execution(executionArn=arn))["output"] == '{"choice":"yes"}'
