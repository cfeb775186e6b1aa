"""Listening sockets, and why there is none."""

from __future__ import annotations

import socket
from typing import Final

BACKLOG: Final = 1024


class ListenError(Exception):
    """A port cannot be opened; the text says which and why."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        OSError: The address is taken, or not ours.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def why_not(host: str, port: int) -> str:
    """Return why an address cannot be listened on, as the system tells it."""
    try:
        bind(host, port).close()
    except OSError as error:
        return error.strerror or str(error)
    return "the address is taken or not ours"


def bracketed(host: str) -> str:
    """Return the host as it stands before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
