"""The parameters a new task begins with: what its API requires, out of botocore's model, where the palette has no better beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.asl.edits import InsertState, Transaction
from studio.asl.tree import Json
from studio.catalogue.naming import action_name
from studio.catalogue.optimized import OPTIMIZED
from studio.catalogue.shapes import operation, skeleton

_PREFIX = "arn:aws:states:::"


def with_parameters(transaction: Transaction) -> Transaction:
    """The transaction with the required parameters of each new task that has none yet."""
    edits = tuple(
        replace(edit, state=_filled(edit.state)) if isinstance(edit, InsertState) and isinstance(edit.state, dict) else edit
        for edit in transaction.edits
    )
    return replace(transaction, edits=edits) if edits != transaction.edits else transaction


def _filled(state: dict[str, Json]) -> Json:
    resource = state.get("Resource")
    name = "Arguments" if "Arguments" in state else "Parameters"
    if state.get("Type") != "Task" or not isinstance(resource, str) or not resource.startswith(_PREFIX) or state.get(name):
        return state
    made = required(resource.removeprefix(_PREFIX))
    return {**state, name: made} if made else state


def required(action: str) -> dict[str, Any]:
    """`{"Bucket": "MyData", "Key": "MyData"}` for `aws-sdk:s3:getObject`; empty where nothing is required or the action unknown."""
    action = action.partition(".")[0]
    if action.startswith("aws-sdk:"):
        _, token, called = action.split(":", 2)
        found = operation(token, called)
    else:
        entry = OPTIMIZED.get(action)
        found = operation(entry.token, action_name(entry.operation), optimized=True) if entry is not None and entry.token else None
    made = skeleton(found.input) if found is not None else {}
    return made if isinstance(made, dict) else {}
