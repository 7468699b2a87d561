"""Files that a source file names: followed inside of the workspace only."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.errors import WorkspaceError
from studio.store.beside import folder_of, reader, root_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    for path, text in {
        "infra/main.tf": "main",
        "infra/a.json": "a",
        "flows/b.json": "b",
        "top.json": "top",
        "node_modules/main.tf": "main",
        "old/main.tf": "other",
        "../secret.json": "secret",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir()
    (root / "infra" / "way-out.json").symlink_to(tmp_path / "secret.json")
    (root / "infra" / "latin.json").write_bytes("ü".encode("latin-1"))
    return root


@pytest.mark.parametrize(
    ("path", "text"), [("a.json", "a"), ("./a.json", "a"), ("../flows/b.json", "b"), ("flows/b.json", "b"), ("top.json", "top")]
)
def test_a_file_of_the_workspace(root: Path, path: str, text: str) -> None:
    assert reader(root, root / "infra")(path) == text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../../secret.json", "lies outside of"),
        ("../../../../../../../../../../etc/passwd", "lies outside of"),
        ("/etc/passwd", "lies outside of"),
        ("way-out.json", "There is no file|lies outside of"),
        ("gone.json", "There is no file gone.json"),
        ("flows", "There is no file flows"),
        ("latin.json", "not UTF-8"),
        ("a\0.json", "cannot be opened"),
    ],
)
def test_what_is_not_followed(root: Path, path: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says):
        reader(root, root / "infra")(path)


def test_where_a_file_and_a_workspace_are(root: Path) -> None:
    assert root_of(root / "infra") == root
    assert root_of(root.parent) == root.parent
    assert folder_of(root, "main.tf", "main") == root / "infra"
    assert folder_of(root, "main.tf", "another") is None
