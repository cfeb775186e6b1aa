"""Which sockets another process has, as Linux tells."""

from __future__ import annotations

import contextlib
from pathlib import Path


def sockets_of(pid: int) -> set[str]:
    """Return what the descriptors of a process stand for, as `socket:[123]`."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(descriptor.readlink()))
    return found


def listening_ports(pid: int) -> list[int]:
    """Return the TCP ports that a process listens on, over IPv4."""
    own = sockets_of(pid)
    rows = [row.split() for row in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    listening = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]
    return [int(row[1].partition(":")[2], 16) for row in listening]
