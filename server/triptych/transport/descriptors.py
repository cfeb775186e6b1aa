"""File descriptors: how many the process may have, and how many connections that leaves a port."""

from __future__ import annotations

import logging
import resource
from typing import Final

_logger = logging.getLogger("triptych")

_ENOUGH: Final = 65_536
_PORTS: Final = 2
# Standard streams, listening sockets, the event loops' own, files of seeds and uploads, libraries, and the
# connections beyond the most that are told so.
_RESERVED: Final = 192
_MOST_CONNECTIONS: Final = 10_000
_LEAST_CONNECTIONS: Final = 16
_FEW_CONNECTIONS: Final = 1000


def raise_limit() -> int:
    """Raise the soft limit of descriptors as far as is allowed and of use; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
    if soft == resource.RLIM_INFINITY:
        return _ENOUGH
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # sandboxes may forbid it
            return soft
    return max(soft, wanted)


def connections_per_port(descriptors: int, workers: int = 1) -> int:
    """Return how many connections a port may have in a process, if that may have so many descriptors.

    Args:
        descriptors: How many.
        workers: How many processes share the port.
    """
    left = (descriptors - _RESERVED) // _PORTS
    return max(_LEAST_CONNECTIONS, min(_MOST_CONNECTIONS // workers, left))


def log_limits(descriptors: int, workers: int = 1) -> None:
    """Log how many descriptors there may be in a process, and what that means for connections."""
    most = workers * connections_per_port(descriptors, workers)
    level = logging.INFO if most >= _FEW_CONNECTIONS else logging.WARNING
    text = "%d file descriptors (ulimit -n) allow %d connections on each port"
    _logger.log(level, text, descriptors, most)
