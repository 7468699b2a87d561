"""What statuses a browser shows by now, so that it is told of the differences alone: a run changes thousands of them a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ShownStatuses:
    """The statuses by node id, `{"status": word, "detail"?: text}`; follows the patches that the browser gets as well."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, str]] = {}

    def patched(self, patch: Mapping[str, Any]) -> None:
        """The browser gets a patch of `scene.patch`, whose nodes come with a status of their own."""
        nodes = patch["nodes"]
        if patch["full"]:
            self._shown.clear()
        for node in (*nodes["added"], *nodes["updated"]):
            self._shown.pop(node["id"], None)
            if node["status"]:
                self._shown[node["id"]] = {"status": node["status"]}
        for key in nodes["removed"]:
            self._shown.pop(key, None)

    def changes(self, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str] | None]:
        """What to tell so that the browser shows these, which it is taken to do from now on; None: the node has no status any more."""
        changed: dict[str, Mapping[str, str] | None] = {key: status for key, status in wanted.items() if self._shown.get(key) != status}
        changed |= {key: None for key in self._shown if key not in wanted}
        if changed:
            self._shown = {key: dict(status) for key, status in wanted.items()}
        return changed
