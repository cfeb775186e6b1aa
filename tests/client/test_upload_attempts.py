"""How uploads are tried again and end: a scripted server answers."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from client.clients import InThread
from client.scripted import DROPPED, Answer, scripted
from client.test_client_retries import FakeTime
from client.test_uploads import Stream
from triptych_client import (
    ApiError,
    AsyncClient,
    Client,
    DeadlineExceededError,
    ErrorCode,
    ResourceExhaustedError,
    RetryPolicy,
    UnavailableError,
)

JSON = ("content-type", "application/json")
CREATED = Answer(200, b'{"document": {"id": "doc_1", "access_level": "public", "new": 1}}', (JSON,))


def refusal(status: int, code: str, reason: str, *headers: tuple[str, str]) -> Answer:
    """Return an error as REST writes it."""
    detail = {"reason": reason, "request_id": "r"}
    body = json.dumps({"code": code, "message": "as told", "details": [detail]}).encode()
    return Answer(status, body, (JSON, ("x-request-id", "r"), *headers))


LIMITED = refusal(429, "resource_exhausted", "rate_limit_exceeded", ("retry-after", "2"))
UNAVAILABLE = refusal(503, "unavailable", "overloaded")


@pytest.fixture(params=["async", "sync"])
def connect(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return what makes a client whose methods are awaited, of either kind."""

    def make(url: str, **arguments: Any) -> Any:
        if request.param == "async":
            return AsyncClient(url, token="secret", **arguments)
        return InThread(Client(url, token="secret", **arguments))

    return make


async def test_a_form_is_sent_with_its_length_the_token_and_the_time_left(
    connect: Callable[..., Any],
) -> None:
    async with scripted(CREATED) as server:
        client = connect(f"{server.url}/base/", timeout=7)
        made = await client.documents.upload_document(b"# A", title="T", file_name="a.md")
        await client.documents.upload_document(b"# A", title="T", timeout=float("inf"))
        await client.close()
    assert (made.document.id, made.document.access_level.name) == ("doc_1", "PUBLIC")
    assert server.paths == ["/base/v1beta/documents"] * 2
    first, second = server.requests
    assert first["authorization"] == "bearer secret"
    assert first["x-server-timeout"] == "7.000"
    assert "x-server-timeout" not in second
    assert int(first["content-length"]) == len(server.bodies[0])
    boundary = first["content-type"].removeprefix("multipart/form-data; boundary=")
    parts = server.bodies[0].decode().split(f"--{boundary}")
    assert [part.strip().replace("\r\n", "|") for part in parts] == [
        "",
        'content-disposition: form-data; name="title"||T',
        'content-disposition: form-data; name="file_name"||a.md',
        'content-disposition: form-data; name="payload"||# A',
        "--",
    ]


@pytest.mark.parametrize("how", ["path", "bytes", "file"])
async def test_a_file_is_sent_again_from_its_start(
    connect: Callable[..., Any], tmp_path: Path, how: str
) -> None:
    content = b"x" * 100_000
    path = tmp_path / "a.md"
    path.write_bytes(content)
    opened = io.BytesIO(b"before" + content)
    opened.seek(6)
    file = {"path": path, "bytes": content, "file": opened}[how]
    time, sent = FakeTime(), list[int]()
    async with scripted(LIMITED, CREATED) as server:
        client = connect(server.url, timing=time.timing, timeout=10)
        made = await client.documents.upload_document(file, title="T", progress=sent.append)
        await client.close()
    assert made.document.id == "doc_1"
    assert time.slept == [2]
    assert [request["x-server-timeout"] for request in server.requests] == ["10.000", "8.000"]
    assert [body.count(b"x" * 100_000) for body in server.bodies] == [1, 1]
    assert sent == [1 << 16, 100_000] * 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (UNAVAILABLE, ErrorCode.UNAVAILABLE),
        (DROPPED, ErrorCode.UNAVAILABLE),
        (refusal(413, "resource_exhausted", "quota_exceeded"), ErrorCode.RESOURCE_EXHAUSTED),
        (refusal(400, "failed_precondition", "state"), ErrorCode.FAILED_PRECONDITION),
        (Answer(200, b"<html>"), ErrorCode.UNKNOWN),
        (Answer(200, b"[]", (JSON,)), ErrorCode.UNKNOWN),
        (Answer(200, b'{"document": {"title": 1}}', (JSON,)), ErrorCode.UNKNOWN),
        (Answer(307, b"", (("location", "/elsewhere"),)), ErrorCode.UNKNOWN),
        (Answer(400, b'{"code": "odd", "message": "x"}', (JSON,)), ErrorCode.INTERNAL),
        (Answer(404, b"{}", (JSON,)), ErrorCode.UNIMPLEMENTED),
        (Answer(502, b"bad gateway"), ErrorCode.UNAVAILABLE),
        (Answer(599, b""), ErrorCode.UNKNOWN),
    ],
)
async def test_what_may_have_created_it_is_not_tried_again(
    connect: Callable[..., Any], answer: Answer, code: ErrorCode
) -> None:
    async with scripted(answer) as server:
        client = connect(server.url, retries=RetryPolicy(initial_backoff=0))
        with pytest.raises(ApiError) as caught:
            await client.documents.upload_document(b"a", title="T")
        await client.close()
    assert caught.value.code is code
    assert type(caught.value) is not ApiError
    assert len(server.requests) == 1


async def test_a_stream_that_cannot_go_back_is_sent_once_in_chunks(connect: Callable[..., Any]) -> None:
    async with scripted(LIMITED, CREATED) as server:
        client = connect(server.url)
        with pytest.raises(ResourceExhaustedError) as caught:
            await client.documents.upload_document(Stream(1000), title="T")
        await client.close()
    assert (caught.value.reason, caught.value.retry_after) == ("RATE_LIMIT_EXCEEDED", 2)
    assert caught.value.request_id == "r"
    assert len(server.requests) == 1
    assert "content-length" not in server.requests[0]


async def test_a_response_over_the_limit_is_refused(connect: Callable[..., Any]) -> None:
    async with scripted(Answer(200, b" " * 1000 + CREATED.body, (JSON,))) as server:
        client = connect(server.url, max_message=999)
        with pytest.raises(ResourceExhaustedError, match="999 bytes"):
            await client.documents.upload_document(b"a", title="T")
        await client.close()


async def silent(act: Callable[[str], Awaitable[None]]) -> None:
    """Do something with a server that never answers."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        await act(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        ended.set()


async def test_an_upload_ends_when_its_time_is_over(connect: Callable[..., Any]) -> None:
    async def act(url: str) -> None:
        client = connect(url)
        stream = Stream(1 << 30)
        with pytest.raises(DeadlineExceededError):
            await client.documents.upload_document(stream, title="T", timeout=0.2)
        left = stream.left
        assert left > 1 << 29  # nobody took it, so it was not read
        await client.close()
        assert stream.left == left

    await silent(act)


async def test_a_task_that_is_cancelled_ends_its_upload() -> None:
    async def act(url: str) -> None:
        begun = asyncio.Event()
        async with AsyncClient(url) as client:
            upload = client.documents.upload_document(
                Stream(1 << 30), title="T", progress=lambda _: begun.set()
            )
            task = asyncio.create_task(upload)
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    await silent(act)


async def test_a_server_that_is_not_there_is_unavailable(connect: Callable[..., Any]) -> None:
    async with scripted(CREATED) as server:
        url = server.url
    client = connect(url)
    with pytest.raises(UnavailableError, match=f"no response from {url}"):
        await client.documents.upload_document(b"a", title="T")
    await client.close()


async def test_forms_are_not_for_grpc() -> None:
    async with AsyncClient("http://127.0.0.1:9", protocol="grpc") as client:
        assert not client.calls.takes_forms
