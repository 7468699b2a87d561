"""A workflow's documentation in Markdown: picture, states in the order of the file, errors, permissions, placeholders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.asl.graph import END, Graph, Scope, StateNode, build
from studio.asl.tree import Json
from studio.canvas.faces import face
from studio.catalogue import iam
from studio.export.mermaid import mermaid
from studio.export.workflow import Workflow, placeholders


def markdown(workflow: Workflow) -> str:
    """A page whose picture is a Mermaid diagram, so that it needs no other file."""
    graph = build(workflow.root)
    comment = workflow.root.get("Comment")
    parts = [f"# {_text(workflow.name)}", *([_text(comment)] if isinstance(comment, str) and comment else [])]
    parts.append("\n".join(_table(("", ""), _facts(workflow, graph))))
    parts.append(f"```mermaid\n{mermaid(workflow.root)}```")
    for scope in graph.scopes.values():
        owner = graph.states.get(scope.owner) if scope.owner else None
        title = (
            "States"
            if owner is None
            else f"Inside {_text(owner.name)}" + (f", branch {scope.branch + 1}" if scope.branch is not None else "")
        )
        parts.append(f"## {title}")
        parts.append("\n".join(_table(("State", "Type", "What it does", "Goes to", "On errors"), _states(graph, scope))))
    if names := placeholders(workflow.root):
        parts.append("## Placeholders")
        parts.append("\n".join(f"- `${{{name}}}`" for name in names))
    statements = iam.statements(workflow.root)
    if statements:
        parts.append("## Permissions of its role")
        rows = [(", ".join(f"`{a}`" for a in s.actions), f"`{s.resource}`", _text("; ".join(s.reasons))) for s in statements]
        parts.append("\n".join(_table(("Actions", "Resource", "Why"), rows)))
    return "\n\n".join(parts) + "\n"


def _facts(workflow: Workflow, graph: Graph) -> list[tuple[str, str]]:
    root = workflow.root
    facts: list[tuple[str, str]] = [("Type", workflow.type), ("Query language", str(root.get("QueryLanguage", "JSONPath")))]
    facts.append(("Starts at", _text(root.get("StartAt", ""))))
    facts.append(("States", str(len(graph.states))))
    if "TimeoutSeconds" in root:
        facts.append(("Time limit", f"{root['TimeoutSeconds']} s"))
    return facts


def _states(graph: Graph, scope: Scope) -> Iterator[tuple[str, ...]]:
    for pointer in scope.states:
        node = graph.states[pointer]
        value: dict[str, Any] = node.value if isinstance(node.value, dict) else {}
        comment = value.get("Comment")
        what = _text(face(node).subtitle) + (f"<br>{_text(comment)}" if isinstance(comment, str) and comment else "")
        yield f"**{_text(node.name)}**", _text(node.type), what, _following(graph, node), _errors(graph, node, value)


def _following(graph: Graph, node: StateNode) -> str:
    found = [
        f"{_text(way.label)}: {_text(way.target)}" if way.label else ("the end" if way.target == END else _text(way.target))
        for way in graph.leaving(node)
        if way.kind != "catch" and not way.missing
    ]
    return "<br>".join(found)


def _errors(graph: Graph, node: StateNode, value: dict[str, Any]) -> str:
    found: list[str] = []
    for retrier in value.get("Retry", []) if isinstance(value.get("Retry"), list) else []:
        if isinstance(retrier, dict):
            errors = ", ".join(f"`{_text(e)}`" for e in retrier.get("ErrorEquals", []))
            found.append(f"{errors}: up to {retrier.get('MaxAttempts', 3)} retries")
    found += [f"{_text(way.label)}: caught, to {_text(way.target)}" for way in graph.leaving(node) if way.kind == "catch"]
    return "<br>".join(found)


def _table(head: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _text(value: Json) -> str:
    """Text in which nothing is markup."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#!" else c for c in " ".join(str(value).split()))
