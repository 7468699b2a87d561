"""What a state's mock may be: whether its work can be performed at all, a result and an error to begin with, what is checked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.asl.completion_words import ERRORS
from studio.asl.tree import Json
from studio.catalogue.check import mismatches
from studio.catalogue.completion import completion
from studio.catalogue.shapes import Shape, skeleton
from studio.errors import StudioError
from studio.exec.machine import Resource, resource_of
from studio.exec.test_requests import result_shape
from studio.exec.views import input_skeleton
from studio.ui.test_draft import indented
from studio.ui.widgets.form import pretty

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.test_draft import Draft

MEMBERS = 12
WRITTEN: dict[str, Json] = {
    "MapRunArn": "arn:aws:states:us-east-1:123456789012:mapRun:MyMachine/Label:id",
    "ResultWriterDetails": {"Bucket": "my-bucket", "Key": "prefix/id/manifest.json"},
}
"""What a Map answers whose results were written."""
LISTED: dict[str, Json] = {
    "Etag": '"d41d8cd98f00b204e9800998ecf8427e"',
    "Key": "my-key",
    "LastModified": 1767225600,
    "Size": 1,
    "StorageClass": "STANDARD",
}
"""An item of a reader that lists a bucket."""


def resource(node: StateNode) -> Resource | None:
    """What a Task calls; None for other states and where it is no resource yet."""
    named = node.value.get("Resource") if isinstance(node.value, dict) and node.type == "Task" else None
    try:
        return resource_of(named) if isinstance(named, str) else None
    except StudioError:
        return None


def performed(node: StateNode) -> bool:
    """Whether TestState performs the state's work where it has no mock: a Task that answers by itself."""
    found = resource(node)
    return node.type == "Task" and found is not None and not found.pattern and found.kind != "activity"


def result_skeleton(node: StateNode) -> Json:
    """A result to begin a mock with: what the service's API answers, an array for a Map, one item a branch for a Parallel; with what the
    state reads of it.
    """
    begun, shape = _begun(node)
    wanted = input_skeleton.filled(begun, input_skeleton.result_read(node), "MyData")
    return begun if shape is not None and next(mismatches(shape, wanted, mode="PRESENT"), None) else wanted


def result_text(node: StateNode, draft: Draft) -> str:
    """A mocked result to begin with: what the work answered where the input comes from, else a skeleton."""
    recorded = draft.source.result if draft.source is not None else None
    return indented(recorded) if recorded is not None else pretty(result_skeleton(node))


def _begun(node: StateNode) -> tuple[Json, Shape | None]:
    """A bare result, and the shape that it must keep."""
    if node.type == "Parallel":
        return [{} for _ in node.children], None
    if node.type == "Map":
        return (WRITTEN if writes(node) else []), None
    found = resource(node)
    shape = result_shape(found) if found is not None else None
    if found is not None and f"{found.service}:{found.action}" == "lambda:invoke":
        return {"Payload": {}}, None  # any JSON may be below Payload
    return _answer(shape, 2), shape


def writes(node: StateNode) -> bool:
    """Whether it is a Map whose results a ResultWriter takes away: what it answers then is an object."""
    writer = node.value.get("ResultWriter") if isinstance(node.value, dict) else None
    return node.type == "Map" and isinstance(writer, dict) and "Resource" in writer


def reads_items(node: StateNode) -> bool:
    """Whether it is a Map with an ItemReader."""
    return node.type == "Map" and isinstance(node.value, dict) and "ItemReader" in node.value


def reader_skeleton(node: StateNode) -> str:
    """What an ItemReader may read: one item with what the state reads of it, where the ItemsPointer leads."""
    if not reads_items(node):
        return ""
    reader: dict[str, Any] = node.value["ItemReader"] if isinstance(node.value, dict) and isinstance(node.value["ItemReader"], dict) else {}
    listed = str(reader.get("Resource", "")).endswith(":listObjectsV2")
    data: Json = [LISTED if listed else input_skeleton.item(node)]
    pointer = (reader.get("ReaderConfig") or {}).get("ItemsPointer")
    for name in reversed(pointer.split("/")[1:] if isinstance(pointer, str) else []):
        data = {name.replace("~1", "/").replace("~0", "~"): data}
    return pretty(data)


def checked(node: StateNode) -> bool:
    """Whether a mocked result is checked against an API: its shape is known."""
    found = resource(node)
    return found is not None and result_shape(found) is not None


def calls_http(node: StateNode) -> bool:
    """Whether it is an HTTP Task: what TRACE and the secrets are about."""
    found = resource(node)
    return found is not None and (found.service, found.action) == ("http", "invoke")


def context_skeleton(node: StateNode) -> str:
    """The part of the context object that a test must be given: the token of a state that waits for it and passes it on."""
    found = resource(node)
    if found is None or found.pattern != "waitForTaskToken":
        return ""
    return pretty({"Task": {"Token": "my-task-token"}})


def errors(node: StateNode) -> list[str]:
    """The names of errors that a state's mock may fail with: those it retries or catches, those of its API, those of Step Functions."""
    raw: dict[str, Any] = node.value if isinstance(node.value, dict) else {}
    entries = [entry for key in ("Retry", "Catch") if isinstance(raw.get(key), list) for entry in raw[key] if isinstance(entry, dict)]
    own = [name for entry in entries if isinstance(entry.get("ErrorEquals"), list) for name in entry["ErrorEquals"]]
    api = [name for name, _ in completion().errors(str(raw.get("Resource", "")))] if node.type == "Task" else []
    found = dict.fromkeys([*own, *api, *ERRORS])
    return [name for name in found if isinstance(name, str) and name not in {"States.ALL", "States.TaskFailed"}] + ["States.TaskFailed"]


def _answer(shape: Shape | None, depth: int) -> Any:
    """A value of a shape with the first of its members: the shapes of answers require none."""
    if shape is None or shape.kind != "structure":
        return skeleton(shape)
    if not depth:
        return {}
    return {name: _answer(member, depth - 1) for name, member in list(shape.members.items())[:MEMBERS]}
