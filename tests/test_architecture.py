"""Who may import whom, and how large a module may be."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "studio"
MODULES = sorted(p for p in ROOT.rglob("*.py") if "frontend" not in p.parts and "_templates" not in p.parts)
MAX_LINES = 525

# (what, where it may be imported). A prefix ending in / is a folder.
ONLY = {
    "nicegui": ("ui/", "app.py", "canvas/element.py", "canvas/code_element.py"),
    "boto3": ("catalogue/", "exec/performers/", "exec/aws.py", "deploy/aws.py"),
    "botocore": ("catalogue/", "exec/performers/", "exec/aws.py", "deploy/aws.py"),
    "moto": ("exec/performers/",),
    "pytest": ("pytest_plugin.py",),
}
# package -> what of ours it may import
MAY = {
    "asl": ("asl", "errors"),
    "catalogue": ("catalogue", "asl", "errors"),
    "store": ("store", "asl", "exec.events", "errors"),
    "exec": ("exec", "asl", "store", "errors", "catalogue", "settings"),
    "canvas": ("canvas", "asl", "errors"),
    "api": ("api", "exec", "catalogue", "errors", "asl"),
    "deploy": ("deploy", "export", "asl", "errors", "settings"),
    "testing": ("testing", "exec", "store", "asl", "errors", "commands.files"),
    "export": ("export", "canvas", "asl", "catalogue", "errors"),
}
PURE = ("asl/", "exec/steps/", "exec/views/", "exec/decide.py", "exec/run.py", "exec/outcome.py")
IMPURE_CALLS = {
    ("time", "time"),
    ("time", "monotonic"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("random", "random"),
    ("os", "urandom"),
    ("uuid", "uuid4"),
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_keeps_to_its_room(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    here = name(path)
    found = imports(tree)
    for library, rooms in ONLY.items():
        if any(i == library or i.startswith(f"{library}.") for i in found):
            assert here.startswith(rooms), f"{here} may not import {library}"
    room = here.split("/")[0]
    for module in found:
        if module.startswith("studio.") and room in MAY:
            target = module.removeprefix("studio.")
            assert any(target == a or target.startswith(f"{a}.") for a in MAY[room]), f"{here} may not import {module}"
    if here.startswith(PURE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"open", "eval", "exec"}, f"{here}:{node.lineno} calls {node.func.id}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                assert (node.func.value.id, node.func.attr) not in IMPURE_CALLS, f"{here}:{node.lineno} asks the world"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_one_idea(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


def test_there_are_no_rooms_for_leftovers() -> None:
    leftovers = {"utils.py", "helpers.py", "manager.py", "base.py", "misc.py", "common.py"}
    assert [name(p) for p in MODULES if p.name in leftovers] == []


def test_no_two_test_modules_share_a_name() -> None:
    """They are imported by their file's name alone: pytest stops at the second one, only where one process runs both."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [found for found, count in names.items() if count > 1] == []
