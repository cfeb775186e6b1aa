"""Services that are bound beside the server's own: how REST serves them, and why a server does not start."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rest.library import LIBRARY, Book, bindings, service
from support.apps import make_app, running_app
from support.http import new_http_client
from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import BindingsError, ServiceBinding
from triptych.transport.rest.build import HttpRulesError
from triptych_api.gitpod.v1 import user_service_pb


class Library:
    """Answers GetBook; nothing else of it is called."""

    def __getattr__(self, name: str) -> Any:
        return self.get_book

    async def get_book(self, request: Any, call: Call) -> Any:
        """Return a book, or fail as its name says."""
        if request.name in Code.__members__:
            raise RpcError(Code[request.name], "as asked for")
        return Book(name=request.name, status=1)


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """Serve the library in both dialects: once without a token and details."""
    plain = ServiceBinding(desc=LIBRARY, implementation=Library())
    own = ServiceBinding(
        desc=service("OwnBase"),
        implementation=Library(),
        needs_token=False,
        standard_details=False,
        rest_dialect="documents",
    )
    async with running_app(bindings=[plain, own]) as app:
        yield f"http://127.0.0.1:{app.http_port}"


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client with a token."""
    headers = {"authorization": "Bearer secret"}
    async with new_http_client(base_url=url, headers=headers) as client:
        yield client


async def test_each_is_spelled_as_its_binding_says(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/books/a")).json() == {"name": "a", "title": "", "status": "BOOK_STATUS_NEW"}
    assert (await http.get("/api/v1/books/a")).json()["name"] == "a"
    assert (await http.get("/api/own")).json() == {"name": "", "title": "", "status": "new"}


@pytest.mark.parametrize(
    ("code", "status"),
    [("DEADLINE_EXCEEDED", 504), ("OUT_OF_RANGE", 400), ("DATA_LOSS", 500), ("ABORTED", 409)],
)
async def test_errors(http: httpx.AsyncClient, code: str, status: int) -> None:
    response = await http.get(f"/v1/books/{code}")
    assert (response.status_code, response.json()["code"]) == (status, Code[code])
    assert response.json()["details"][0]["metadata"] == {"request_id": response.headers["x-request-id"]}
    connect = await http.post("/rest.test.Library/GetBook", json={"name": code})
    assert connect.json()["code"] == code.lower()
    assert connect.json()["message"] == response.json()["message"]


async def test_a_call_without_a_token(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/books/a", headers={"authorization": ""})
    assert (response.status_code, response.json()["code"]) == (401, Code.UNAUTHENTICATED)
    assert (await http.get("/api/own?name=a", headers={"authorization": ""})).json()["name"] == "a"


async def test_bodies_of_other_media_types(http: httpx.AsyncClient) -> None:
    response = await http.put("/v1/books/a", content=b"{}", headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()["code"]) == (415, Code.INVALID_ARGUMENT)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/books/a", Code.INVALID_ARGUMENT),
        ("/v1/books/%zz?x=/v1beta/", Code.INVALID_ARGUMENT),
        ("/api/own", "invalid_argument"),
        ("/v1beta/nothing", "invalid_argument"),
        ("/nothing?x=/v1/books/a", "invalid_argument"),
        ("/rest.test.Library/GetBook", "invalid_argument"),
    ],
)
async def test_what_is_no_request_is_refused_in_the_shape_of_its_path(
    url: str, path: str, code: object
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    shown = json.loads(body)
    assert (shown["code"], shown["message"]) == (code, "exactly one host header is needed")
    has_details = path.startswith(("/v1", "/api"))
    assert bool(shown.get("details")) is has_details


async def refused(error: type[Exception], *bound: ServiceBinding) -> list[str]:
    app = make_app(bindings=bound)
    with pytest.raises(error) as caught:
        await app.start()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", app.http.port)
    await app.finish()
    return str(caught.value).splitlines()


async def test_rules_that_cannot_be_served_keep_the_server_from_starting() -> None:
    told = await refused(HttpRulesError, *bindings(service("Broken"), service("OwnBase"), LIBRARY))
    assert len(told) > 20
    assert "rest.test.Broken.Streams: GET /v4/{name}: only unary rpcs can be called over REST" in told


async def test_a_service_that_is_there_already_keeps_the_server_from_starting() -> None:
    users = user_service_pb.desc().services[0]
    told = await refused(BindingsError, *bindings(users))
    assert told == [f"gitpod.v1.UserService.{desc.name}: is bound twice" for desc in users.methods]
