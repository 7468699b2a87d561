"""One open file: edits, undo, saving, what happens when somebody else writes it, and what a power cut leaves."""

# ruff: noqa: ASYNC240 - small files of a test
from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from studio.asl.edits import PlaceStates, RenameState, ReplaceText, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.errors import EditRefused, WorkspaceError
from studio.store.workspace import FileChangedError
from studio.ui.session import Change, WorkflowSession
from studio.ui.sessions import Sessions

TEXT = '{\n  "StartAt": "A",\n  "States": {\n    "A": {"Type": "Pass", "End": true}\n  }\n}\n'
COMMENT = Transaction((SetValue(("Comment",), "new"),), "Set the comment", "form")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.asl.json"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
async def session(file: Path, open_studio: Callable[[Path], Any]) -> AsyncIterator[WorkflowSession]:
    _, studio = await open_studio(file.parent)
    session = await studio.sessions.open("a.asl.json")
    leave = session.subscribe(lambda _change: None)
    yield session
    leave()


async def until(condition: Callable[[], Any], seconds: float = 3) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to this")


async def test_edit_undo_redo(session: WorkflowSession) -> None:
    heard: list[Change] = []
    session.subscribe(heard.append)
    assert await session.do(COMMENT) is True
    assert json.loads(session.document.text)["Comment"] == "new"
    assert session.unsaved
    assert session.undo() == "Set the comment"
    assert (session.document.text, session.unsaved) == (TEXT, False)
    assert session.undo() is None
    assert session.redo() == "Set the comment"
    assert heard[:3] == [Change.DOCUMENT] * 3


async def test_an_edit_that_changes_nothing_is_no_step(session: WorkflowSession) -> None:
    assert await session.do(Transaction((SetValue(("StartAt",), "A"),), "Start at A", "form")) is False
    assert session.history.labels == ()


async def test_a_refused_edit_changes_nothing(session: WorkflowSession) -> None:
    await session.do(Transaction((ReplaceText("{broken"),), "Edit the text", "code"))
    with pytest.raises(EditRefused):
        await session.do(COMMENT)
    assert session.document.text == "{broken"
    assert session.document.root == json.loads(TEXT)


async def test_save_writes_only_the_changed_lines(session: WorkflowSession, file: Path) -> None:
    await session.do(COMMENT)
    assert file.read_text("utf-8") == TEXT
    assert (await session.save()).startswith("Saved: ")
    assert json.loads(file.read_text("utf-8"))["Comment"] == "new"
    assert not session.unsaved
    assert (await session.save()).startswith("Nothing to save")


async def test_unsaved_text_is_kept_as_a_revision(session: WorkflowSession, file: Path) -> None:
    await session.do(Transaction((ReplaceText("{half typed"),), "Edit the text", "code"))
    await until(lambda: len(session.workspace.revisions.list("a.asl.json")) == 2)
    texts = [session.workspace.revisions.text(kept.id) for kept in session.workspace.revisions.list("a.asl.json")]
    assert texts == ["{half typed", TEXT]  # the text as it was opened can be brought back, too
    assert file.read_text("utf-8") == TEXT


async def test_saving_after_every_edit_leaves_broken_text_unsaved(session: WorkflowSession, file: Path) -> None:
    session.preferences.value = type(session.preferences.value)(saving="always")
    await session.do(COMMENT)
    await until(lambda: "new" in file.read_text("utf-8"))
    await session.do(Transaction((ReplaceText("{half"),), "Edit the text", "code"))
    await asyncio.sleep(0.3)
    assert "new" in file.read_text("utf-8")


async def test_a_change_on_disk_is_taken_over(session: WorkflowSession, file: Path) -> None:
    file.write_text(TEXT.replace('"A"', '"B"'), "utf-8")
    await until(lambda: '"B"' in session.document.text)
    assert not session.unsaved
    assert session.history.undo_label == "Changed on disk"


THEIRS = TEXT.replace('{\n  "StartAt"', '{\n  "Comment": "theirs",\n  "StartAt"')
"""The same field as `COMMENT` sets."""


async def test_a_change_on_disk_never_costs_unsaved_edits(session: WorkflowSession, file: Path) -> None:
    await session.do(COMMENT)
    theirs = THEIRS
    file.write_text(theirs, "utf-8")
    await until(lambda: session.disk_text is not None)
    with pytest.raises(FileChangedError):
        await session.save()
    assert file.read_text("utf-8") == theirs
    session.keep_mine()
    await asyncio.sleep(0.3)
    assert session.disk_text is None
    await session.save()
    assert '"new"' in file.read_text("utf-8")


async def test_taking_over_the_file_can_be_undone(session: WorkflowSession, file: Path) -> None:
    await session.do(COMMENT)
    mine = session.document.text
    file.write_text(THEIRS, "utf-8")
    await until(lambda: session.disk_text is not None)
    await session.take_disk()
    assert (session.document.text, session.unsaved) == (file.read_text("utf-8"), False)
    session.undo()
    assert session.document.text == mine


def versions(session: WorkflowSession) -> set[str]:
    kept = session.workspace.revisions
    return {kept.text(one.id) for one in kept.list(session.path)}


async def test_a_change_on_disk_is_merged_with_unsaved_edits(session: WorkflowSession, file: Path) -> None:
    await session.do(COMMENT)
    mine, theirs = session.document.text, TEXT.replace('"A": {"Type": "Pass", "End": true}', '"A": {"Type": "Succeed"}')
    file.write_text(theirs, "utf-8")
    await until(lambda: session.merged is not None)
    assert session.merged is not None
    assert (session.merged.before, [c.name for c in session.merged.came]) == (mine, ["A"])
    assert session.document.text == mine.replace('"Type": "Pass", "End": true', '"Type": "Succeed"')
    assert session.unsaved
    await until(lambda: {mine, theirs} <= versions(session))
    assert session.undo() == "Merge with the file on disk"
    assert session.document.text == mine
    session.redo()
    await session.save()
    assert (file.read_text("utf-8"), session.merged) == (session.document.text, None)


async def test_saving_before_the_change_was_noticed_merges_first(session: WorkflowSession, file: Path) -> None:
    session.settings = session.settings.model_copy(update={"disk_poll": 60})
    await asyncio.sleep(0.15)
    await session.do(COMMENT)
    file.write_text(TEXT.replace('"A"', '"B"'), "utf-8")
    assert (await session.save()).startswith("Not saved yet")
    assert '"new"' not in file.read_text("utf-8")
    assert (await session.save()).startswith("Saved: ")
    assert json.loads(file.read_text("utf-8")) == {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}, "Comment": "new"}


@pytest.mark.parametrize(("side", "comment"), [("mine", "new"), ("disk", "theirs")])
async def test_what_both_changed_is_chosen(session: WorkflowSession, file: Path, side: Any, comment: str) -> None:
    await session.do(COMMENT)
    mine, theirs = session.document.text, THEIRS.replace('"A"', '"B"')
    file.write_text(theirs, "utf-8")
    await until(lambda: session.conflicts)
    assert [(c.pointer, c.base, c.mine, c.disk) for c in session.conflicts] == [(("Comment",), MISSING, "new", "theirs")]
    assert session.document.text == mine
    assert await session.resolve(lambda _conflict: side)
    assert (session.document.root["Comment"], session.document.root["StartAt"], session.conflicts) == (comment, "B", ())  # type: ignore[index,call-overload]
    await until(lambda: {mine, theirs} <= versions(session))
    session.undo()
    assert session.document.text == mine


async def test_what_cannot_be_read_is_not_merged(session: WorkflowSession, file: Path) -> None:
    await session.do(Transaction((ReplaceText("{broken"),), "Edit the text", "code"))
    file.write_text(THEIRS, "utf-8")
    await until(lambda: session.disk_text is not None)
    assert (session.document.text, session.conflicts, session.merged) == ("{broken", (), None)
    assert not await session.resolve(lambda _conflict: "disk")


async def test_a_file_that_is_taken_away_is_noticed_and_can_be_made_again(session: WorkflowSession, file: Path) -> None:
    file.unlink()
    await until(lambda: session.gone)
    assert session.document.text == TEXT
    assert (await session.save()).startswith("Saved: ")
    assert (file.read_text("utf-8"), session.gone) == (TEXT, False)
    file.unlink()
    await until(lambda: session.gone)
    file.write_text(THEIRS, "utf-8")  # back, with another content
    await until(lambda: session.document.text == THEIRS)
    assert not session.gone
    await until(lambda: TEXT in versions(session))


async def test_saving_makes_a_removed_file_again(session: WorkflowSession, file: Path) -> None:
    await session.do(COMMENT)
    file.unlink()
    await session.save()
    assert '"new"' in file.read_text("utf-8")


async def test_problems_follow_the_text(session: WorkflowSession) -> None:
    await until(lambda: session.checked_revision == session.document.revision)
    assert [d for d in session.diagnostics if d.severity == "error"] == []
    await session.do(Transaction((ReplaceText(TEXT.replace('"A",', '"Nowhere",')),), "Edit the text", "code"))
    await until(lambda: any(d.severity == "error" and d.pointer == ("StartAt",) for d in session.diagnostics))
    await session.do(Transaction((ReplaceText("{"),), "Edit the text", "code"))
    await until(lambda: session.checked_revision == session.document.revision)
    assert session.diagnostics[0].severity == "error"


async def test_two_tabs_share_one_session(file: Path, open_studio: Callable[[Path], Any]) -> None:
    _, studio = await open_studio(file.parent)
    first = await studio.sessions.open("a.asl.json")
    leave = first.subscribe(lambda _change: None)
    assert await studio.sessions.open("a.asl.json") is first
    await first.do(COMMENT)
    leave()
    assert await studio.sessions.open("a.asl.json") is first, "unsaved edits outlive their tab"
    await first.save()
    file.write_text(TEXT, "utf-8")
    assert (await studio.sessions.open("a.asl.json")).document.text == TEXT


@pytest.mark.parametrize("name", ["gone.asl.json", "../outside.asl.json", "folder"])
async def test_files_that_cannot_be_opened(file: Path, open_studio: Callable[[Path], Any], name: str) -> None:
    (file.parent / "folder").mkdir()
    _, studio = await open_studio(file.parent)
    with pytest.raises(WorkspaceError):
        await studio.sessions.open(name)


class TestSideFiles:
    async def test_absent(self, session: WorkflowSession) -> None:
        assert (session.side.input_text, session.side.mocks_text, session.side.cases, session.side.mocked) == ("{}\n", "", [], frozenset())

    async def test_written_when_valid(self, session: WorkflowSession, file: Path) -> None:
        await session.side.write_input('{"a": 1}')
        assert (file.parent / "a.input.json").read_text("utf-8") == '{"a": 1}'
        with pytest.raises(ValueError, match="Expecting"):
            await session.side.write_input("{")
        assert (file.parent / "a.input.json").read_text("utf-8") == '{"a": 1}'

    async def test_mocks(self, session: WorkflowSession) -> None:
        mocks = {
            "StateMachines": {"a": {"TestCases": {"Bad": {"B": "b"}, "Happy": {"A": "a"}}}},
            "MockedResponses": {"a": {"0": {"Return": 1}}, "b": {"0": {"Throw": {"Error": "E", "Cause": "c"}}}},
        }
        await session.write_mocks(json.dumps(mocks))
        assert (session.side.cases, session.side.chosen, session.side.mocked) == (["Bad", "Happy"], "Happy", frozenset({"A"}))
        await session.choose_case("Bad")
        assert session.side.mocked == frozenset({"B"})
        with pytest.raises(ValueError, match="MockedResponses"):
            await session.write_mocks(json.dumps({**mocks, "MockedResponses": {}}))

    async def test_a_case_has_an_input_of_its_own(self, session: WorkflowSession, file: Path) -> None:
        cases = {"Happy": {}, "Too much": {}, "Third": {}}
        await session.write_mocks(json.dumps({"StateMachines": {"a": {"TestCases": cases}}, "MockedResponses": {}}))
        await session.side.write_input('{"a": 1}')
        await session.choose_case("Too much")
        assert (session.side.input_text, session.side.own_input) == ('{"a": 1}', False)
        await session.side.give_own_input()
        await session.side.write_input('{"a": 100}')
        seen = []
        for case in ("Third", "Too much", "Happy"):
            await session.choose_case(case)
            seen.append((session.side.input_name, session.side.input_text, session.side.own_input))
        assert seen == [
            ("a.input.json", '{"a": 1}', False),
            ("a.input.Too-much.json", '{"a": 100}', True),
            ("a.input.json", '{"a": 1}', False),
        ]
        again = Sessions(session.workspace, session.settings, session.preferences)
        other = await again.open("a.asl.json")
        await other.choose_case("Too much")
        assert other.side.input_text == '{"a": 100}'


class TestPlaces:
    """Where states were put by hand: in the side file at once, never in the definition."""

    PLACE = Transaction((PlaceStates((("A", (264, 16)),)),), "place *A*", "canvas")

    @staticmethod
    def kept(file: Path) -> Any:
        side = file.with_name("a.studio.json")
        return json.loads(side.read_text("utf-8")).get("layout", {}) if side.exists() else None

    async def test_they_survive(self, session: WorkflowSession, file: Path) -> None:
        await session.do(self.PLACE)
        await until(lambda: self.kept(file) == {"A": [264, 16]})
        assert (session.unsaved, session.edits_since_save, file.read_text("utf-8")) == (False, 0, TEXT)
        later = Sessions(session.workspace, session.settings, session.preferences)
        assert dict((await later.open("a.asl.json")).document.places) == {"A": (264, 16)}

    async def test_undo_takes_them_back(self, session: WorkflowSession, file: Path) -> None:
        await session.do(self.PLACE)
        await until(lambda: self.kept(file) == {"A": [264, 16]})
        assert session.undo() == "place *A*"
        await until(lambda: self.kept(file) == {})
        session.redo()
        await until(lambda: self.kept(file) == {"A": [264, 16]})

    async def test_a_new_name_that_is_not_saved_costs_the_file_nothing(self, session: WorkflowSession, file: Path) -> None:
        await session.do(self.PLACE)
        await until(lambda: self.kept(file) == {"A": [264, 16]})
        await session.do(Transaction((RenameState(("States", "A"), "B"),), "rename", "canvas"))
        await until(lambda: self.kept(file) == {"A": [264, 16], "B": [264, 16]})
        await session.save()
        await until(lambda: self.kept(file) == {"B": [264, 16]})

    async def test_a_side_file_that_cannot_be_read_is_not_written_over(self, file: Path, open_studio: Callable[[Path], Any]) -> None:
        side = file.with_name("a.studio.json")
        side.write_text("{", "utf-8")
        _, studio = await open_studio(file.parent)
        session = await studio.sessions.open("a.asl.json")
        assert await session.do(self.PLACE) is True
        await asyncio.sleep(0.1)
        assert side.read_text("utf-8") == "{"


async def test_a_file_that_another_program_moved_is_followed(file: Path, session: WorkflowSession) -> None:
    side = file.with_name("a.mocks.json")
    side.write_text('{"StateMachines": {}}')
    await session.do(COMMENT)
    await asyncio.sleep(0.2)
    moved = file.parent / "deep" / "b.asl.json"
    moved.parent.mkdir()
    file.rename(moved)
    await until(lambda: session.path == "deep/b.asl.json")
    assert (session.gone, session.unsaved, session.followed) == (False, True, ("a.asl.json", "deep/b.mocks.json"))
    assert not side.exists()
    assert (await session.save()).startswith("Saved")
    assert '"Comment": "new"' in moved.read_text()
    assert not file.exists()
    assert {row.workflow for row in session.workspace.revisions.list("deep/b.asl.json")} == {"deep/b.asl.json"}
    assert session.workspace.renamed_to("a.asl.json") == "deep/b.asl.json"


async def test_a_copy_of_a_removed_file_is_only_offered(file: Path, session: WorkflowSession) -> None:
    copy = file.with_name("copy.asl.json")
    copy.write_text(TEXT)
    os.utime(copy, (1, 1))
    file.unlink()
    await until(lambda: session.elsewhere == "copy.asl.json")
    assert (session.path, session.gone) == ("a.asl.json", True)
    file.write_text(TEXT)  # it came back
    await until(lambda: not session.gone)
    assert session.elsewhere is None
    file.unlink()
    await until(lambda: session.elsewhere == "copy.asl.json")
    copy.with_name("another.asl.json").write_text(TEXT)  # now nobody can tell
    await until(lambda: session.elsewhere is None)


async def test_an_offered_file_is_followed_on_demand(file: Path, open_studio: Callable[[Path], Any]) -> None:
    _, studio = await open_studio(file.parent)
    session = await studio.sessions.open("a.asl.json")
    leave = session.subscribe(lambda _change: None)
    arn = await session.start_run(studio.engine)
    await studio.engine.ended(arn)
    file.with_name("copy.asl.json").write_text(TEXT)
    os.utime(file.with_name("copy.asl.json"), (1, 1))
    file.unlink()
    await until(lambda: session.elsewhere == "copy.asl.json")
    await studio.sessions.follow(session, "copy.asl.json")
    assert (session.path, session.gone, studio.sessions.peek("copy.asl.json")) == ("copy.asl.json", False, session)
    listed = await studio.engine.search_executions(workflow="copy.asl.json")
    assert [item["executionArn"] for item in listed["executions"]] == [arn]
    leave()


async def test_a_file_that_is_open_alone_is_followed_within_its_folder(file: Path, open_studio: Callable[[Path], Any]) -> None:
    (file.parent / "other.asl.json").write_text(TEXT + " ")
    file.with_name("a.mocks.json").write_text('{"StateMachines": {}}')
    _, studio = await open_studio(file)
    session = await studio.sessions.open("a.asl.json")
    leave = session.subscribe(lambda _change: None)
    await session.do(COMMENT)
    await asyncio.sleep(0.2)
    file.rename(file.with_name("b.asl.json"))
    await until(lambda: session.path == "b.asl.json")
    assert (session.gone, session.unsaved, session.followed) == (False, True, ("a.asl.json", "b.mocks.json"))
    assert [entry.path for entry in studio.workspace.list()] == ["b.asl.json"]
    assert (await session.save()).startswith("Saved")
    assert '"Comment": "new"' in file.with_name("b.asl.json").read_text()
    with pytest.raises(WorkspaceError, match=r"Only b\.asl\.json is open"):
        await studio.sessions.open("other.asl.json")
    (file.parent / "deep").mkdir()
    file.with_name("b.asl.json").rename(file.parent / "deep" / "b.asl.json")
    await until(lambda: session.gone)
    assert (session.path, session.elsewhere) == ("b.asl.json", None), "another folder is not looked into"
    leave()


async def test_edits_that_were_not_saved_when_the_studio_ended_are_offered(file: Path, open_studio: Callable[[Path], Any]) -> None:
    _, studio = await open_studio(file.parent)

    async def opened() -> WorkflowSession:
        """As a studio opens it that was started anew."""
        old = studio.sessions
        return await Sessions(old.workspace, old.settings, old.preferences).open("a.asl.json")

    def newest() -> str:
        revisions = studio.workspace.revisions
        return revisions.text(revisions.list("a.asl.json", 1)[0].id)

    first = await opened()
    assert first.left is None
    await first.do(COMMENT)
    await until(lambda: studio.workspace.revisions.list("a.asl.json") and '"new"' in newest())
    again = await opened()
    assert (again.document.text, again.unsaved) == (TEXT, False)
    await again.leave_out()
    assert (await opened()).left is None, "left out once is not offered again"

    await first.do(Transaction((SetValue(("Comment",), "newer"),), "Set the comment", "form"))
    await until(lambda: '"newer"' in newest())
    again = await opened()
    await again.bring_back()
    assert (json.loads(again.document.text)["Comment"], again.unsaved, again.left) == ("newer", True, None)
    assert again.history.labels == ("Bring back what was not saved",)
    again.undo()
    await until(lambda: newest() == TEXT)
    assert (await opened()).left is None, "undone is not lost"

    await first.do(Transaction((SetValue(("Comment",), "newest"),), "Set the comment", "form"))
    await until(lambda: '"newest"' in newest())
    os.utime(file, (2**32, 2**32))
    assert (await opened()).left is None, "the file is younger"
