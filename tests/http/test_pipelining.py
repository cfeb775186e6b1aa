"""Several requests on one connection: answered in order, each once, and closed without losing an answer."""

from __future__ import annotations

import pytest
from raw import CHUNKED, ECHO, check_served, echo, message, wire

from conftest import Server
from triptych.transport.http1.limits import Limits
from triptych.transport.http1.protocol import Http1Protocol

WAIT = b"Connect-Timeout-Ms: 30\r\n"
BIG = 32 * 2**20
COUNT = 500


def slow() -> bytes:
    """Return a request that is answered with 504 when its time is over."""
    return echo("sleep", WAIT)


async def test_many_requests_at_once(server: Server) -> None:
    async with wire(server) as client:
        client.send(b"".join(echo(str(n)) for n in range(COUNT)))
        assert [(await client.response()).json for _ in range(COUNT)] == [str(n) for n in range(COUNT)]
        await client.still_serves()


async def test_fast_answer_waits_for_a_slow_one(server: Server) -> None:
    async with wire(server) as client:
        client.send(slow() + echo("a"))
        assert (await client.response()).status == 504
        assert (await client.response()).json == "a"
        await client.still_serves()


async def test_requests_behind_an_error_of_the_call(server: Server) -> None:
    async with wire(server) as client:
        client.send(echo("code:not_found") + message(line="GET /nowhere HTTP/1.1") + echo("a"))
        assert [(await client.response()).status for _ in range(3)] == [404, 404, 200]
        await client.still_serves()


@pytest.mark.parametrize("first", [echo("first"), slow()])
async def test_refusal_takes_its_turn_and_is_the_last(server: Server, first: bytes) -> None:
    async with wire(server) as client:
        client.send(first + echo("second") + message(host=b"") + echo("never"))
        assert (await client.response()).status in {200, 504}
        assert (await client.response()).json == "second"
        assert (await client.response()).status == 400
        assert await client.ends()


async def test_malformed_body_behind_a_slow_request(server: Server) -> None:
    async with wire(server) as client:
        client.send(slow() + message(CHUNKED, b"x\r\n\r\n") + echo("never"))
        assert (await client.response()).status == 504
        assert (await client.response()).status == 400
        assert await client.ends()


async def test_malformed_body_of_the_request_that_is_answered(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(CHUNKED + b"Expect: 100-continue\r\n"))
        assert (await client.response()).status == 100
        client.send(b"x\r\n\r\n")
        assert (await client.response()).status == 400
        assert await client.ends()


async def test_nothing_is_answered_behind_close(server: Server) -> None:
    # RFC 9112, section 9.6.
    async with wire(server) as client:
        client.send(echo("a", b"Connection: close\r\n") + echo("never"))
        response = await client.response()
        assert (response.json, response.headers["connection"]) == ("a", "close")
        assert await client.ends()


@pytest.mark.parametrize("value", [b"Close", b"keep-alive, close", b"close, TE"])
async def test_close_in_every_spelling_it_has(server: Server, value: bytes) -> None:
    async with wire(server) as client:
        client.send(echo("a", b"Connection: " + value + b"\r\n"))
        assert (await client.response()).json == "a"
        assert await client.ends()


async def test_keep_alive(server: Server) -> None:
    async with wire(server) as client:
        for n in range(20):
            client.send(echo(str(n), b"Connection: keep-alive\r\n"))
            response = await client.response()
            assert response.json == str(n)
            assert "connection" not in response.headers


async def test_early_answer_to_a_short_body_keeps_the_connection(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(b"Content-Length: 10\r\n", line=f"PUT {ECHO} HTTP/1.1"))
        response = await client.response()
        assert response.status == 405
        assert "connection" not in response.headers
        client.send(b"0123456789")
        await client.still_serves()


FRAMINGS = {
    "length": (b"Content-Length: %d\r\n" % BIG, b""),
    "chunks": (CHUNKED, b"%x\r\n" % BIG),
}
TOO_LARGE = 429  # as Connect spells RESOURCE_EXHAUSTED


@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"])
@pytest.mark.parametrize("framing", FRAMINGS)
async def test_early_answer_to_a_long_body_can_be_read_after_sending_it(
    server: Server, framing: str, connection: bytes
) -> None:
    """Many clients read nothing before they have sent it all: a reset would cost them the answer."""
    header, start = FRAMINGS[framing]
    async with wire(server) as client:
        await client.send_all(message(connection + header, start))
        for _ in range(BIG // 2**20):
            await client.send_all(b" " * 2**20)
        response = await client.response()
        assert (response.status, response.headers["connection"]) == (TOO_LARGE, "close")
        assert response.json["code"] == "resource_exhausted"
        assert await client.ends()


async def test_refused_message_can_be_read_after_sending_on(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(host=b""))
        for _ in range(4):
            await client.send_all(b" " * 2**20)
        assert (await client.response()).status == 400
        assert await client.ends()


async def test_early_answer_arrives_while_the_body_is_still_to_come(server: Server) -> None:
    async with wire(server) as client:
        header = b"Content-Length: %d\r\n" % BIG
        client.send(message(header, line="POST /gitpod.v1.UserService/GetAuthenticatedUser HTTP/1.1"))
        response = await client.response()
        assert (response.status, response.headers["connection"]) == (401, "close")
        assert await client.ends()


async def test_client_that_goes_away_ends_the_first_of_several_calls(server: Server) -> None:
    async with wire(server) as client:
        client.send(echo("sleep", b"X-Request-Id: first-of-several\r\n") + echo("sleep"))
        await client.send_all(b"")
    line = await server.log.line("first-of-several")
    assert line["code"] == "canceled"


async def test_connections_do_not_wait_for_each_other(server: Server) -> None:
    async with wire(server) as stuck, wire(server) as client:
        stuck.send(echo("sleep") + echo("a"))
        await client.still_serves()


async def test_more_requests_than_may_wait(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Http1Protocol, "limits", Limits(pipelined=50))
    async with wire(server) as client:
        client.send(slow() + b"".join(echo(str(n)) for n in range(60)))
        assert (await client.response()).status == 504
        assert [(await client.response()).json for _ in range(50)] == [str(n) for n in range(50)]
        refused = await client.response()
        assert (refused.status, refused.json["code"]) == (429, "resource_exhausted")
        assert await client.ends()


async def test_get_of_connect_with_a_body(server: Server) -> None:
    line = f"GET {ECHO}?encoding=json&message=%22a%22 HTTP/1.1"
    served = await check_served(server, message(b"Content-Length: 2\r\n", b"{}", line=line))
    assert served.json == "a"
