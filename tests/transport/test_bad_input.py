"""What is wrong with a request comes back with the right code, the path of the field and a reason."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import brotli
import grpc
import httpx
import pytest
import zstandard
from google.protobuf.duration_pb2 import Duration

from conftest import Server
from support import generated
from support.api import Api, ConnectTransport
from support.failures import fails
from support.http import new_http_client
from support.http2 import call, frame

PROJECT = "/gitpod.v1.ProjectService"
LIST = f"{PROJECT}/ListProjects"
CREATE = f"{PROJECT}/CreateProject"
JSON = {"content-type": "application/json"}
LIMIT = 4 * 2**20


class Bytes:
    """Stands for a message that google.protobuf would not write."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def SerializeToString(self) -> bytes:  # noqa: N802 - as google.protobuf calls it
        return self._data


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Return a plain HTTP client with a token."""
    headers = {"authorization": "Bearer start-token"}
    async with new_http_client(base_url=server.http, headers=headers) as client:
        yield client


def field(number: int, data: bytes) -> bytes:
    """Return a length-delimited field on the wire."""
    length, prefix = len(data), bytearray()
    while length > 127:
        prefix.append(length & 127 | 128)
        length >>= 7
    prefix.append(length)
    return bytes([number << 3 | 2]) + bytes(prefix) + data


def grpc_web_status(response: httpx.Response) -> str:
    """Return the status of a gRPC-Web response, which stands in its last frame."""
    found = re.search(rb"grpc-status: ?([0-9]+)", response.content)
    return found[1].decode() if found else response.headers["grpc-status"]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        (LIST, b"", "JSON"),
        (LIST, b"{", "JSON"),
        (LIST, b"[]", "object"),
        (LIST, b"{} {}", "JSON"),
        (LIST, b'{"filter": "x"}', "filter"),
        (LIST, b'{"filter": {"search": 3}}', "filter.search"),
        (LIST, b'{"filter": {"projectIds": "x"}}', "filter.project_ids"),
        (LIST, b'{"filter": {"projectIds": [null]}}', "filter.project_ids[0]"),
        (LIST, b'{"filter": {"runnerKinds": ["RUNNER_KIND_NEAR"]}}', "filter.runner_kinds[0]"),
        (LIST, b'{"filter": {"runnerKinds": [1, 77]}}', "filter.runner_kinds[1]"),
        (LIST, b'{"filter": {"runnerKinds": [5000000000]}}', "filter.runner_kinds[0]"),
        (LIST, b'{"pagination": {"pageSize": 5000000000}}', "pagination.page_size"),
        (LIST, b'{"pagination": {"pageSize": 1.5}}', "pagination.page_size"),
        (LIST, b'{"pagination": {"pageSize": true}}', "pagination.page_size"),
        (LIST, b'{"sort": {"order": "UP"}}', "sort.order"),
        (LIST, b'{"sort": {}, "sort": {}}', "sort"),
        (LIST, b'{"filter": {"search": "\xff"}}', "UTF-8"),
        (LIST, b'{"filter": {"search": "\\ud800"}}', "filter.search"),
        (LIST, b'{"x": ' + b"[" * 101 + b"]" * 101 + b"}", "100"),
        (
            CREATE,
            b'{"name": "p", "initializer": {"specs": [{"git": {}, "contextUrl": {"url": "http://x"}}]}}',
            "initializer.specs[0]",
        ),
        (
            CREATE,
            b'{"name": "p", "initializer": {}, "prebuildConfiguration": {"timeout": "5 min"}}',
            "prebuild_configuration.timeout",
        ),
        (
            CREATE,
            b'{"name": "p", "initializer": {}, "prebuildConfiguration": {"timeout": "299s"}}',
            "prebuild_configuration.timeout",
        ),
        (
            CREATE,
            b'{"name": "p", "initializer": {}, "prebuildConfiguration": {"timeout": "+9125115.360s"}}',
            "prebuild_configuration.timeout",
        ),
    ],
)
async def test_bad_json_is_named(http: httpx.AsyncClient, path: str, body: bytes, text: str) -> None:
    response = await http.post(path, content=body, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument"), response.text
    assert text in response.json()["message"]
    assert [detail["type"] for detail in response.json()["details"]] == [
        "google.rpc.BadRequest",
        "google.rpc.ErrorInfo",
    ]


@pytest.mark.parametrize(
    ("rpc", "data", "path"),
    [
        ("ListProjects", b"\xff\xff\xff", ""),
        ("ListProjects", field(2, b"\x0a"), ""),
        ("ListProjects", field(2, field(2, b"\xff\xfe")), ""),
        ("ListProjects", field(3, b"\x10\x4d"), "sort.order"),
        ("ListProjects", field(2, b"\x22\x02\x01\x4d"), "filter.runner_kinds[1]"),
        (
            "CreateProject",
            field(1, b"p")
            + field(2, b"")
            + field(7, field(3, b"\x08\xd8\x04\x10\xfb" + b"\xff" * 8 + b"\x01")),
            "prebuild_configuration.timeout",
        ),
    ],
)
async def test_bad_binary_is_named(ada: Api, rpc: str, data: bytes, path: str) -> None:
    if isinstance(ada.transport, ConnectTransport) and ada.transport.codec == "json":
        return  # what is tested is the binary form
    error = await fails("invalid_argument", ada.call_with_headers(rpc, Bytes(data)))
    assert list(error.violations) == [path]


async def test_an_ill_formed_duration_fails_a_bulk_call_as_a_whole(ada: Api) -> None:
    if isinstance(ada.transport, ConnectTransport) and ada.transport.codec == "json":
        return  # its JSON form cannot be written
    items = [
        {"name": "good", "initializer": {}},
        {
            "name": "bad",
            "initializer": {},
            "prebuild_configuration": {"timeout": Duration(seconds=9, nanos=-5)},
        },
    ]
    request = Bytes(generated.request("CreateProjects", projects=items).SerializeToString())
    error = await fails("invalid_argument", ada.call_with_headers("CreateProjects", request))
    assert list(error.violations) == ["projects[1].prebuild_configuration.timeout"]
    assert not (await ada.ListProjects()).projects


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT])
async def test_a_body_over_the_limit(http: httpx.AsyncClient, size: int) -> None:
    response = await http.post(LIST, content=b'{"x":"' + b"x" * size, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (429, "resource_exhausted")
    assert response.headers["x-should-retry"] == "false"
    assert str(LIMIT) in response.json()["message"]


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", partial(gzip.compress, compresslevel=1)),
        ("br", partial(brotli.compress, quality=1)),
        ("zstd", zstandard.compress),
    ],
)
async def test_a_decompression_bomb(http: httpx.AsyncClient, name: str, compress: Any) -> None:
    body = compress(b" " * (64 * LIMIT))
    assert len(body) < LIMIT
    headers = {**JSON, "content-encoding": name}
    response = await http.post(LIST, content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (429, "resource_exhausted")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"name":"p","initializer":{"specs":[' + b"{}," * 500_000 + b"{}]}}"),
        ("application/json", b'{"x":[' + b"[]," * 500_000 + b"[]]}"),
        ("application/proto", field(1, b"p") + field(2, b"\x0a\x00" * 500_000)),
    ],
)
async def test_a_body_that_would_grow_when_parsed(
    http: httpx.AsyncClient, media_type: str, body: bytes
) -> None:
    response = await http.post(CREATE, content=body, headers={"content-type": media_type})
    assert response.json()["code"] == "resource_exhausted"


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
async def test_a_body_that_is_not_compressed_as_it_says(http: httpx.AsyncClient, name: str) -> None:
    response = await http.post(LIST, content=b"{}", headers={**JSON, "content-encoding": name})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")
    assert "decompress" not in response.text


async def test_an_unknown_compression(http: httpx.AsyncClient) -> None:
    response = await http.post(LIST, content=b"{}", headers={**JSON, "content-encoding": "snappy"})
    assert response.json()["code"] == "unimplemented"


@pytest.mark.parametrize("body", [b"\0", b"\0\0\0\0\x05abc", b"", frame(b"") * 2, b"\x10" + frame(b"")[1:]])
async def test_broken_frames_of_grpc_web(http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post(LIST, content=body, headers={"content-type": "application/grpc-web+proto"})
    assert response.status_code == 200
    assert grpc_web_status(response) in ("3", "12")
    assert response.headers["x-request-id"]


@pytest.mark.parametrize("body", [b"", b"\0\0", frame(b"abc")[:-1], frame(b"") * 2])
async def test_broken_frames_of_grpc(server: Server, body: bytes) -> None:
    headers = [(b"content-type", b"application/grpc"), (b"authorization", b"Bearer start-token")]
    answer = await call(server.grpc, LIST, body, headers)
    assert answer.headers[b"grpc-status"] == b"12"
    assert answer.headers[b"x-request-id"]


async def test_a_header_that_nobody_reads_may_hold_any_bytes(server: Server, http: httpx.AsyncClient) -> None:
    headers = [(b"x-forwarded-user", b"Jos\xe9"), (b"content-type", b"application/json")]
    assert (await http.post(LIST, content=b"{}", headers=headers)).status_code == 200
    headers = [(b"content-type", b"application/grpc"), (b"authorization", b"Bearer start-token")]
    answer = await call(server.grpc, LIST, frame(b""), [*headers, (b"x-forwarded-user", b"Jos\xe9")])
    assert answer.headers[b"grpc-status"] == b"0"


async def test_a_token_that_is_not_text(server: Server, http: httpx.AsyncClient) -> None:
    secret = b"Bearer secret-in-header\xff"
    response = await http.post(
        LIST, content=b"{}", headers=[(b"authorization", secret), (b"content-type", b"application/json")]
    )
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    answer = await call(
        server.grpc, LIST, frame(b""), [(b"content-type", b"application/grpc"), (b"authorization", secret)]
    )
    assert answer.headers[b"grpc-status"] == b"16"
    assert "secret-in-header" not in server.log_text()


@pytest.mark.parametrize("timeout", ["x", "-1", "99999999999", "1.5", "1_0"])
async def test_a_malformed_timeout(http: httpx.AsyncClient, timeout: str) -> None:
    headers = {**JSON, "connect-timeout-ms": timeout}
    response = await http.post(LIST, content=b"{}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")
    assert response.headers["x-request-id"]
    web = {"content-type": "application/grpc-web+proto", "grpc-timeout": timeout}
    assert grpc_web_status(await http.post(LIST, content=frame(b""), headers=web)) == "3"


async def test_authentication_comes_before_the_body(server: Server) -> None:
    """The answer comes while the body is still on its way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    writer.write(
        f"POST {LIST} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        "content-length: 1000000\r\n\r\n{".encode()
    )
    status = await asyncio.wait_for(reader.readline(), 10)
    assert status.startswith(b"HTTP/1.1 401")
    writer.close()


async def test_a_client_that_goes_away(server: Server) -> None:
    """Half a body, then nothing: the call ends as canceled and changes nothing."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    writer.write(
        f"POST {CREATE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-request-id: gone-1\r\n"
        'authorization: Bearer start-token\r\ncontent-length: 1000\r\n\r\n{"name":'.encode()
    )
    await writer.drain()
    writer.close()
    assert (await server.log.line("gone-1"))["code"] == "canceled"


async def test_an_error_with_many_violations_arrives(ada: Api) -> None:
    configuration = {"environment_class_ids": ["x" * 50] * 30}
    call = ada.CreateProject(name="p", initializer={}, prebuild_configuration=configuration)
    error = await fails("invalid_argument", call)
    assert len(error.violations) == 20
    assert re.search(r"; and 2[0-9] more$", error.message)


async def test_a_list_that_is_too_long_is_refused_before_its_items(ada: Api) -> None:
    error = await fails("invalid_argument", ada.ListProjects(filter={"project_ids": ["x"] * 1000}))
    assert error.violations == {"filter.project_ids": "must have at most 25 items, not 1000"}


async def test_what_is_not_text_for_a_database_is_refused(ada: Api) -> None:
    error = await fails("invalid_argument", ada.CreateProject(name="a\0b", initializer={}))
    assert error.violations == {"name": "must not hold the character NUL (U+0000)"}


async def test_a_page_token_that_no_list_has_made(ada: Api) -> None:
    error = await fails("invalid_argument", ada.ListProjects(pagination={"token": "x" * 1025}))
    assert error.reason == "INVALID_CURSOR"


async def test_a_decompression_bomb_over_grpc(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.grpc, compression=grpc.Compression.Gzip) as channel:
        call_list = channel.unary_unary(LIST)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call_list(
                b"\0" * (16 * LIMIT), metadata=(("authorization", "Bearer start-token"),), timeout=30
            )
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
