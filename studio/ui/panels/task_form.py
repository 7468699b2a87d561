"""What a Task calls: the action with its documentation, how it is called, its parameters, and the role it is called with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.asl.edits import SetValue, Transaction
from studio.asl.tree import MISSING
from studio.canvas.faces import service
from studio.catalogue.actions import PAYLOADS, Call, call_of, is_function
from studio.catalogue.respell import switched
from studio.ui.panels import parameters_form
from studio.ui.panels.function_file import function_file
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, json_field, same, select_field, text_field
from studio.ui.widgets.switch import switch_field, value_or_expression, value_or_path

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Json
    from studio.catalogue.optimized import Pattern
    from studio.ui.panels.fields import Spec

PATTERNS: dict[Pattern, str] = {
    "RR": "Request response: go on with the answer",
    "S": "Wait for the task to complete (.sync)",
    "S2": "Wait for the task to complete, output as JSON (.sync:2)",
    "T": "Wait for callback with the task token (.waitForTaskToken)",
}
ROLE = "arn:aws:iam::123456789012:role/NAME"


def call(form: Form, node: StateNode) -> None:
    """The head of a Task's configuration: which API, how it is called, with which parameters."""
    resource = form.value(("Resource",))
    found = call_of(resource) if isinstance(resource, str) else None
    _api(resource, found)
    if found is not None:
        if (sibling := found.sibling) is not None:
            _integration(form, node, found, sibling)
        if len(found.patterns) > 1:
            _pattern(form, node, found)
    doc = "What is called: an integration, a function or an activity, by ARN."
    text_field(form, ("Resource",), "Resource", doc=doc, classes="path-field", settled=form.settled)
    parameters_form.parameters(form, node, found)
    function_file(form)


def _api(resource: Any, found: Call | None) -> None:
    """The name of the API and what it says of itself."""
    if found is not None:
        title = f"{service(found.service)[0]} · {found.action[:1].upper()}{found.action[1:]}"
    elif isinstance(resource, str) and is_function(resource):
        title = "Lambda function, by its own ARN"
    elif isinstance(resource, str) and ":activity:" in resource:
        title = "Activity: a worker of your own asks for its tasks"
    else:
        title = "No action of AWS that the studio knows"
    with c.box("field", "div", data_api=found.name if found else ""):
        with c.box("field-head"):
            c.text("API", "field-name", "span")
        c.text(title, "wrap")
        operation = found.operation if found else None
        if operation is not None and operation.documentation:
            with c.box("field-doc", "details"):
                c.text("What it does", "", "summary").style("cursor:pointer")
                c.text(operation.documentation[:3000], "wrap q-mt-xs")


def _integration(form: Form, node: StateNode, found: Call, sibling: Call) -> None:
    """Optimized or AWS SDK: parameters, payload and error names are rewritten as the other one takes them, in one step."""
    kinds = {"optimized": "Optimized", "sdk": "AWS SDK"}

    async def choose(kind: str) -> None:
        state = form.value(())
        if (kind == "sdk") == found.sdk or not isinstance(state, dict):
            return
        made = switched(state, found, sibling, node.language)
        fields = _as_it_was(form, state) or made.fields
        form.view.drafts[(form.base, "#integration")] = json.dumps([fields, {name: state[name] for name in fields}])
        await _set(form, node, fields, f"Integrate {node.name} by {kinds[kind]}")
        if made.notes:
            with form.view.client:
                c.toast(" ".join(made.notes), seconds=10)

    select_field(
        form,
        ("#integration",),
        "Integration type",
        lambda: kinds,
        current=lambda: "sdk" if found.sdk else "optimized",
        choose=choose,
        doc="Optimized integrations are tailored by AWS; AWS SDK integrations call the API as it is, results in its own shape.",
    )


def _as_it_was(form: Form, state: dict[str, Json]) -> dict[str, Json] | None:
    """What stood there before the last switch, where nothing was typed since: going back gives it back."""
    kept = form.view.drafts.get((form.base, "#integration"))
    if kept is None:
        return None
    made, before = json.loads(kept)
    return before if all(name in state and same(state[name], value) for name, value in made.items()) else None


def _pattern(form: Form, node: StateNode, found: Call) -> None:
    async def choose(word: str) -> None:
        pattern: Pattern = word  # type: ignore[assignment]
        changes: dict[str, Json] = {"Resource": found.called(pattern).resource}
        name = "Arguments" if node.language == "JSONata" else "Parameters"
        held = form.value((name,))
        if pattern == "T" and (with_token := carrying_token(found, {} if held is MISSING else held, node.language)) is not None:
            changes[name] = with_token
        await _set(form, node, changes, f"Call pattern of {node.name}")

    select_field(
        form,
        ("#pattern",),
        "Integration pattern",
        lambda: {pattern: PATTERNS[pattern] for pattern in found.patterns},
        current=lambda: found.pattern,
        choose=choose,
        doc="Whether the workflow waits: for the answer, for the job to end, or until somebody sends the task token back.",
    )


def carrying_token(found: Call, parameters: Json, language: str) -> Json | None:
    """The parameters with the task token added to the payload; None where they carry it, or nobody knows where to put it.

    A payload that is the whole input goes under `Input`, so that nothing of it is lost.
    """
    payload = next(iter(PAYLOADS.get(found.name, ())), "")
    if not isinstance(parameters, dict) or not payload or found.name == "bedrock:invokeModel" or "Task.Token" in str(parameters):
        return None
    token: dict[str, Json] = (
        {"TaskToken": "{% $states.context.Task.Token %}"} if language == "JSONata" else {"TaskToken.$": "$$.Task.Token"}
    )
    held = parameters.get(payload)
    if isinstance(held, dict):
        return {**parameters, payload: {**held, **token}}
    if held is not None:
        return {key: ({"Input": held, **token} if key == payload else value) for key, value in parameters.items()}
    path = parameters.get(f"{payload}.$")
    if path is not None:
        return {
            (payload if key == f"{payload}.$" else key): ({"Input.$": path, **token} if key == f"{payload}.$" else value)
            for key, value in parameters.items()
        }
    return {**parameters, payload: token}


def role(form: Form, node: StateNode, spec: Spec) -> None:
    """The role of another account that the task runs with."""
    held = form.value(("Credentials",))
    if held is not MISSING and not (isinstance(held, dict) and set(held) <= {"RoleArn", "RoleArn.$"}):
        json_field(form, ("Credentials",), spec.title, doc=spec.doc)
        return
    pointer = ("Credentials", "RoleArn")
    modes = (
        value_or_expression(pointer, "text", placeholder=ROLE)
        if node.language == "JSONata"
        else value_or_path(pointer, ("Credentials", "RoleArn.$"), "text", placeholder=ROLE, path_placeholder="$.roleArn")
    )
    switch_field(form, spec.title, modes, doc=spec.doc)


async def _set(form: Form, node: StateNode, changes: dict[str, Json], label: str) -> None:
    edits = tuple(SetValue((*node.pointer, name), value) for name, value in changes.items())
    await form.view.do(Transaction(edits, label, "form"))
