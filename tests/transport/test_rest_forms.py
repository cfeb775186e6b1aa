"""Files over REST: forms in every order, broken ones, and ones that are too large."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from conftest import Server
from support.http import new_http_client
from support.rest_calls import ABSENT, DOCUMENTS, PDF, check_error

AUTH = {"authorization": "Bearer start-token"}


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Return a plain HTTP client with a token."""
    async with new_http_client(base_url=server.http, headers=AUTH) as client:
        yield client


async def form(http: httpx.AsyncClient, *parts: bytes, end: bytes = b"--b--\r\n") -> httpx.Response:
    """Send a form that is made by hand."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end
    return await http.post(
        DOCUMENTS, content=body, headers={"content-type": "multipart/form-data; boundary=b"}
    )


def part(name: str, content: bytes, extra: str = "") -> bytes:
    """Return a part of a form."""
    return f'Content-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content


PAYLOAD = part("payload", PDF, '; filename="a.pdf"')
TITLE = part("title", b"Title")


async def test_parts_in_either_order(http: httpx.AsyncClient) -> None:
    for parts in ((TITLE, PAYLOAD), (PAYLOAD, TITLE)):
        assert (await form(http, *parts)).status_code == 200


END = b"--b--\r\n"
INVALID = "invalid_field_value"
PROGRAM = part("payload", b"MZ\x90\0", '; filename="a.pdf"')
NO_PDF = part("payload", b"text", '; filename="a.pdf"')


@pytest.mark.parametrize(
    ("parts", "end", "reason", "param"),
    [
        ([TITLE], END, "missing_required_field", "payload"),
        ([TITLE, part("payload", b"")], END, "missing_required_field", "payload"),
        ([TITLE, PAYLOAD, PAYLOAD], END, INVALID, "payload"),
        ([TITLE, TITLE, PAYLOAD], END, INVALID, "title"),
        ([PAYLOAD], END, INVALID, "title"),
        ([part("title", b""), PAYLOAD], END, INVALID, "title"),
        ([part("title", b"x" * 256), PAYLOAD], END, INVALID, "title"),
        ([TITLE, PAYLOAD, part("access_level", b"PUBLIC")], END, "invalid_enum_value", "access_level"),
        ([TITLE, PAYLOAD, part("nothing", b"")], END, INVALID, "nothing"),
        ([TITLE, PAYLOAD, part("payload_key", b"x")], END, INVALID, "payload_key"),
        ([TITLE, b"X: y\r\n\r\nz"], END, INVALID, None),
        ([TITLE, PAYLOAD], b"", INVALID, None),
        ([TITLE, PROGRAM], END, INVALID, "payload"),
        ([TITLE, NO_PDF], END, INVALID, "payload"),
    ],
)
async def test_bad_forms_are_named(
    http: httpx.AsyncClient, parts: list[bytes], end: bytes, reason: str, param: str | None
) -> None:
    before = (await http.get(DOCUMENTS)).json()
    check_error(await form(http, *parts, end=end), 400, "invalid_argument", reason, param)
    assert (await http.get(DOCUMENTS)).json() == before


async def test_an_upload_that_says_it_is_too_large_is_not_read(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    writer.write(
        f"POST {DOCUMENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer start-token\r\n"
        "content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000000000\r\n\r\n".encode()
    )
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert status.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", [f"{DOCUMENTS}/{ABSENT}/trash", "/gitpod.v1.ProjectService/GetProject"])
async def test_nor_is_a_message_that_says_it_is_too_large(server: Server, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer start-token\r\n"
        "content-type: application/json\r\ncontent-length: 100000000\r\n\r\n{".encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert head.startswith((b"HTTP/1.1 413", b"HTTP/1.1 429"))


async def test_a_file_over_the_limit_is_refused_on_the_way(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"--b\r\n" + part("payload", b"")
        for _ in range(60):
            yield b"x" * 2**20

    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = await http.post(DOCUMENTS, content=endless(), headers=headers)
    check_error(response, 413, "resource_exhausted", "quota_exceeded", None)


async def test_a_client_that_goes_away_leaves_nothing(server: Server, http: httpx.AsyncClient) -> None:
    before = (await http.get(DOCUMENTS)).json()
    _, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    body = b"--b\r\n" + TITLE + b"\r\n--b\r\n" + PAYLOAD
    head = (
        f"POST {DOCUMENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer start-token\r\n"
        "x-request-id: gone-2\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        f"content-length: {len(body) + 99}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    assert (await server.log.line("gone-2"))["code"] == "canceled"
    assert (await http.get(DOCUMENTS)).json() == before


MARKDOWN = b"# Notes\n"
NOTES = "filename=notes.md"


@pytest.mark.parametrize(
    ("parts", "preamble"),
    [
        ([part("payload", MARKDOWN, f"; {NOTES}")], b"A form.\r\n"),
        ([part("payload", MARKDOWN, "; filename=\"=?utf-8?B?bm90ZXMubWQ=?=\"; filename*=utf-8''x.md")], b""),
        ([part("payload", MARKDOWN, "; filename=notes; filename*=utf-8''n%C3%B6tes.md")], b""),
        ([part("payload", MARKDOWN, "; filename*=utf-8''n%C3%B6tes.md")], b""),
        ([part("payload", MARKDOWN, '; filename="blob"'), part("file_name", b"notes.md")], b""),
        ([part("payload", MARKDOWN, f"; {NOTES}").replace(b"notes", b"n\xf6tes")], b""),
        ([part("payload", b"IyBOb3Rlcwo=", f"; {NOTES}\r\nContent-Transfer-Encoding: base64")], b""),
    ],
)
async def test_forms_as_clients_send_them(
    http: httpx.AsyncClient, parts: list[bytes], preamble: bytes
) -> None:
    body = b"".join(b"--b \r\n" + each + b"\r\n" for each in (TITLE, *parts))
    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = await http.post(DOCUMENTS, content=preamble + body + END, headers=headers)
    assert response.status_code == 200, response.text
    assert response.json()["document"]["source_format"] == "markdown"


@pytest.mark.parametrize(
    "extra",
    [
        '; filename="a\0.md"',
        "; filename*=utf-8''a%00.md",
        f"; filename={'a' * 300}.md",
        f"; {NOTES}\r\nContent-Transfer-Encoding: quoted-printable",
        f"; {NOTES}\r\nContent-Transfer-Encoding: base64",
    ],
)
async def test_files_that_cannot_be_kept_as_they_are_sent(http: httpx.AsyncClient, extra: str) -> None:
    response = await form(http, TITLE, part("payload", MARKDOWN, extra))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")
