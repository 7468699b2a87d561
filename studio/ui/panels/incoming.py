"""Files that come in: dropped on the page or chosen, read as `exec.incoming` does, written under names that are free."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio

MAX_BYTES = 64 * 1024 * 1024
"""Of one file: an exported run may be that large; a definition may have 8 MB."""


class Incoming:
    """The button *Import*, and the page as a place to drop files on. `written` is called after a file came in."""

    def __init__(self, studio: Studio, written: Callable[[], Awaitable[None]]) -> None:
        self.studio, self.written = studio, written
        self.uploader = ui.upload(multiple=True, auto_upload=True, max_file_size=MAX_BYTES, on_upload=self._came, on_rejected=self._refused)
        self.uploader.classes("off-stage").props("accept=.json,.yaml,.yml,.template,.tf,.py,.ts,.js")
        c.attributes(self.uploader, aria_hidden="true")
        button = c.button(
            "Import",
            None,
            icon_name="upload_file",
            title="Import a definition, a template, Terraform or CDK code, or an exported run; or drop it here",
            data_import="",
        )
        button.on("click", js_handler=f"() => runMethod({self.uploader.id}, 'pickFiles', [])")
        ui.run_javascript(f"window.studio.filesTo = {self.uploader.id}")

    def _refused(self) -> None:
        c.toast(f"Not imported: only JSON, YAML, Terraform and CDK files of at most {MAX_BYTES >> 20} MB.", seconds=6)

    async def _came(self, event: Any) -> None:
        name = str(event.file.name)
        try:
            paths, notes = await self.keep(name, await event.file.read())
        except StudioError as problem:
            c.toast(f"Not imported: {problem}", seconds=8)
            return
        finally:
            self.uploader.reset()
        if len(paths) == 1 and not notes:
            ui.navigate.to(f"/w/{quote(paths[0])}")
            return
        await self.written()
        c.toast("\n".join([f"Imported {', '.join(paths)}", *notes]), seconds=8 if notes else 4)

    async def keep(self, name: str, data: bytes) -> tuple[list[str], list[str]]:
        """Writes the workflows of a file; answers their paths, and what a person should know. Errors: StudioError; then nothing is written."""
        from studio.exec import incoming

        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise StudioError(f"{name} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
        pieces = await asyncio.to_thread(lambda: incoming.read(name, text, self._beside(name, text)))
        paths: list[str] = []
        notes: list[str] = []
        for piece in pieces or []:
            path = await asyncio.to_thread(self._write, piece)
            paths.append(path or "")
            notes += [f"{path}: {note}" for note in piece.notes]
            if piece.run is not None:
                await self._keep_run(piece.run, path or "", name)
        return paths, notes

    def _beside(self, name: str, text: str) -> Callable[[str], str] | None:
        """Reads the files that code names, where the workspace holds this very file; a browser tells no folder."""
        from studio.exec.incoming_code import ENDINGS
        from studio.store.beside import folder_of, reader

        workspace = self.studio.workspace
        if workspace.only is not None or not name.lower().endswith(ENDINGS):
            return None
        folder = folder_of(workspace.root, name, text)
        return reader(workspace.root, folder) if folder is not None else None

    def _write(self, piece: Any) -> str:
        workspace = self.studio.workspace
        path = workspace.free_name(piece.file)
        workspace.create(path, piece.text)
        for kind, value in piece.beside.items():
            workspace.write_side_file(path, kind, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        return path

    async def _keep_run(self, run: dict[str, Any], path: str, source: str) -> None:
        from studio.exec.exported import keep

        engine = self.studio.engine
        await engine.in_engine(lambda: keep(engine.log, run, workflow=path, source=source))
