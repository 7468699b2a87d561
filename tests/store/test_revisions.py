from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import WorkspaceError
from studio.store.revisions import Revisions


@pytest.fixture
def revisions(tmp_path):
    made = Revisions(tmp_path / "revisions.sqlite")
    yield made
    made.close()


def test_what_is_kept_comes_back(revisions):
    first = revisions.add("a", "one ✓\r\n", at=1.0)
    second = revisions.add("a", "two", at=2.0, label="named")
    revisions.add("b", "other", at=3.0)
    assert revisions.list("a") == [second, first]
    assert revisions.get(first.id) == first
    assert revisions.text(first.id) == "one ✓\r\n"
    assert (first.size, first.label, first.workflow) == (7, "", "a")


def test_the_same_text_is_kept_once(revisions):
    kept = revisions.add("a", "x", at=1.0)
    assert revisions.add("a", "x", at=2.0) is None
    assert revisions.add("a", "x", at=3.0, label="named") is None
    assert [(r.id, r.label) for r in revisions.list("a")] == [(kept.id, "named")]
    revisions.add("a", "y", at=4.0)
    assert revisions.add("a", "x", at=5.0) is not None


def test_pruning_keeps_named_ones(revisions):
    for n in range(6):
        revisions.add("a", str(n), at=float(n), label="keep" if n == 1 else "")
    assert revisions.prune("a", keep=3) == 2
    assert [revisions.text(r.id) for r in revisions.list("a")] == ["5", "4", "3", "1"]
    assert revisions.prune("a", keep=10, before=4.5) == 2
    assert [revisions.text(r.id) for r in revisions.list("a")] == ["5", "1"]


def test_labels_and_renames(revisions):
    kept = revisions.add("a", "x", at=1.0)
    revisions.label(kept.id, "v1")
    revisions.rename("a", "b")
    assert [(r.workflow, r.label) for r in revisions.list("b")] == [("b", "v1")]
    assert revisions.list("a") == []


@pytest.mark.parametrize("use", [lambda r: r.get(9), lambda r: r.text(9), lambda r: r.label(9, "x")])
def test_what_is_not_there(revisions, use):
    with pytest.raises(WorkspaceError, match="no revision 9"):
        use(revisions)


def test_they_survive_a_restart(tmp_path):
    first = Revisions(tmp_path / "r.sqlite")
    kept = first.add("a", "x", at=1.0)
    first.close()
    again = Revisions(tmp_path / "r.sqlite")
    assert again.list("a") == [kept]
    again.close()


def test_a_damaged_file_is_set_aside(tmp_path):
    (tmp_path / "r.sqlite").write_bytes(b"not a database, but long enough to look at" * 40)
    revisions = Revisions(tmp_path / "r.sqlite")
    assert "set aside as r.sqlite.damaged-1" in revisions.notice
    assert (tmp_path / "r.sqlite.damaged-1").read_bytes().startswith(b"not a database")
    assert revisions.add("a", "x", at=1.0) is not None
    revisions.close()


def test_a_newer_file_is_not_touched(tmp_path):
    db = sqlite3.connect(tmp_path / "r.sqlite")
    db.execute("pragma user_version = 99")
    db.commit()
    db.close()
    before = (tmp_path / "r.sqlite").read_bytes()
    with pytest.raises(WorkspaceError, match="newer version"):
        Revisions(tmp_path / "r.sqlite")
    assert (tmp_path / "r.sqlite").read_bytes() == before


def test_several_threads(revisions):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: revisions.add(f"w{n % 3}", str(n), at=float(n)), range(60)))
    assert sum(len(revisions.list(f"w{n}")) for n in range(3)) == 60
