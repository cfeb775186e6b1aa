"""The sockets that Envoy listens on, in the process that they are in."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import Final

from triptych.transport.sockets import refuse_new

_DESCRIPTORS: Final = Path("/proc/self/fd")


def refuse_new_connections(port: int) -> None:
    """Have the system take no new connections for a port of this process, where it tells what that has."""
    with contextlib.suppress(OSError):
        for entry in list(_DESCRIPTORS.iterdir()):
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(entry.name))) as each:
                tcp = each.family in (socket.AF_INET, socket.AF_INET6) and each.type == socket.SOCK_STREAM
                listens = tcp and each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if listens and each.getsockname()[1] == port:
                    refuse_new(each)
