"""What RFC 9110 and the protocols above it say of headers, codings and challenges."""

from __future__ import annotations

import base64
import gzip
import http.client
import io
import json
from asyncio import open_connection
from collections.abc import AsyncIterator
from urllib.parse import unquote

import httpx
import pytest

from conftest import Server
from support.apps import running_app
from support.http import new_http_client
from support.http2 import call, frame
from triptych.transport.http.compression import accepted

USER = "/gitpod.v1.UserService/GetAuthenticatedUser"
DOCUMENTS = "/v1beta/documents"
TEST = "/triptych.test.v1.TestService"
AUTH = {"authorization": "Bearer start-token"}
JSON = {"content-type": "application/json"}
WEB = "application/grpc-web"


@pytest.fixture
async def http_client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with new_http_client(base_url=server.http) as client:
        yield client


# Challenges


@pytest.mark.parametrize("path", [USER, DOCUMENTS])
@pytest.mark.parametrize(
    ("given", "challenge"),
    [
        ({}, "Bearer"),
        ({"authorization": "Bearer wrong"}, 'Bearer error="invalid_token"'),
        ({"authorization": "Basic eDp5"}, 'Bearer error="invalid_token"'),
    ],
)
async def test_every_401_tells_how_to_authenticate(
    http_client: httpx.AsyncClient, path: str, given: dict[str, str], challenge: str
) -> None:
    verb = "POST" if path == USER else "GET"
    response = await http_client.request(verb, path, content=b"{}", headers={**JSON, **given})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, challenge)


async def test_other_answers_have_no_challenge(http_client: httpx.AsyncClient) -> None:
    for response in (
        await http_client.post(USER, json={}, headers=AUTH),
        await http_client.get(f"{DOCUMENTS}/x", headers=AUTH),
        await http_client.post("/nothing", json={}),
    ):
        assert "www-authenticate" not in response.headers


async def test_browsers_may_read_the_challenge() -> None:
    async with (
        running_app(cors_origin=("*",)) as app,
        new_http_client(base_url=f"http://127.0.0.1:{app.http_port}") as http_client,
    ):
        response = await http_client.post(USER, json={}, headers={"origin": "https://app.example.org"})
        assert response.status_code == 401
        assert "www-authenticate" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize("blanks", [" ", "  ", "     "])
async def test_blanks_after_the_scheme(server: Server, http_client: httpx.AsyncClient, blanks: str) -> None:
    token = f"bearer{blanks}start-token"
    assert (await http_client.post(USER, json={}, headers={"authorization": token})).status_code == 200
    headers = [(b"content-type", b"application/grpc"), (b"authorization", token.encode())]
    assert (await call(server.grpc, USER, frame(b""), headers)).headers[b"grpc-status"] == b"0"


# Headers that nobody reads


@pytest.mark.parametrize("media_type", [WEB, f"{WEB}-text", "application/connect+proto", "application/proto"])
async def test_any_bytes_in_a_header(http_client: httpx.AsyncClient, media_type: str) -> None:
    path = f"{TEST}/BidiStreaming" if "connect+" in media_type else f"{TEST}/Unary"
    body = b"" if media_type == "application/proto" else frame(b"")
    content = base64.b64encode(body) if media_type.endswith("text") else body
    headers = [(b"content-type", media_type.encode()), (b"x-forwarded-user", b"Jos\xe9\xff\x80")]
    assert (await http_client.post(path, content=content, headers=headers)).status_code == 200
    rest = [(b"authorization", b"Bearer start-token"), (b"x-forwarded-user", b"Jos\xe9")]
    assert (await http_client.get(DOCUMENTS, headers=rest)).status_code == 200


# Content codings


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("br, gzip", "br"),
        ("gzip;q=0.5, br;q=0.8", "br"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000", ""),
        ("gzip ; Q=0", ""),
        ("gzip;q=0, *", "br"),
        ("gzip;q=0, br;q=0, zstd;q=0, *", ""),
        ("*", "gzip"),
        ("*;q=0", ""),
        ("br;q=0.5, *", "gzip"),
        ("identity", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("deflate, compress", ""),
        ("gzip;q=x", ""),
        ("", ""),
        (",", ""),
    ],
)
def test_accept_encoding(header: str, coding: str) -> None:
    assert accepted(header.encode()) == coding


@pytest.mark.parametrize(
    "coding", ["gzip", "GZIP", "x-gzip", "identity", "Identity", "gzip, identity", ",gzip"]
)
@pytest.mark.parametrize("way", ["connect", "rest"])
async def test_names_of_codings(http_client: httpx.AsyncClient, way: str, coding: str) -> None:
    body = b'{"name": "n", "initializer": {}}' if way == "connect" else b"{}"
    path = "/gitpod.v1.ProjectService/CreateProject" if way == "connect" else DOCUMENTS
    content = body if coding.lower() == "identity" else gzip.compress(body, mtime=0)
    headers = {**AUTH, **JSON, "content-encoding": coding}
    response = await http_client.post(path, content=content, headers=headers)
    assert "content-encoding" not in response.headers
    assert response.status_code == (200 if way == "connect" else 400)  # a document without a file
    if way == "rest":
        assert "JSON" not in response.text
        assert "title" in response.text or "payload" in response.text


@pytest.mark.parametrize("codings", [["deflate"], ["gzip, gzip"], ["gzip", "deflate"], ["identity", "x"]])
async def test_unknown_codings_are_never_ignored(http_client: httpx.AsyncClient, codings: list[str]) -> None:
    headers = [*AUTH.items(), *JSON.items(), *(("content-encoding", coding) for coding in codings)]
    for body in (b"", b"{}"):
        rest = await http_client.post(DOCUMENTS, content=body, headers=headers)
        assert (rest.status_code, rest.headers["accept-encoding"]) == (415, "gzip, br, zstd")
        connect = await http_client.post(USER, content=body, headers=headers)
        assert (connect.status_code, connect.json()["code"]) == (501, "unimplemented")
        assert "gzip, br, zstd" in connect.json()["message"]


async def test_a_compressed_form_is_refused(http_client: httpx.AsyncClient) -> None:
    form = {"content-type": "multipart/form-data; boundary=x", "content-encoding": "gzip"}
    response = await http_client.post(
        DOCUMENTS, content=gzip.compress(b"--x--", mtime=0), headers={**AUTH, **form}
    )
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


@pytest.mark.parametrize("path", [f"{TEST}/Unary", f"{TEST}/ServerStreaming"])
async def test_unknown_compression_of_grpc_web(http_client: httpx.AsyncClient, path: str) -> None:
    headers = {"content-type": WEB, "grpc-encoding": "snappy"}
    response = await http_client.post(path, content=frame(b""), headers=headers)
    assert b"grpc-status: 12" in response.content
    assert b"gzip, br, zstd" in response.content
    assert response.headers["grpc-accept-encoding"] == "gzip, br, zstd"


# gRPC-Web


@pytest.mark.parametrize(
    "content_type", [f"{WEB}+json; charset=utf-8", "Application/GRPC-Web+JSON", f"{WEB}+json;x=y"]
)
async def test_content_types_with_parameters(http_client: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type}
    response = await http_client.post(f"{TEST}/Unary", content=frame(b'"a"'), headers=headers)
    assert response.headers["content-type"] == f"{WEB}+json"
    assert response.content == frame(b'"a"') + b"\x80\0\0\0\x10grpc-status: 0\r\n"


async def test_an_empty_timeout_goes_through_the_pipeline(
    server: Server, http_client: httpx.AsyncClient
) -> None:
    headers = {"content-type": WEB, "grpc-timeout": "", "x-request-id": "empty-timeout"}
    response = await http_client.post(f"{TEST}/Unary", content=frame(b""), headers=headers)
    assert b"grpc-status: 3" in response.content
    assert response.headers["x-request-id"] == "empty-timeout"
    assert "empty-timeout" in server.log_text()


def pieces(text: bytes) -> bytes:
    """Decode base64 in pieces that are padded each, as clients of grpc-web-text do."""
    return b"".join(base64.b64decode(text[at : at + 4]) for at in range(0, len(text), 4))


ONE, TWO = frame(b"\x0a\x01a"), frame(b"\x0a\x02bc")


@pytest.mark.parametrize("suffix", ["", "+proto"])
@pytest.mark.parametrize(
    ("rpc", "body", "answer"),
    [
        ("Unary", base64.b64encode(ONE), ONE),
        ("ServerStreaming", base64.b64encode(TWO), frame(b"\x0a\x01b") + frame(b"\x0a\x01c")),
        ("ClientStreaming", base64.b64encode(ONE) + base64.b64encode(TWO), frame(b"\x0a\x04a,bc")),
        ("BidiStreaming", base64.b64encode(ONE + TWO), frame(b"\x0a\x01A") + frame(b"\x0a\x02BC")),
    ],
)
async def test_grpc_web_text(
    http_client: httpx.AsyncClient, rpc: str, body: bytes, answer: bytes, suffix: str
) -> None:
    content_type = f"{WEB}-text{suffix}"
    response = await http_client.post(f"{TEST}/{rpc}", content=body, headers={"content-type": content_type})
    assert response.headers["content-type"] == content_type
    assert pieces(response.content) == answer + b"\x80\0\0\0\x10grpc-status: 0\r\n"


@pytest.mark.parametrize("rpc", ["Unary", "ServerStreaming", "BidiStreaming"])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"!!!!", b"not base64"),
        (base64.b64encode(ONE) + b"\n", b"base64"),
        (b"A===", b"not base64"),
        (base64.b64encode(ONE)[:-1], b"base64 of the body is cut off"),
        (base64.b64encode(ONE[:6]), b"cut off within a message"),
    ],
)
async def test_grpc_web_text_that_is_none(
    http_client: httpx.AsyncClient, rpc: str, body: bytes, text: bytes
) -> None:
    headers = {"content-type": f"{WEB}-text"}
    response = await http_client.post(f"{TEST}/{rpc}", content=body, headers=headers)
    answer = pieces(response.content)
    assert b"grpc-status: 3" in answer
    assert text in answer


async def test_messages_of_grpc_are_encoded_where_they_must_be(http_client: httpx.AsyncClient) -> None:
    headers = {"content-type": f"{WEB}+json", **AUTH}
    path = "/gitpod.v1.UserService/GetUser"
    response = await http_client.post(
        path, content=frame(b'{"x": 1, "userId": "%\xc3\xa9"}'), headers=headers
    )
    line = next(line for line in response.content.split(b"\r\n") if b"grpc-message" in line)
    assert b"%20" not in line
    assert b" " in line.partition(b": ")[2]


# Framing


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        (b"", {}, b"got none"),
        (ONE + TWO, {}, b"got more"),
        (ONE[:-1], {}, b"cut off within a message"),
        (ONE[:3], {}, b"cut off within a message"),
        (b"\x04" + ONE[1:], {}, b"has the flags 4"),
        (b"\x01" + ONE[1:], {}, b"headers name no compression"),
        (b"\x01" + ONE[1:], {"grpc-encoding": "gzip"}, b"not compressed as gzip"),
        (
            b"\x01" + frame(gzip.compress(b"\x0a\x01a", mtime=0)[:-9])[1:],
            {"grpc-encoding": "gzip"},
            b"end of its gzip",
        ),
        (ONE, {"grpc-encoding": "snappy"}, b"'snappy' is not known"),
    ],
)
async def test_framing_texts_name_the_cause(
    http_client: httpx.AsyncClient, body: bytes, headers: dict[str, str], text: bytes
) -> None:
    sent = {"content-type": WEB, **headers}
    response = await http_client.post(f"{TEST}/Unary", content=body, headers=sent)
    assert text in response.content


def squeezed(data: bytes) -> bytes:
    """Return data in a frame whose flags say that it is compressed."""
    return b"\x01" + frame(data)[1:]


GZIPPED = gzip.compress(b"\x0a\x01a", mtime=0)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", b"12", "takes one request message, got none or a part"),
        (ONE[:3], b"12", "takes one request message, got none or a part"),
        (ONE[:-1], b"12", "takes one request message, got none or a part"),
        (ONE + TWO, b"12", "takes one request message, got more"),
        (squeezed(GZIPPED), b"0", ""),
        (squeezed(GZIPPED[:-9]), b"13", "cut off before the end of its gzip"),
        (squeezed(GZIPPED[:-1] + b"x"), b"13", "not compressed as gzip"),
    ],
)
async def test_texts_on_the_grpc_port_name_the_cause(
    server: Server, body: bytes, status: bytes, text: str
) -> None:
    headers = [(b"content-type", b"application/grpc"), (b"grpc-encoding", b"gzip")]
    answer = await call(server.grpc, f"{TEST}/Unary", body, headers)
    assert answer.headers[b"grpc-status"] == status
    assert text in unquote(answer.headers.get(b"grpc-message", b"").decode())


# Connect's GET


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("encoding=json&message=%7B%7D", 200, ""),
        ("encoding=json&base64=1&message=e30", 200, ""),
        ("encoding=json&base64=1&message=e30%3D", 200, ""),
        ("encoding=json&base64=1&message=!!!!", 400, "not base64"),
        ("encoding=json&base64=1&message=e30+", 400, "not base64"),
        ("encoding=json&base64=1&message=e%0A30", 400, "not base64"),
        ("encoding=json&base64=1&message=e3%3D0", 400, "not base64"),
        ("encoding=json&base64=1&message=e30%3D%3D", 400, "not base64"),
        ("encoding=json&base64=1&message=e30%3De30%3D", 400, "not base64"),
        ("encoding=json&base64=1&message=e", 400, "not base64"),
        ("encoding=json&base64=1&message=e31", 400, "not base64"),
        ("encoding=json&base64=1&message=e31%3D", 400, "not base64"),
        ("encoding=proto&base64=1&message=AB", 400, "not base64"),
        ("encoding=proto&base64=1&message=", 200, ""),
        ("encoding=json&base64=1&message=%3D%3D%3D%3D", 400, "not base64"),
        ("encoding=json&base64=1&message=e3%200", 400, "not base64"),
        ("encoding=json&base64=1&message=%C3%A9e30", 400, "not base64"),
        ("encoding=proto&base64=1&message=%2B%2F%2F%2F", 400, "not base64"),
        ("encoding=json", 400, "message is missing"),
        ("encoding=json&message=%7B%7D&connect=v2", 400, "connect in the URL must be v1"),
        ("encoding=text&message=%7B%7D", 415, "encoding in the URL must be json or proto"),
        ("message=%7B%7D", 415, "encoding in the URL must be json or proto"),
        ("encoding=json&message=%7B%7D&compression=x", 501, "known are gzip, br, zstd"),
    ],
)
async def test_get(http_client: httpx.AsyncClient, query: str, status: int, text: str) -> None:
    response = await http_client.get(f"{USER}?{query}", headers=AUTH)
    assert (response.status_code, text in response.text) == (status, True)
    compressed = await http_client.get(f"{USER}?{query}", headers={**AUTH, "accept-encoding": "gzip;q=0.000"})
    assert "content-encoding" not in compressed.headers


# Refusals before there is a request


REFUSALS = {
    414: b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: x\r\nOrigin: %b\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: x\r\nOrigin: %b\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n",
    400: b"GET / HTTP/1.1\r\nOrigin: %b\r\nHost: a b\r\n\r\n",
    417: b"POST / HTTP/1.1\r\nHost: x\r\norigin:%b\r\nExpect: more\r\n\r\n",
    501: b"POST / HTTP/1.1\r\nHost: x\r\nOrigin: %b\r\nTransfer-Encoding: gzip\r\n\r\n",
}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("origin", ["https://app.example.org", "https://evil.example.org"])
async def test_refusals_reach_browsers(status: int, origin: str) -> None:
    async with running_app(cors_origin=("https://app.example.org",)) as app:
        reader, writer = await open_connection("127.0.0.1", app.http_port)
        writer.write(REFUSALS[status] % origin.encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    headers = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2] + b"\r\n\r\n"))
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["message"]
    assert headers["vary"] == "origin"
    allowed = "app." in origin
    assert headers["access-control-allow-origin"] == (origin if allowed else None)
    assert ("x-request-id" in (headers["access-control-expose-headers"] or "")) == allowed
