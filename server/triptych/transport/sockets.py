"""Listening sockets: on which addresses, and why there is none."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import socket
import struct
import sys
from typing import Final

BACKLOG: Final = 1024

_EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - what the user asked for
_NOT_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_TRIES: Final = 10
_SO_ATTACH_FILTER: Final = 26
# A filter of Linux (classic BPF) that sees packets from their TCP header on: a SYN without ACK is dropped.
_DROP_NEW: Final = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # leave SYN and ACK of them
    (0x15, 0, 1, 0x02),  # if that is SYN alone:
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFFFFFF),  # else keep
)


class ListenError(Exception):
    """A port cannot be opened; the text says which and why."""


def addresses(host: str) -> list[str]:
    """Return the addresses that a host stands for and that this machine has, IPv4 first.

    A name stands for all of its addresses. `0.0.0.0` and `::` both stand for every address of the machine.

    Raises:
        OSError: It is no address and no known name, or none of its addresses is here.
    """
    host = host.strip("[]")
    if host in _EVERY_ADDRESS:
        found = list(_EVERY_ADDRESS)
    else:
        infos = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        found = list(dict.fromkeys(str(info[4][0]) for info in infos))
    here = []
    why = OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
    for address in sorted(found, key=lambda each: ":" in each):
        try:
            _bound(address, 0, socket.SOCK_STREAM).close()
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            why = error
        else:
            here.append(address)
    if not here:
        raise why
    return here


def bind(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """Return sockets that listen on the addresses of a host, all on one port; 0 picks one.

    Args:
        host: An address or a name.
        port: The port.
        shared: Other processes of this user that say so as well may listen there, too.

    Raises:
        OSError: An address is taken, or none is ours.
    """
    where = addresses(host)
    for tries_left in reversed(range(_TRIES)):
        try:
            return _listening(where, port, shared=shared)
        except OSError as error:
            # A port that one address picked may be taken on another.
            if port or error.errno != errno.EADDRINUSE or not tries_left:
                raise
    raise AssertionError


def reserve(host: str, port: int) -> list[socket.socket]:
    """Return sockets that keep a port for processes that share it, and take no connections themselves.

    Args:
        host: An address or a name.
        port: The port; 0 picks one.

    Raises:
        OSError: An address is taken, by those who share it as well, or none is ours.
    """
    listening = bind(host, port)
    where = [each.getsockname() for each in listening]
    for each in listening:
        each.close()
    reserved: list[socket.socket] = []
    try:
        for address, picked, *_ in where:
            reserved.append(_bound(address, picked, socket.SOCK_STREAM, shared=True))
    except OSError:
        for each in reserved:
            each.close()
        raise
    return reserved


def check_udp(host: str, port: int) -> None:
    """Check that UDP may be received on the addresses of a host.

    Raises:
        OSError: An address is taken, or none is ours.
    """
    for address in addresses(host):
        _bound(address, port, socket.SOCK_DGRAM).close()


def why_not(host: str, port: int) -> str:
    """Return why an address cannot be listened on, as the system tells it."""
    try:
        for listening in bind(host, port):
            listening.close()
    except OSError as error:
        return error.strerror or str(error)
    return "the address is taken or not ours"


def bracketed(host: str) -> str:
    """Return the host as it stands before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def refuse_new(listening: socket.socket) -> None:
    """Have the system take no new connections for a socket, where it can; those that wait can be accepted.

    Clients that come then learn that there is nobody once the socket is closed. Without this, those that wait
    at that moment believe to be connected: what they have sent is lost.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _DROP_NEW))
    filter = struct.pack("@HP", len(_DROP_NEW), ctypes.addressof(program))
    with contextlib.suppress(OSError):  # sandboxes may forbid it
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter)


def _listening(where: list[str], port: int, *, shared: bool) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for address in where:
            listening = _bound(address, port, socket.SOCK_STREAM, shared=shared)
            sockets.append(listening)
            listening.listen(BACKLOG)
            port = listening.getsockname()[1]
    except OSError:
        for each in sockets:
            each.close()
        raise
    return sockets


def _bound(address: str, port: int, kind: socket.SocketKind, *, shared: bool = False) -> socket.socket:
    family, _, protocol, _, where = socket.getaddrinfo(
        address, port, type=kind, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if kind is socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own, or is not wanted.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(where)
    except OSError:
        bound.close()
        raise
    return bound
