"""What a connection may cost: sizes, counts and time, each refused with an answer or closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from raw import (
    CHUNKED,
    ECHO,
    Response,
    Wire,
    check_refused,
    check_served,
    chunked,
    echo,
    message,
    pass_time,
    wire,
)

from conftest import Server
from triptych.transport.http1.limits import Limits
from triptych.transport.http1.protocol import Http1Protocol

LIMITS = Limits()
SOON = 0.05


def limit(monkeypatch: pytest.MonkeyPatch, **changes: float) -> None:
    """Change the limits of new connections."""
    monkeypatch.setattr(Http1Protocol, "limits", replace(LIMITS, **changes))


def target(length: int) -> str:
    """Return a request line with a target of that many bytes."""
    return f"POST {ECHO}?{'x' * (length - len(ECHO) - 1)} HTTP/1.1"


async def test_longest_target(server: Server) -> None:
    length = b"Content-Length: 3\r\n"
    served = await check_served(server, message(length, b'"a"', line=target(LIMITS.target_bytes)))
    assert served.json == "a"
    await check_refused(server, message(length, b'"a"', line=target(LIMITS.target_bytes + 1)), 414)


async def test_target_without_an_end(server: Server) -> None:
    async with wire(server) as client:
        client.send(b"GET /" + b"x" * 2**20)
        assert (await client.response()).status == 414
        assert await client.ends()


def big_header(size: int) -> bytes:
    """Return a request whose request line and headers count as that many bytes."""
    used = len(echo("a", b"X-Big: \r\n")) - len(b'POST  HTTP/1.1\r\n\r\n"a"')
    return echo("a", b"X-Big: " + b"x" * (size - used) + b"\r\n")


@pytest.mark.parametrize("pieces", [1, 5])
async def test_largest_headers(server: Server, pieces: int) -> None:
    fits, too_large = big_header(LIMITS.head_bytes), big_header(LIMITS.head_bytes + 1)
    async with wire(server) as client:
        step = len(fits) // pieces + 1
        for start in range(0, len(fits), step):
            await client.send_all(fits[start : start + step])
        assert (await client.response()).json == "a"
        await client.still_serves()
    async with wire(server) as client:
        for start in range(0, len(too_large), step):
            await client.send_all(too_large[start : start + step])
        response = await client.response()
        assert (response.status, response.json["code"]) == (431, "resource_exhausted")
        assert await client.ends()


async def test_header_without_an_end(server: Server) -> None:
    await check_refused(server, message(b"X-Big: " + b"x" * 2**20), 431)


async def test_most_headers(server: Server) -> None:
    others = 3  # host, content type and length
    fits = LIMITS.headers - others
    assert (await check_served(server, echo("a", b"X-A: 1\r\n" * fits))).json == "a"
    await check_refused(server, echo("a", b"X-A: 1\r\n" * (fits + 1)), 431)


async def test_most_trailers(server: Server) -> None:
    start = b'3\r\n"a"\r\n0\r\n'
    fits = start + b"X-A: 1\r\n" * LIMITS.headers + b"\r\n"
    assert (await check_served(server, chunked(fits))).json == "a"
    await check_refused(server, chunked(start + b"X-A: 1\r\n" * (LIMITS.headers + 2) + b"\r\n"), 431)


@pytest.mark.parametrize("start", [b"3;a=", b'3\r\n"a"\r\n0\r\nX-Big: '])
async def test_chunk_extension_or_trailer_without_an_end(server: Server, start: bytes) -> None:
    await check_refused(server, chunked(start + b"x" * 2**20), 400)


async def test_many_small_chunks_are_fine(server: Server) -> None:
    text = "x" * 50_000
    chunks = b"".join(b"1;extension\r\n%c\r\n" % byte for byte in f'"{text}"'.encode())
    assert (await check_served(server, chunked(chunks + b"0\r\n\r\n"))).json == text


async def test_blank_lines_are_no_headers(server: Server) -> None:
    assert (await check_served(server, b"\r\n" * LIMITS.head_bytes + echo("a"))).json == "a"


SLOW = {
    "request line": (b"POST /x", "the headers took too long"),
    "headers": (echo("a")[:60], "the headers took too long"),
    "first byte of the body": (message(b"Content-Length: 3\r\n"), "the body took too long"),
    "body": (message(b"Content-Length: 3\r\n", b'"'), "the body took too long"),
    "chunk size": (message(CHUNKED), "the body took too long"),
    "chunk": (message(CHUNKED, b'3\r\n"'), "the body took too long"),
    "end of the chunks": (message(CHUNKED, b'3\r\n"a"\r\n0\r\n'), "the body took too long"),
}


@pytest.mark.parametrize("case", SLOW)
async def test_request_that_does_not_come_to_an_end(
    server: Server, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    limit(monkeypatch, head_seconds=SOON, body_seconds=SOON)
    data, text = SLOW[case]
    refused = await check_refused(server, data, 408)
    assert refused.json["message"] == text


async def drip(client: Wire) -> Response:
    """Send byte after byte until there is an answer."""
    answer = asyncio.create_task(client.response())
    while not answer.done():
        client.send(b"x")
        await asyncio.sleep(0)
    return await answer


async def test_headers_that_drip(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time does not make the whole in time."""
    limit(monkeypatch, head_seconds=SOON, head_bytes=10**9)
    async with wire(server) as client:
        client.send(b"POST /x HTTP/1.1\r\nX-Slow: ")
        assert (await drip(client)).status == 408


async def test_body_that_drips(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, body_seconds=SOON, body_bytes=10**9)
    async with wire(server) as client:
        client.send(message(b"Content-Length: 4000000\r\n"))
        assert (await drip(client)).status == 408


async def test_body_that_keeps_its_pace_may_take_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, body_seconds=SOON, body_bytes=0)
    async with wire(server) as client:
        client.send(message(b"Content-Length: 3\r\n", b'"'))
        await pass_time(server, SOON * 4)
        client.send(b'a"')
        assert (await client.response()).json == "a"


async def test_stream_may_pause(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, body_seconds=SOON)
    line = "POST /triptych.test.v1.TestService/ClientStreaming HTTP/1.1"
    head = message(CHUNKED, line=line).replace(b"application/json", b"application/connect+json")
    chunk = b'8\r\n\0\0\0\0\3"a"\r\n'
    async with wire(server) as client:
        client.send(head + chunk)
        await pass_time(server, SOON * 4)
        client.send(chunk + b"0\r\n\r\n")
        assert b'"a,a"' in (await client.response()).body


async def test_slow_answer_is_no_slow_request(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, head_seconds=SOON, body_seconds=SOON)
    async with wire(server) as client:
        client.send(echo("sleep", b"Connect-Timeout-Ms: 200\r\n"))
        assert (await client.response()).status == 504
        await client.still_serves()


async def test_half_a_request_behind_a_slow_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, head_seconds=SOON)
    async with wire(server) as client:
        client.send(echo("sleep", b"Connect-Timeout-Ms: 200\r\n") + echo("a")[:40])
        assert (await client.response()).status == 504
        assert (await client.response()).status == 408
        assert await client.ends()


@pytest.mark.parametrize("before", [b"", b"\r\n\r\n"])
async def test_connection_that_sends_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    monkeypatch.setattr(server.app.http._config, "timeout_keep_alive", SOON)
    async with wire(server) as client:
        client.send(before)
        assert await client.ends()


async def test_first_request_is_not_waited_for_as_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, first_seconds=SOON)
    async with wire(server) as first, wire(server) as second:
        await second.still_serves()
        assert await first.ends()
        await second.still_serves()


async def test_connection_that_is_idle_after_a_request(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.app.http._config, "timeout_keep_alive", SOON)
    async with wire(server) as client:
        await client.still_serves()
        assert await client.ends()


async def test_rest_of_a_refused_body_that_never_comes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, body_seconds=SOON)
    async with wire(server) as client:
        client.send(message(b"Content-Length: 10\r\n", line=f"PUT {ECHO} HTTP/1.1"))
        assert (await client.response()).status == 405
        assert await client.ends()


async def test_client_that_never_closes_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, linger_seconds=SOON)
    async with wire(server) as client:
        client.send(echo("a", b"Connection: close\r\n"))
        assert (await client.response()).json == "a"
        assert await client.ends()
        with pytest.raises(ConnectionError):
            while True:
                await pass_time(server, SOON * 2)
                await client.send_all(b"x")


async def test_client_that_never_stops_sending_is_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, linger_seconds=SOON, linger_total_seconds=SOON * 2)
    async with wire(server) as client:
        client.send(message(host=b""))
        with pytest.raises(ConnectionError):
            while True:
                await client.send_all(b"x" * 1000)
                await asyncio.sleep(0)


async def test_more_connections_than_there_may_be(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wire(server) as first:
        await first.still_serves()
        limit(monkeypatch, connections=1)
        async with wire(server) as second:
            refused = await second.response()
            assert (refused.status, refused.json["code"]) == (503, "unavailable")
            assert await second.ends()
        await first.still_serves()
