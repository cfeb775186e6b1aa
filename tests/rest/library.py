"""The services of library.proto, and a router for its rules."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc
from protobuf import DescService, Message, Registry
from protobuf.wkt import FileDescriptorSet

from triptych.rpc.methods import Method, RestDialect, ServiceBinding, method_table
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.build import http_router
from triptych.transport.rest.dialect import dialects
from triptych.transport.rest.http_router import HttpRouter
from triptych.transport.rest.router import Match


def _compile() -> Registry:
    folder = Path(__file__).parent
    annotations = importlib.util.find_spec("google.api.annotations_pb2")
    assert annotations is not None
    assert annotations.origin is not None
    includes = [
        folder,
        folder.parent / "codec",
        Path(grpc_tools.__file__).parent / "_proto",
        Path(annotations.origin).parents[2],
    ]
    with tempfile.TemporaryDirectory() as target:
        image = Path(target) / "library.binpb"
        arguments = ["protoc", *(f"-I{include}" for include in includes), "--include_imports"]
        assert protoc.main([*arguments, f"--descriptor_set_out={image}", "library.proto"]) == 0
        return FileDescriptorSet.from_binary(image.read_bytes()).to_registry()


class _Everything:
    """Has every method."""

    def __getattr__(self, name: str) -> object:
        return name


def service(name: str) -> DescService:
    """Return a service of library.proto."""
    found = REGISTRY.service(f"rest.test.{name}")
    assert found is not None
    return found


def bindings(*services: DescService, dialect: RestDialect = "documents") -> list[ServiceBinding]:
    """Bind services that nothing implements."""
    return [
        ServiceBinding(desc=each, implementation=_Everything(), rest_dialect=dialect) for each in services
    ]


def methods(*services: DescService) -> dict[str, Method]:
    """Return their method table."""
    return dict(method_table(bindings(*services)))


def router(*services: DescService, dialect: RestDialect = "documents") -> HttpRouter:
    """Return the router for the rules of services that nothing implements."""
    return http_router(methods(*services), bindings(*services, dialect=dialect), dialects(REGISTRY))


def message(name: str) -> Any:
    """Return a message class of library.proto, or of what it imports."""
    found = REGISTRY.message(name)
    assert found is not None
    return found.type


def found(verb: str, path: str, dialect: RestDialect = "documents") -> Match[Binding]:
    """Return what a verb and a path are bound to."""
    match = ROUTERS[dialect].find(verb, path.encode())
    assert isinstance(match, Match)
    return match


def bound(verb: str, url: str, body: bytes = b"", dialect: RestDialect = "documents") -> Message:
    """Return the request message of a request."""
    path, _, query = url.partition("?")
    match = found(verb, path, dialect)
    return match.target.bind(match.variables, query.encode(), body)


REGISTRY = _compile()
LIBRARY = service("Library")
ROUTERS: dict[RestDialect, HttpRouter] = {
    "documents": router(LIBRARY),
    "protojson": router(LIBRARY, dialect="protojson"),
}
Book = message("rest.test.Book")
BookResponse = message("rest.test.BookResponse")
ChangeBookRequest = message("rest.test.ChangeBookRequest")
GetBookRequest = message("rest.test.GetBookRequest")
Kinds = message("codec.test.Kinds")
WellKnown = message("codec.test.WellKnown")
Timestamp = message("google.protobuf.Timestamp")
Duration = message("google.protobuf.Duration")
Codes = message("rest.test.Codes")
