"""HTTP Tasks may call another host only once a person has allowed it for the workspace: where one was refused, the button that does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from studio.exec.performers.http_send import refused_host
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio


def consent(studio: Studio, cause: str | None, what: str, then: Callable[[], Awaitable[None]]) -> None:
    """`Allow api.example.com and run again`, where `cause` is such a refusal; `what` says what `then` does. Nothing otherwise."""
    host = refused_host(cause or "")
    if host is None:
        return

    async def allow() -> None:
        known = studio.preferences.value.http_hosts
        if host not in known:
            studio.preferences.change(http_hosts=(*known, host))
            c.toast(f"HTTP Tasks of this workspace may call {host}; the settings take it back")
        await then()

    c.button(
        f"Allow {host} and {what}",
        allow,
        icon_name="verified_user",
        classes="primary",
        data_action="allow",
        data_host=host,
        title=f"HTTP Tasks of every workflow in this workspace may then call {host}, over HTTPS",
    )


__all__ = ["consent"]
