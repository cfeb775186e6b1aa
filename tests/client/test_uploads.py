"""Files that become documents: from paths, bytes and streams, over every protocol, for both clients."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from client.clients import InThread
from support.apps import running_app
from support.world import World, content_of
from triptych.documents import typeid
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus, SubjectType
from triptych_api.factify.api.v1beta.document_service_pb import CreateDocumentRequest, GetDocumentRequest
from triptych_client import (
    AsyncClient,
    Client,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
    UnauthenticatedError,
)

CSV = b"a,b\n" * 50_000
FORMS = pytest.mark.parametrize("way", ["connect", "connect-json", "grpc-web", "grpc-web-json"])


class Stream:
    """A stream that cannot go back, of so many bytes, which notes how much it was asked for at once."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.asked: list[int] = []

    def read(self, size: int = -1, /) -> bytes:
        self.asked.append(size)
        given = self.left if size < 0 else min(size, self.left)
        self.left -= given
        return b"x" * given


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / 'my "table" ü%22.csv'
    file.write_bytes(CSV)
    return file


async def stored(world: World, document: Any) -> tuple[str, bytes]:
    """Return the name and the content of a document's file, as the store has them."""
    async with world.store.read() as tx:
        version_id = typeid.decode("ver", document.current_version.id)
        version = await tx.document_versions.get(version_id)
    assert version is not None
    return version.file_name or "", await content_of(world.store, version_id)


async def test_a_path_becomes_a_document(client: Any, organization: World, file: Path) -> None:
    sent: list[int] = []
    response = await client.documents.upload_document(
        file, description="Ü\r\nline", access_level=AccessLevel.PRIVATE, progress=sent.append
    )
    made = response.document
    assert (made.title, made.description, made.source_format) == (file.name, "Ü\r\nline", "csv")
    assert made.access_level is AccessLevel.PRIVATE
    assert made.processing_status is ProcessingStatus.PROCESSING
    assert made.created_by.type is SubjectType.USER
    assert await stored(organization, made) == (file.name, CSV)
    assert sent == sorted(set(sent))
    assert sent[-1] == len(CSV)
    got = (await client.documents.get_document(GetDocumentRequest(document_id=made.id))).document
    made.processing_status, made.last_viewed_at = got.processing_status, got.last_viewed_at
    assert got == made


async def test_what_is_not_given_is_left_to_the_server(client: Any, organization: World, file: Path) -> None:
    by_name = (await client.documents.upload_document(str(file), title="Table")).document
    assert (by_name.title, by_name.has_field("description")) == ("Table", False)
    assert by_name.access_level is AccessLevel.ORGANIZATION
    by_bytes = (await client.documents.upload_document(CSV, title="Bytes", file_name="t.csv")).document
    assert await stored(organization, by_bytes) == ("t.csv", CSV)


async def test_an_open_file_is_sent_from_where_it_is_and_stays_open(
    client: Any, organization: World, file: Path
) -> None:
    with file.open("rb") as opened:
        opened.seek(4)
        made = (await client.documents.upload_document(opened)).document
        assert not opened.closed
    assert await stored(organization, made) == (file.name, CSV[4:])
    buffer = io.BytesIO(CSV)
    made = (await client.documents.upload_document(buffer, title="buffer.csv", file_name="b.csv")).document
    assert await stored(organization, made) == ("b.csv", CSV)


@FORMS
async def test_a_stream_goes_beyond_the_largest_message_piece_by_piece(
    client: Any, organization: World
) -> None:
    stream = Stream(6 << 20)
    made = (await client.documents.upload_document(stream, title="Stream", file_name="s.md")).document
    assert await stored(organization, made) == ("s.md", b"x" * (6 << 20))
    assert min(stream.asked) > 0
    assert max(stream.asked) <= 1 << 16


@FORMS
async def test_a_pipe_has_no_size_and_is_sent_all_the_same(
    client: Any, organization: World, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    # A pipe that is open for both blocks nobody; its end comes when the writer is closed, once all is in.
    descriptor = os.open(pipe, os.O_RDWR)
    os.write(descriptor, b"a,b\n" * 100)
    reader = pipe.open("rb")
    os.close(descriptor)
    with reader:
        made = (await client.documents.upload_document(reader)).document
    assert await stored(organization, made) == ("pipe.csv", b"a,b\n" * 100)


@pytest.mark.parametrize("way", ["grpc", "channel"])
async def test_over_grpc_a_file_is_one_message(client: Any) -> None:
    sent: list[int] = []
    with pytest.raises(ResourceExhaustedError):
        await client.documents.upload_document(bytes(5 << 20), title="large", progress=sent.append)
    assert sent == []


@pytest.mark.parametrize(
    ("content", "arguments", "field"),
    [
        (bytes(2 << 20), {"title": "unknown"}, "payload"),
        (b"", {"title": "empty"}, "payload"),
        (CSV, {"title": "x" * 256}, "title"),
        (CSV, {"title": "a", "description": "x" * 2001}, "description"),
    ],
)
async def test_refusals_are_those_of_the_rpc(
    client: Any, content: bytes, arguments: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await client.documents.upload_document(content, **arguments)
    with pytest.raises(InvalidArgumentError) as expected:
        await client.documents.create_document(CreateDocumentRequest(payload=content, **arguments))
    assert [violation.field for violation in caught.value.violations] == [field]
    assert caught.value.violations == expected.value.violations
    assert caught.value.message == expected.value.message
    assert caught.value.reason == expected.value.reason
    assert caught.value.request_id
    assert caught.value.request_id != expected.value.request_id


async def test_two_violations_name_both_fields(client: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await client.documents.upload_document(CSV, title="x" * 256, description="x" * 2001)
    assert [violation.field for violation in caught.value.violations] == ["title", "description"]


async def test_headers_of_a_call_win(client: Any) -> None:
    with pytest.raises(UnauthenticatedError):
        await client.documents.upload_document(CSV, title="a", headers={"Authorization": "Bearer wrong"})
    made = await client.documents.upload_document(
        CSV, title="a", file_name="a.csv", headers={"content-type": "text/plain", "Content-Length": "1"}
    )
    assert made.document.source_format == "csv"


async def test_what_is_wrong_with_a_file_is_raised_as_it_is(client: Any, tmp_path: Path, file: Path) -> None:
    upload = client.documents.upload_document
    with pytest.raises(FileNotFoundError):
        await upload(tmp_path / "none.csv")
    with pytest.raises(IsADirectoryError):
        await upload(tmp_path)
    with pytest.raises(ValueError, match="give a title"):
        await upload(CSV)
    with file.open() as text, pytest.raises(TypeError, match="binary mode"):
        await upload(text)


@FORMS
async def test_what_fails_on_the_way_is_raised_as_it_is(client: Any, file: Path) -> None:
    with pytest.raises(ValueError, match="became shorter"):
        await client.documents.upload_document(file, progress=lambda _: os.truncate(file, 1000))

    def refuse(sent: int) -> None:
        raise LookupError(sent)

    with pytest.raises(LookupError, match="65536"):
        await client.documents.upload_document(CSV, title="a", progress=refuse)
    with pytest.raises(NotFoundError):  # the client can still call
        request = GetDocumentRequest(document_id="doc_01jw000000e008000000000001")
        await client.documents.get_document(request)


@pytest.mark.parametrize("kind", [AsyncClient, Client])
async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    tmp_path: Path, kind: type[AsyncClient] | type[Client]
) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as made:
        made.truncate(200 << 20)
    sent = [0]
    async with running_app(max_upload=1 << 20) as app:
        opened = kind(f"http://127.0.0.1:{app.http.port}", token="secret")
        client: Any = InThread(opened) if isinstance(opened, Client) else opened
        with pytest.raises(ResourceExhaustedError) as caught:
            await client.documents.upload_document(large, progress=sent.append)
        await client.close()
    assert "1048576" in caught.value.message
    assert sent[-1] < 100 << 20
