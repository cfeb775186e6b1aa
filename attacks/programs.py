"""The attacks. Each takes a server and how much to do, and leaves its connections open in what it returns."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attacks import wire
from attacks.server import TOKEN, Target

Connections = list[socket.socket]
Program = Callable[[Target, int], Connections]

_BEARER = f"Authorization: Bearer {TOKEN}"
_OWN = "/gitpod.v1.UserService/GetAuthenticatedUser"
_CHECK = "/grpc.health.v1.Health/Check"
_WATCH = "/grpc.health.v1.Health/Watch"
_LARGE = "/grpc.testing.TestService/UnaryCall"
_REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Attack:
    """An attack.

    Attributes:
        program: Does it.
        small: How much of it is allowed.
        large: How much of it runs into a bound.
        outcome: What the bound does.
        flags: What the server is started with.
    """

    program: Program
    small: int
    large: int
    outcome: str
    flags: tuple[str, ...] = ()


def _one(port: int, data: bytes, seconds: float = 3) -> Connections:
    connection = wire.connect(port)
    wire.send(connection, data)
    wire.read_for(connection, seconds)
    return [connection]


def empty_gzip_members(target: Target, count: int) -> Connections:
    """Many empty members of gzip before a small one."""
    body = gzip.compress(b"") * count + gzip.compress(b"{}")
    return _one(target.http, wire.post(_CHECK, body, "application/json", "Content-Encoding: gzip"))


def boundaries(target: Target, count: int) -> Connections:
    """A form that is full of what looks like its boundary."""
    head = b'--b\r\nContent-Disposition: form-data; name="payload"; filename="a.md"\r\n\r\n'
    body = head + b"\r\n--bx" * count + b"\r\n--b--\r\n"
    return _one(target.http, wire.post("/v1beta/documents", body, "multipart/form-data; boundary=b", _BEARER))


def metrics(target: Target, count: int) -> Connections:
    """Ask for the metrics again and again."""
    request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    return _one(target.http, request * count)


def header_references(target: Target, count: int) -> Connections:
    """One long header, and thousands of references to it, on each of many streams of HTTP/2."""
    long = b"\x40\x01x" + b"\x7f\xa1\x1e" + b"v" * 4000  # a literal that goes into the table
    connections = []
    for _ in range(0, count, 40):
        connection = wire.connect(target.grpc)
        wire.send(connection, wire.greeting())
        for stream in range(1, 2 * min(count, 40), 2):
            wire.send(connection, wire.headers(stream, _CHECK, long + b"\xbe" * 4000))
        connections.append(connection)
    wire.read_for(connections[-1], 2)
    return connections


def half_open_calls(target: Target, count: int) -> Connections:
    """Calls of HTTP/1.1 whose body does not come."""
    connections = [wire.connect(target.http) for _ in range(count)]
    for connection in connections:
        wire.send(connection, wire.post(_OWN, b"{", "application/json", _BEARER, declared=1000))
    return connections


def half_open_grpc(target: Target, count: int) -> Connections:
    """Calls of gRPC whose message does not come, on two connections."""
    connections = [wire.connect(target.grpc) for _ in range(2)]
    for connection in connections:
        calls = [
            wire.headers(stream, _OWN, b"", ("authorization", f"Bearer {TOKEN}"))
            for stream in range(1, count, 2)
        ]
        wire.send(connection, wire.greeting() + b"".join(calls))
    return connections


def watches(target: Target, count: int) -> Connections:
    """Streams of the health service that nobody ends, a hundred on each connection."""
    connections = []
    for start in range(0, count, 100):
        connection = wire.connect(target.grpc)
        calls = [
            wire.headers(stream, _WATCH) + wire.message(stream, b"")
            for stream in range(1, 2 * min(count - start, 100), 2)
        ]
        wire.send(connection, wire.greeting() + b"".join(calls))
        connections.append(connection)
    wire.read_for(connections[-1], 1)
    return connections


def half_forms(target: Target, count: int) -> Connections:
    """Forms of 40 MiB that stop before their end."""
    head = b'--b\r\nContent-Disposition: form-data; name="payload"; filename="a.md"\r\n\r\n'
    connections = [wire.connect(target.http) for _ in range(count)]
    for connection in connections:
        body = head + b"x" * (40 * _MIB)
        media_type = "multipart/form-data; boundary=b"
        data = wire.post("/v1beta/documents", body, media_type, _BEARER, declared=len(body) + 1000)
        wire.send(connection, data)
    return connections


def half_messages(target: Target, count: int) -> Connections:
    """Bodies of 3 MiB that stop before their end."""
    connections = [wire.connect(target.http) for _ in range(count)]
    for connection in connections:
        body = b'{"x": "' + b"x" * (3 * _MIB)
        wire.send(connection, wire.post(_OWN, body, "application/json", _BEARER, declared=len(body) + 1000))
    return connections


def unread_descriptors(target: Target, count: int) -> Connections:
    """Ask for descriptors and read none of them, with a window of 0."""
    name = b"gitpod/v1/project_service.proto"
    request = wire.message(1, b"\x1a" + bytes([len(name)]) + name, end=False)
    connection = wire.connect(target.grpc)
    wire.send(connection, wire.greeting(window=0) + wire.headers(1, _REFLECTION) + request * count)
    wire.read_for(connection, 1)
    return [connection]


def read_descriptors(target: Target, count: int) -> Connections:
    """Ask for the same descriptors on one stream, and read them."""
    name = b"gitpod/v1/project_service.proto"
    body = b"\0" + (2 + len(name)).to_bytes(4, "big") + b"\x1a" + bytes([len(name)]) + name
    data = wire.post(_REFLECTION, body * count, "application/grpc-web")
    return _one(target.http, data)


def failures(target: Target, count: int) -> Connections:
    """Calls that fail, one after the other."""
    return _one(target.http, wire.post(_OWN, b"{" * 10_000, "application/json", _BEARER) * count, 2)


def unread_replies(target: Target, count: int) -> Connections:
    """Ask for replies of 1 MiB and read none of them, with a window of 0, on two connections."""
    request = b"\x10" + bytes([0x80, 0x80, 0x40])  # response_size: 1 MiB
    connections = [wire.connect(target.grpc) for _ in range(2)]
    for connection in connections:
        calls = [
            wire.headers(stream, _LARGE) + wire.message(stream, request) for stream in range(1, count, 2)
        ]
        wire.send(connection, wire.greeting(window=0) + b"".join(calls))
    wire.read_for(connections[-1], 3)
    return connections


def spilled_forms(target: Target, count: int) -> Connections:
    """Forms that are large enough for temporary files, and stop before their end."""
    head = b'--b\r\nContent-Disposition: form-data; name="payload"; filename="a.md"\r\n\r\n'
    connections = [wire.connect(target.http) for _ in range(count)]
    for connection in connections:
        body = head + b"x" * (3 * _MIB)
        media_type = "multipart/form-data; boundary=b"
        wire.send(connection, wire.post("/v1beta/documents", body, media_type, _BEARER, declared=40 * _MIB))
    return connections


def bad_ids(target: Target, count: int) -> Connections:
    """A list that is far too long, of ids that are none."""
    body = b'{"filter": {"projectIds": [' + b",".join([b'"x"'] * count) + b"]}}"
    path = "/gitpod.v1.ProjectService/ListProjects"
    return _one(target.http, wire.post(path, body, "application/json", _BEARER))


def long_query(target: Target, count: int) -> Connections:
    """Search for combining marks in the wrong order."""
    marks = ("\u0315" * count + "\u0316" * count).encode()
    path = "/factify.api.v1beta.DocumentService/ListDocuments"
    return _one(target.http, wire.post(path, b'{"query": "a' + marks + b'"}', "application/json", _BEARER))


ATTACKS: Mapping[str, Attack] = {
    "long search": Attack(long_query, 100, 32_000, "400"),
    "empty gzip members": Attack(empty_gzip_members, 100, 200_000, "429 after 256 KiB"),
    "ids in a list": Attack(bad_ids, 25, 49_000, "400 before one is looked at"),
    "boundaries in a form": Attack(boundaries, 10, 6_000_000, "400 after 65"),
    "metrics": Attack(metrics, 10, 1000, "a copy of the last second"),
    "references to a header (HPACK)": Attack(header_references, 4, 400, "the connections end"),
    "half-open calls, HTTP": Attack(half_open_calls, 10, 1000, "hold no place"),
    "half-open calls, gRPC": Attack(half_open_grpc, 10, 1000, "hold no place; 100 to a connection"),
    "health watches": Attack(watches, 10, 500, "50 stay, the others UNAVAILABLE"),
    "half-sent forms": Attack(half_forms, 2, 10, "on disk, within a share"),
    "half-sent forms, many": Attack(spilled_forms, 2, 200, "503 beyond a share"),
    "half-sent messages": Attack(half_messages, 4, 100, "503 beyond a share"),
    "unread replies, gRPC": Attack(
        unread_replies, 4, 300, "UNAVAILABLE beyond a share; ended in time", ("--conformance",)
    ),
    "descriptors, unread": Attack(unread_descriptors, 10, 2000, "RESOURCE_EXHAUSTED after 8 MiB"),
    "descriptors, read": Attack(read_descriptors, 10, 2000, "RESOURCE_EXHAUSTED after 8 MiB"),
    "failed calls": Attack(failures, 10, 400, "none is kept"),
}
