"""Which requests are REST's, and what comes of them."""

from __future__ import annotations

import pytest
from protobuf import DescService

from rest.library import LIBRARY, REGISTRY, bindings, methods, service
from triptych.errors import Code
from triptych.transport.rest.build import http_router
from triptych.transport.rest.dialect import dialects, documents
from triptych.transport.rest.http_router import HttpRouter, Refused
from triptych.transport.rest.router import Match
from triptych_api.factify.api.v1beta import document_service_pb

DOCUMENTS = document_service_pb.desc().services[0]
DIALECTS = dialects(REGISTRY)


def router(*others: DescService) -> HttpRouter:
    table = methods(DOCUMENTS, *others)
    return http_router(table, [*bindings(DOCUMENTS), *bindings(*others, dialect="protojson")], DIALECTS)


ROUTER = router(LIBRARY, service("OwnBase"))
CATCHING = router(LIBRARY, service("CatchAll"))


@pytest.mark.parametrize(
    ("request_line", "rpc", "dialect"),
    [
        ("GET /v1beta/documents", "ListDocuments", "documents"),
        ("GET /v1beta//documents", "ListDocuments", "documents"),
        ("GET /api/v1beta/documents", "ListDocuments", "documents"),
        ("GET //api//v1beta/documents", "ListDocuments", "documents"),
        ("GET /v1/books/x", "GetBook", "protojson"),
        ("HEAD /api/v1/books/x", "GetBook", "protojson"),
        ("GET /api/own", "Get", "protojson"),
        ("GET /api/api/own", "Get", "protojson"),
    ],
)
def test_what_is_found(request_line: str, rpc: str, dialect: str) -> None:
    verb, _, path = request_line.partition(" ")
    found = ROUTER.find(verb, path.encode())
    assert isinstance(found, Match)
    assert found.target.method.name == rpc
    assert found.target.dialect is DIALECTS[dialect]  # type: ignore[index]
    assert ROUTER.dialect_of(path.encode()) is found.target.dialect


def test_rpcs_are_not_of_rest_whatever_is_caught() -> None:
    for path in (b"/rest.test.Library/GetBook", b"/factify.api.v1beta.DocumentService/GetDocument"):
        assert CATCHING.find("GET", path) is None
        assert CATCHING.dialect_of(path) is None
    for path in (b"/rest.test.Library/Nothing", b"/v1/nothing", b"/"):
        found = CATCHING.find("GET", path)
        assert isinstance(found, Match)
        assert found.target.method.name == "Catch"


@pytest.mark.parametrize(
    ("request_line", "status", "code", "allowed", "dialect"),
    [
        ("GET /v1beta/nothing", 404, Code.NOT_FOUND, (), "documents"),
        ("GET /v1beta/", 404, Code.NOT_FOUND, (), "documents"),
        ("GET /v1%62eta/nothing", 404, Code.NOT_FOUND, (), "documents"),
        ("GET /api/v1beta/nothing", 404, Code.NOT_FOUND, (), "documents"),
        ("GET /v1beta/%zz", 400, Code.INVALID_ARGUMENT, (), "documents"),
        ("GET /v1beta/documents/%FF/trash", 400, Code.INVALID_ARGUMENT, (), "documents"),
        ("DELETE /v1beta/documents", 405, Code.UNIMPLEMENTED, ("GET", "HEAD", "POST"), "documents"),
        ("GET /v1/books/%zz", 400, Code.INVALID_ARGUMENT, (), "protojson"),
        ("BREW /v1/search", 405, Code.UNIMPLEMENTED, ("GET", "HEAD", "PUT"), "protojson"),
    ],
)
def test_what_is_refused(
    request_line: str, status: int, code: Code, allowed: tuple[str, ...], dialect: str
) -> None:
    verb, _, path = request_line.partition(" ")
    found = ROUTER.find(verb, path.encode())
    assert isinstance(found, Refused)
    assert (found.status, found.error.code, found.allowed) == (status, code, allowed)
    assert found.dialect is DIALECTS[dialect]  # type: ignore[index]
    assert ROUTER.dialect_of(path.encode()) is found.dialect


@pytest.mark.parametrize(
    "path",
    [b"/", b"", b"*", b"/v1", b"/v1/nothing", b"/v1beta", b"/x/%zz", b"/api/x", b"\xff"],
)
def test_what_is_not_of_rest(path: bytes) -> None:
    assert ROUTER.find("GET", path) is None
    assert ROUTER.dialect_of(path) is None


def test_the_dialect_says_where_unknown_paths_are_its_own() -> None:
    table, bound = methods(LIBRARY), bindings(LIBRARY)
    own = http_router(table, bound, {**DIALECTS, "documents": documents(prefix="/v1/")})
    found = own.find("GET", b"/v1/nothing")
    assert isinstance(found, Refused)
    assert found.status == 404
    assert own.find("GET", b"/v1beta/nothing") is None
