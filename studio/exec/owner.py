"""Which process moves an execution on: two studios, or a command and a studio, may share one store.

An owner is `pid:start time` (`pid` alone where the system does not tell start times), so that a pid given out again is no owner.
"""

from __future__ import annotations

import os


def me() -> str:
    return _described(os.getpid())


def _described(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except OSError:
        return str(pid)
    return f"{pid}:{stat.rpartition(b')')[2].split()[19].decode()}"


def is_alive(owner: object) -> bool:
    """Whether the process that owns an execution still runs."""
    if not isinstance(owner, str) or not owner.partition(":")[0].isdigit():
        return False
    pid = int(owner.partition(":")[0])
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        return False
    return _described(pid) == owner
