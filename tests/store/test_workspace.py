from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.errors import WorkspaceError
from studio.store.listing import Entry
from studio.store.moved import take_along
from studio.store.names import name_of
from studio.store.workspace import FileChangedError, Trashed, Workspace

TEXT = '{"StartAt": "A"}\r\n'


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "flows"
    for path in ("a.asl.json", "sub/b.asl.yaml", "sub/workflow.asl.json", "deep/x/c.ASL.YML"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(TEXT.encode())
    for path in (".git/d.asl.json", "node_modules/e.asl.json", ".venv/f.asl.json", ".studio/g.asl.json", "notes.json", ".h.asl.json"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("{}")
    (tmp_path / "secret.asl.json").write_text("{}")
    return folder


@pytest.fixture
def workspace(root):
    made = Workspace(root)
    yield made
    made.close()


def test_the_list_of_workflows(workspace, root):
    entries = workspace.list()
    assert [e.path for e in entries] == ["a.asl.json", "deep/x/c.ASL.YML", "sub/b.asl.yaml", "sub/workflow.asl.json"]
    facts = (root / "sub/b.asl.yaml").stat()
    assert entries[2] == Entry("sub/b.asl.yaml", "b", "yaml", len(TEXT), facts.st_mtime)
    assert workspace.listing().complete


def test_the_workflow_behind_a_state_machine(workspace, root):
    names = ("a", "b", "sub", "c", "workflow", "h", "d", "../secret", "none")
    found = {name: file.relative_to(root).as_posix() for name in names if (file := workspace.of_machine(name)) is not None}
    assert found == {"a": "a.asl.json", "b": "sub/b.asl.yaml", "sub": "sub/workflow.asl.json", "workflow": "sub/workflow.asl.json"}


def test_the_inputs_of_test_cases_go_with_a_workflow(workspace, root):
    for path in (
        "a.input.json",
        "a.input.Big-one.json",
        "a.mocks.json",
        "ab.input.Happy.json",
        "sub/input.bad.json",
        "sub/b.input.bad.json",
    ):
        (root / path).write_text("{}")
    cases = [("a.asl.json", "Big one"), ("a.asl.json", "Happy"), ("sub/workflow.asl.json", "BAD"), ("sub/b.asl.yaml", "Bad")]
    found = [workspace.case_input(path, case) for path, case in cases]
    assert found == ["a.input.Big-one.json", None, "sub/input.bad.json", "sub/b.input.bad.json"]
    workspace.duplicate("a.asl.json", "c.asl.json")
    workspace.rename("a.asl.json", "new/d.asl.json")
    workspace.delete("c.asl.json")
    names = sorted(p.relative_to(root).as_posix() for p in root.glob("**/*.json") if "input" in p.name and ".studio" not in p.parts)
    assert names == ["ab.input.Happy.json", "new/d.input.Big-one.json", "new/d.input.json", "sub/b.input.bad.json", "sub/input.bad.json"]
    (entry,) = workspace.trash()
    workspace.restore(entry.id)
    assert sorted(p.name for p in root.glob("c.*")) == ["c.asl.json", "c.input.Big-one.json", "c.input.json", "c.mocks.json"]


def test_listing_is_bounded(workspace, monkeypatch):
    monkeypatch.setattr("studio.store.listing.MAX_WORKFLOWS", 2)
    listing = workspace.listing()
    assert (len(listing.entries), listing.complete) == (2, False)


def test_links_out_of_the_workspace_are_not_followed(workspace, root):
    (root / "out.asl.json").symlink_to(root.parent / "secret.asl.json")
    (root / "outer").symlink_to(root.parent)
    (root / "in.asl.json").symlink_to(root / "a.asl.json")
    (root / "loop").symlink_to(root)
    paths = [e.path for e in workspace.list()]
    assert "in.asl.json" in paths
    assert "out.asl.json" not in paths
    assert not any(p.startswith(("outer", "loop")) for p in paths)
    for path in ("out.asl.json", "outer/secret.asl.json"):
        with pytest.raises(WorkspaceError, match="outside"):
            workspace.read(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../secret.asl.json", "not a path inside"),
        ("sub/../../secret.asl.json", "not a path inside"),
        ("/etc/passwd", "not a path inside"),
        ("C:/x.asl.json", "not a path inside"),
        ("", "not a path inside"),
        ("a\0.asl.json", "not a path inside"),
        (".git/d.asl.json", "hidden"),
        (".studio/g.asl.json", "hidden"),
        ("a.txt", "not a workflow file"),
        ("a", "not a workflow file"),
        ("missing.asl.json", "There is no file missing.asl.json"),
        ("x" * 400 + ".asl.json", "cannot be read"),
    ],
)
def test_paths_that_are_refused(workspace, path, message):
    for use in (workspace.read, lambda p: workspace.write(p, "{}") if "missing" not in p else workspace.read(p)):
        with pytest.raises(WorkspaceError, match="cannot be (read|written|opened)" if "cannot" in message else message):
            use(path)


def test_reading_keeps_every_character(workspace, root):
    loaded = workspace.read("a.asl.json")
    assert (loaded.text, loaded.format, loaded.path) == (TEXT, "json", "a.asl.json")
    (root / "bom.asl.json").write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n')
    text = workspace.read("bom.asl.json").text
    assert text == '\ufeff{"a": 1}\r\n'
    workspace.write("bom.asl.json", text + " ")
    assert (root / "bom.asl.json").read_bytes() == b'\xef\xbb\xbf{"a": 1}\r\n '


@pytest.mark.parametrize(
    ("data", "message", "beginning"),
    [
        (b"\x00\x01\x02", "binary", None),
        (b"\xff\xfe{\x00}\x00", "binary", None),
        (b'{"a": "\xe9"}', "not UTF-8 text \\(line 1\\)", '{"a": "\ufffd"}'),
        (b"{}" + b" " * (8 * 1024 * 1024), "8.0 MB; the limit is 8 MB", "{}" + " " * 3998),
    ],
)
def test_files_that_cannot_be_opened(workspace, root, data, message, beginning):
    (root / "bad.asl.json").write_bytes(data)
    with pytest.raises(WorkspaceError, match=message):
        workspace.read("bad.asl.json")
    if beginning is None:
        with pytest.raises(WorkspaceError, match="binary"):
            workspace.beginning("bad.asl.json")
    else:
        assert workspace.beginning("bad.asl.json") == beginning
    assert (root / "bad.asl.json").read_bytes() == data


def test_what_is_not_a_file(workspace, root):
    (root / "folder.asl.json").mkdir()
    os.mkfifo(root / "pipe.asl.json")
    for path, message in (("folder.asl.json", "is a folder"), ("pipe.asl.json", "not an ordinary file")):
        with pytest.raises(WorkspaceError, match=message):
            workspace.read(path)
    assert "pipe.asl.json" not in [e.path for e in workspace.list()]


def test_writing_is_atomic_and_keeps_permissions(workspace, root):
    file = root / "a.asl.json"
    file.chmod(0o640)
    loaded = workspace.write("a.asl.json", "é\n")
    assert file.read_bytes() == "é\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert loaded == workspace.read("a.asl.json")
    assert sorted(p.name for p in root.iterdir() if p.name.endswith(".tmp")) == []


def test_writing_the_same_touches_nothing(workspace, root):
    before = (root / "a.asl.json").stat().st_mtime_ns
    workspace.write("a.asl.json", TEXT)
    assert (root / "a.asl.json").stat().st_mtime_ns == before


def test_a_link_inside_stays_a_link(workspace, root):
    (root / "in.asl.json").symlink_to(root / "a.asl.json")
    workspace.write("in.asl.json", "{}")
    assert (root / "in.asl.json").is_symlink()
    assert (root / "a.asl.json").read_text() == "{}"


def test_a_failed_write_leaves_the_file(workspace, root, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.store.files.os.fsync", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        workspace.write("a.asl.json", "{}")
    assert (root / "a.asl.json").read_bytes() == TEXT.encode()
    assert not [p for p in root.iterdir() if p.name.endswith(".tmp")]


def test_a_change_on_disk_is_noticed(workspace, root):
    loaded = workspace.read("a.asl.json")
    assert not workspace.changed("a.asl.json", loaded)
    os.utime(root / "a.asl.json", (1, 1))
    assert not workspace.changed("a.asl.json", loaded)
    (root / "a.asl.json").write_text('{"other": 1}')
    assert workspace.changed("a.asl.json", loaded)
    with pytest.raises(FileChangedError, match="was changed on disk"):
        workspace.write("a.asl.json", "{}", expected=loaded.sha)
    assert (root / "a.asl.json").read_text() == '{"other": 1}'
    workspace.write("a.asl.json", "{}", expected=workspace.read("a.asl.json").sha)
    (root / "a.asl.json").unlink()
    assert workspace.changed("a.asl.json", loaded)
    with pytest.raises(FileChangedError, match="was removed from disk"):
        workspace.write("a.asl.json", "{}", expected=loaded.sha)


@pytest.mark.parametrize("text", ["\ud800", "x" * (8 * 1024 * 1024 + 1)])
def test_texts_that_are_not_written(workspace, root, text):
    with pytest.raises(WorkspaceError):
        workspace.write("a.asl.json", text)
    assert (root / "a.asl.json").read_bytes() == TEXT.encode()


def test_creating(workspace, root):
    assert workspace.create("new/folder/x.asl.yaml", "a: 1\n").format == "yaml"
    with pytest.raises(WorkspaceError, match="already"):
        workspace.create("a.asl.json", "{}")


def test_renaming_takes_side_files_and_revisions_along(workspace, root):
    workspace.write_side_file("a.asl.json", "mocks", "{}")
    workspace.keep_revision("a.asl.json", TEXT, at=1.0)
    assert workspace.rename("a.asl.json", "sub/z.asl.yaml") == "sub/z.asl.yaml"
    assert sorted(p.relative_to(root).as_posix() for p in (root / "sub").iterdir()) == [
        "sub/b.asl.yaml",
        "sub/workflow.asl.json",
        "sub/z.asl.yaml",
        "sub/z.mocks.json",
    ]
    assert [r.workflow for r in workspace.revisions.list("sub/z.asl.yaml")] == ["sub/z.asl.yaml"]
    with pytest.raises(WorkspaceError, match="already"):
        workspace.rename("sub/z.asl.yaml", "sub/b.asl.yaml")
    with pytest.raises(WorkspaceError, match="no file"):
        workspace.rename("a.asl.json", "q.asl.json")
    with pytest.raises(WorkspaceError, match="is YAML, and stays so"):
        workspace.rename("sub/z.asl.yaml", "sub/z.asl.json")


def test_duplicating(workspace, root):
    workspace.write_side_file("a.asl.json", "input", '{"x": 1}')
    workspace.write_side_file("a.asl.json", "studio", "{}")
    assert workspace.duplicate("a.asl.json") == "a-2.asl.json"
    assert workspace.duplicate("a.asl.json") == "a-3.asl.json"
    assert (root / "a-3.asl.json").read_bytes() == TEXT.encode()
    assert (root / "a-3.input.json").read_text() == '{"x": 1}'
    assert (root / "a-3.studio.json").read_text() == "{}"


def test_the_trash(workspace, root):
    workspace.write_side_file("sub/b.asl.yaml", "mocks", "{}")
    assert workspace.delete("sub/b.asl.yaml") == Trashed("1", "sub/b.asl.yaml")
    assert workspace.delete("a.asl.json") == Trashed("2", "a.asl.json")
    assert not (root / "sub/b.mocks.json").exists()
    assert workspace.trash() == [Trashed("2", "a.asl.json"), Trashed("1", "sub/b.asl.yaml")]
    assert workspace.restore("1") == "sub/b.asl.yaml"
    assert (root / "sub/b.mocks.json").exists()
    assert workspace.trash() == [Trashed("2", "a.asl.json")]
    workspace.create("a.asl.json", "{}")
    with pytest.raises(WorkspaceError, match="already"):
        workspace.restore("2")
    with pytest.raises(WorkspaceError, match="nothing"):
        workspace.restore("../..")
    with pytest.raises(WorkspaceError, match="nothing"):
        workspace.forget("../..")
    workspace.forget("2")
    assert workspace.trash() == []
    assert workspace.delete("a.asl.json").id == "1"


def test_side_files(workspace, root):
    assert workspace.side_file("a.asl.json", "mocks") == ("a.mocks.json", None)
    assert workspace.write_side_file("a.asl.json", "mocks", "{}") == "a.mocks.json"
    assert workspace.side_file("a.asl.json", "mocks") == ("a.mocks.json", "{}")
    assert workspace.side_file("sub/workflow.asl.json", "input") == ("sub/workflow.input.json", None)
    (root / "sub/input.json").write_text("[]")
    assert workspace.side_file("sub/workflow.asl.json", "input") == ("sub/input.json", "[]")
    assert workspace.side_file("sub/b.asl.yaml", "input") == ("sub/b.input.json", None)
    (root / "sub/workflow.input.json").write_text("1")
    assert workspace.side_file("sub/workflow.asl.json", "input") == ("sub/workflow.input.json", "1")


def test_one_file_as_the_workspace(root):
    workspace = Workspace(root / "sub" / "b.asl.yaml")
    assert [e.path for e in workspace.list()] == ["b.asl.yaml"]
    assert workspace.read("b.asl.yaml").text == TEXT
    assert workspace.side_file("b.asl.yaml", "mocks") == ("b.mocks.json", None)
    for use in (
        lambda: workspace.read("workflow.asl.json"),
        lambda: workspace.create("n.asl.json", ""),
        lambda: workspace.duplicate("b.asl.yaml"),
    ):
        with pytest.raises(WorkspaceError, match=r"Only b\.asl\.yaml is open"):
            use()


def test_a_workspace_that_is_not_there(tmp_path):
    with pytest.raises(WorkspaceError, match="no folder or file"):
        Workspace(tmp_path / "nowhere")


def test_what_is_ours_is_kept_out_of_git(workspace, root):
    workspace.keep_revision("a.asl.json", TEXT, "named", at=5.0)
    assert (root / ".studio" / ".gitignore").read_text() == "*\n"
    assert [(r.at, r.label) for r in workspace.revisions.list("a.asl.json")] == [(5.0, "named")]


@pytest.mark.parametrize(("path", "name"), [("a/b.asl.json", "b"), ("x.ASL.yml", "x"), ("t.yaml", "t"), ("n", "n")])
def test_names(path, name):
    assert name_of(path) == name


SAM = """AWSTemplateFormatVersion: "2010-09-09"  # ours
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A   # first
        States:
          A: {Type: Pass, Result: !GetAtt Table.Arn, End: true}
      DefinitionSubstitutions: {Name: x}
  Text:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": ${Delay}, "End": true}}}
"""


def test_state_machines_inside_a_template_are_workflows(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    (tmp_path / "other.yaml").write_text("a: 1\n", "utf-8")
    workspace = Workspace(tmp_path)
    assert [(e.path, e.name) for e in workspace.list()] == [("template.yaml#Orders", "Orders"), ("template.yaml#Text", "Text")]
    loaded = workspace.read("template.yaml#Orders")
    assert loaded.text == "StartAt: A   # first\nStates:\n  A: {Type: Pass, Result: !GetAtt Table.Arn, End: true}"
    written = workspace.write(loaded.path, loaded.text.replace("StartAt: A", "Comment: new\nStartAt: A"), expected=loaded.sha)
    assert (tmp_path / "template.yaml").read_text("utf-8") == SAM.replace("        StartAt: A", "        Comment: new\n        StartAt: A")
    assert not workspace.changed(written.path, written)
    assert workspace.changed(loaded.path, loaded)
    assert workspace.read("template.yaml#Text").text.startswith('{"StartAt": "B"')


def test_what_cannot_be_put_back_leaves_the_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    workspace = Workspace(tmp_path)
    loaded = workspace.read("template.yaml#Orders")
    with pytest.raises(WorkspaceError, match="cannot be put back"):
        workspace.write(loaded.path, "- a list", expected=loaded.sha)
    with pytest.raises(WorkspaceError, match="has no state machine Nope"):
        workspace.read("template.yaml#Nope")
    with pytest.raises(WorkspaceError, match="inside a template cannot be deleted"):
        workspace.delete(loaded.path)
    assert (tmp_path / "template.yaml").read_text("utf-8") == SAM
    (tmp_path / "template.yaml").write_text(SAM + "# more\n", "utf-8")
    with pytest.raises(FileChangedError):
        workspace.write(loaded.path, "StartAt: B\nStates: {}\n", expected=loaded.sha)


def test_side_files_of_a_state_machine_inside_a_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    workspace = Workspace(tmp_path)
    assert workspace.write_side_file("template.yaml#Orders", "input", "{}") == "template.Orders.input.json"
    assert workspace.side_file("template.yaml#Orders", "input") == ("template.Orders.input.json", "{}")


def test_what_belongs_to_the_state_machines_of_a_template_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    workspace = Workspace(tmp_path)
    sides = {"mocks": '{"a": 1}', "studio": "{}", "input.one": "1"}
    for kind, text in sides.items():
        workspace.write_side_file("template.yaml#Orders", kind, text)
    workspace.rename("template.yaml", "infra/sam.yaml")
    assert {k: workspace.side_file("infra/sam.yaml#Orders", k)[1] for k in sides} == sides
    workspace.duplicate("infra/sam.yaml", "infra/template.yaml")
    assert {k: workspace.side_file("infra/template.yaml#Orders", k)[1] for k in sides} == sides
    trashed = workspace.delete("infra/sam.yaml")
    assert [p.name for p in (tmp_path / "infra").iterdir() if p.name.startswith("sam.")] == []
    assert [thing.path for thing in workspace.trash()] == ["infra/sam.yaml"]
    assert workspace.restore(trashed.id) == "infra/sam.yaml"
    assert {k: workspace.side_file("infra/sam.yaml#Orders", k)[1] for k in sides} == sides
    (tmp_path / "infra" / "sam.yaml").rename(tmp_path / "sam.yml")
    assert sorted(take_along(workspace, "infra/sam.yaml", "sam.yml")) == [
        "sam.Orders.input.one.json",
        "sam.Orders.mocks.json",
        "sam.Orders.studio.json",
    ]


def test_a_template_that_is_open_alone_has_the_side_files_of_its_state_machines(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM, "utf-8")
    workspace = Workspace(tmp_path / "template.yaml")
    workspace.write_side_file("template.yaml#Orders", "mocks", "{}")
    assert workspace.side_file("template.yaml#Orders", "mocks") == ("template.Orders.mocks.json", "{}")
    with pytest.raises(WorkspaceError, match=r"Only template\.yaml is open"):
        workspace.read("template.Nobody.mocks.json")


def test_many_threads_open_the_revisions_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    start = threading.Barrier(8)

    def open_() -> object:
        start.wait()
        return workspace.revisions

    with ThreadPoolExecutor(8) as pool:
        found = [one.result() for one in [pool.submit(open_) for _ in range(8)]]
    workspace.close()
    assert len({id(one) for one in found}) == 1


def test_old_paths_lead_to_what_was_renamed(root: Path) -> None:
    workspace = Workspace(root)
    workspace.rename("a.asl.json", "b.asl.json")
    workspace.rename("b.asl.json", "sub/c.asl.json")
    assert [workspace.renamed_to(p) for p in ("a.asl.json", "b.asl.json", "sub/c.asl.json", "never.asl.json")] == [
        "sub/c.asl.json",
        "sub/c.asl.json",
        None,
        None,
    ]
    assert workspace.renamed_to("b.asl.json#Pay") == "sub/c.asl.json#Pay"
    workspace.create("a.asl.json", "{}")
    assert workspace.renamed_to("a.asl.json") is None
    workspace.delete("sub/c.asl.json")
    assert workspace.renamed_to("b.asl.json") is None
    (root / ".studio" / "renamed.json").write_text("{")
    assert workspace.renamed_to("b.asl.json") is None
