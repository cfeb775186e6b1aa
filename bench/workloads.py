"""What is measured: each call over each protocol, who answers it, and how its answer is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import contract
from bench.load.http1 import Http1Request
from bench.load.http2 import GrpcRequest, framed
from bench.load.measure import Request
from bench.processes import HOST, Port
from bench.seed import PAGE, TOKEN, document_id, uuid

CEILING = "http/constant"
_AUTHORIZATION = {"authorization": f"Bearer {TOKEN}"}
_CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "get": ("gitpod.v1.ProjectService", "GetProject", {"projectId": uuid(5, 0)}),
    "list": ("gitpod.v1.ProjectService", "ListProjects", {"pagination": {"pageSize": PAGE}}),
}
_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.\d+Z$")
_NOISE = ("current_version", "last_viewed_at", "next_page_token", "prev_page_token")
_ORIGIN = re.compile(rf"^http://{HOST}:\d+/")


@dataclass(frozen=True)
class Workload:
    """A call over a protocol.

    Attributes:
        name: The protocol and the shape (get or list), after the store if that is what is measured.
        servers: Who answers it, Triptych first.
        port: Which of their ports, where they have two.
        request: The call.
        decode: Makes of the body of an answer something that can be compared.
        often: Whether it is measured with few and with many connections as well.
    """

    name: str
    servers: tuple[str, ...]
    port: Port
    request: Request
    decode: Callable[[bytes], Any]
    often: bool = True

    @property
    def call(self) -> str:
        """The protocol and the shape."""
        return self.name.rpartition(" ")[2]

    @property
    def is_of_a_store(self) -> bool:
        """Whether it is a store that is measured."""
        return self.call != self.name

    @property
    def own(self) -> str | None:
        """The server of ours that answers it."""
        return self.servers[0] if self.servers[0].startswith("triptych") else None


def rpc_workloads() -> list[Workload]:
    """Return the calls of gRPC, gRPC-Web and Connect, and the one that has no work to do."""
    workloads = []
    for shape, (service, rpc, fields) in _CALLS.items():
        path, answer = f"/{service}/{rpc}", f"{rpc}Response"
        message = contract.new(f"{rpc}Request", fields).SerializeToString()
        binary, text = partial(contract.from_binary, answer), partial(contract.from_json, answer)
        web = _post(path, "application/grpc-web+proto", framed(message), mark=b"grpc-status: 0\r\n")
        proto = _post(path, "application/proto", message)
        as_json = _post(path, "application/json", json.dumps(fields).encode())
        grpc = GrpcRequest(path, _AUTHORIZATION, message)
        framed_answer = partial(_first_message, binary)
        both = ("triptych", "connectrpc", "connect-go")
        one_port = ("triptych-one-port", "connect-go")
        workloads += [
            Workload(f"connect-json/{shape}", (*both, "fastapi"), "http", as_json, text),
            Workload(f"connect-binary/{shape}", both, "http", proto, binary, often=False),
            Workload(f"grpc-web/{shape}", both, "http", web, framed_answer),
            Workload(f"grpc/{shape}", ("triptych", "grpcio", "grpc-go"), "grpc", grpc, framed_answer),
            Workload(f"one-port-grpc/{shape}", one_port, "grpc", grpc, framed_answer),
        ]
        if shape == "get":
            workloads.append(Workload(CEILING, ("uvicorn",), "http", as_json, text, often=False))
    return workloads


def rest_workloads() -> list[Workload]:
    """Return the calls of REST."""
    shapes = {"get": f"/v1beta/documents/{document_id(0)}", "list": f"/v1beta/documents?page_size={PAGE}"}
    return [
        Workload(
            f"rest/{shape}",
            ("triptych", "fastapi"),
            "http",
            Http1Request(f"GET {target}", _AUTHORIZATION),
            rest_answer,
        )
        for shape, target in shapes.items()
    ]


def rest_answer(body: bytes) -> Any:
    """Return an answer of REST without what differs from server to server, or in how it writes a time."""
    return json.loads(body, object_hook=_without_noise)


def _without_noise(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _ORIGIN.sub("/", _FRACTION.sub(r"\1Z", value)) if isinstance(value, str) else value
        for name, value in fields.items()
        if name not in _NOISE
    }


def _post(path: str, media_type: str, body: bytes, mark: bytes = b"") -> Http1Request:
    return Http1Request(f"POST {path}", {"content-type": media_type, **_AUTHORIZATION}, body, mark)


def _first_message(decode: Callable[[bytes], Any], body: bytes) -> Any:
    return decode(body[5 : 5 + int.from_bytes(body[1:5], "big")])
