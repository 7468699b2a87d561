"""The look: style sheets and scripts out of `studio/ui/static`, served by us, and the mark. Nothing comes from another host."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from nicegui import app, ui

STATIC = Path(__file__).parent / "static"
MARK = STATIC / "mark.svg"


@cache
def version() -> str:
    """Changes with the files, so that browsers may keep them for good."""
    return hashlib.sha256(
        b"".join((STATIC / name).read_bytes() for name in ("theme.css", "runs.css", "studio.js", "complete.js", "mark.svg"))
    ).hexdigest()[:12]


def address(name: str) -> str:
    """Where a file of the static folder is served."""
    return f"/_studio/{version()}/{name}"


def install() -> None:
    """Once per application: the static folder and the head that all pages share."""
    base = f"/_studio/{version()}"
    app.add_static_files(base, STATIC, max_cache_age=31536000)
    ui.add_head_html(
        f'<link rel="stylesheet" href="{base}/theme.css"><link rel="stylesheet" href="{base}/runs.css"><script defer src="{base}/studio.js"></script>'
        f'<script defer src="{base}/complete.js"></script>',
        shared=True,
    )
    ui.dialog.default_props("role=presentation :aria-modal=undefined")  # each dialog's own box is the one that is named
    app.config.quasar_config["loadingBar"] = {"skipHijack": True}  # a progress bar without a name; our pages fetch next to nothing
    app.colors(
        primary="#1257b0", negative="#a3120a", positive="#088f5b", warning="#c96a08", info="#1257b0", dark="#1b2027", dark_page="#0e1216"
    )
