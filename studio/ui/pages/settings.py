"""`/settings`: what can be chosen, with what it does; and how this studio was started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.shell import Shell
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio

EXPLAINED: dict[str, tuple[str, str, dict[str, str]]] = {
    "theme": ("Theme", "Colours of the pages.", {"auto": "As the system", "light": "Light", "dark": "Dark"}),
    "saving": (
        "Saving",
        "Unsaved text is always kept in the revision store. The file itself is written on Ctrl+S, or after every edit.",
        {"manual": "On Ctrl+S", "always": "After every edit"},
    ),
    "quotas": (
        "Limits of local runs",
        "AWS's limits (25,000 events, 256 KiB of data) stop a local run as they would on AWS.",
        {"aws": "As on AWS", "none": "No limits"},
    ),
    "skip_waits": (
        "Waits",
        "Whether Wait states and retry delays take their time in local runs.",
        {"False": "Take their time", "True": "Are skipped"},
    ),
    "aws_access": (
        "Executions on AWS",
        "Pages of executions on AWS only look, or may start, stop and redrive them too.",
        {"read": "Look only", "write": "May change"},
    ),
    "keep_days": (
        "Keep runs for",
        "Runs that ended longer ago are deleted, once an hour. AWS keeps them for 90 days.",
        {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year", "0": "Ever"},
    ),
    "keep_megabytes": (
        "Size of the run history",
        "Beyond this size the oldest runs are deleted, once an hour.",
        {"200": "200 MB", "1000": "1 GB", "5000": "5 GB", "0": "No limit"},
    ),
}


async def page(studio: Studio) -> None:
    shell = Shell(studio, "Settings")
    with shell.frame("settings"):
        with c.box("page-head"):
            c.text("Settings", "", "h1")
        with c.box("list"):
            for name, (title, what, options) in EXPLAINED.items():
                with c.box("item").style("padding:12px 16px"):
                    with c.box("grow"):
                        c.text(title).style("font-weight:500")
                        c.text(what, "dim small")
                    _choice(studio, shell, name, title, options)
            _hosts(studio)
        with c.box("", "section"):
            with c.box("section-head"):
                c.text("This studio", "", "h2")
            with c.box("card").style("padding:14px 16px"), c.box("kv", "dl"):
                started = studio.settings
                for label, value in {
                    "Workspace": str(studio.workspace.root),
                    "Address": f"{started.host}:{started.port}",
                    "Who may come in": "This machine only" if not started.token else "Visitors with the token",
                    "Executions": str(studio.workspace.root / ".studio"),
                }.items():
                    c.text(label, "", "dt")
                    c.text(value, "mono", "dd")
            c.text(
                "These are chosen when the studio is started: options of the command, or environment variables ASL_STUDIO_…",
                "dim small q-mt-sm",
            )


def _meant(name: str, value: str) -> object:
    match name:
        case "skip_waits":
            return value == "True"
        case "keep_days" | "keep_megabytes":
            return int(value)
        case _:
            return value


def _choice(studio: Studio, shell: Shell, name: str, title: str, options: dict[str, str]) -> None:
    def change(value: str) -> None:
        studio.preferences.change(**{name: _meant(name, value)})
        if name == "theme":
            shell.dark.value = studio.preferences.value.dark()
        c.toast(f"{title}: {options[value].lower()}")

    c.choice(options, str(getattr(studio.preferences.value, name)), change, label=title, data_setting=name).style("width:180px")


def _hosts(studio: Studio) -> None:
    """The consent that HTTP Tasks of local runs need, once per workspace."""
    with c.box("item").style("padding:12px 16px"):
        with c.box("grow"):
            c.text("HTTP Tasks").style("font-weight:500")
            c.text(
                "Hosts that local runs may call over HTTPS, with commas between them; this machine may always be called. *.example.com allows every "
                "host below example.com.",
                "dim small",
            )
        field = ui.input(value=", ".join(studio.preferences.value.http_hosts), placeholder="api.example.com").props(
            "outlined dense tag=div"
        )
        c.attributes(field, spellcheck="false", aria_label="Hosts that HTTP Tasks may call", data_setting="http_hosts").style("width:260px")

    def keep(_event: Any = None) -> None:
        hosts = tuple(dict.fromkeys(str(field.value or "").lower().replace(",", " ").split()))
        if hosts == studio.preferences.value.http_hosts:
            return
        studio.preferences.change(http_hosts=hosts)
        c.toast(f"HTTP Tasks may call {', '.join(hosts)}" if hosts else "HTTP Tasks may call this machine only")

    field.on("blur", keep)
    field.on("keydown.enter", keep)
