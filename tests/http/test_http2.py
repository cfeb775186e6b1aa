"""HTTP/2 on the gRPC port: whatever a connection does, calls on the others go on.

What frames mean is decided by grpcio's core. Where RFC 9113 asks for an error and the core gives none, the
test is that the server survives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import hpack
import pytest
from frames import CALL, MESSAGE, PREFACE, REQUEST, Wire2, bare, block, data, headers, wire2
from raw import ECHO, pass_time

from conftest import Server
from support.apps import running_app
from support.calls import TEST_METHODS
from support.http2 import call, frame
from triptych.transport.grpc import listener

# RFC 9113, section 7.
ENHANCE_YOUR_CALM = 11


@pytest.fixture(autouse=True)
async def survives(server: Server) -> AsyncIterator[None]:
    """Check after every test that an ordinary call on another connection works."""
    yield
    answer = await call(server.grpc, ECHO, frame(b"\x0a\x01a"))
    assert answer.headers[b"grpc-status"] == b"0"


async def test_ordinary_call(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(CALL)
        assert await client.outcome() == "status 0"
        assert await client.alive()


@pytest.mark.parametrize(
    "start", [bare(4) + CALL, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\0\xc8\x01"]
)
async def test_connection_without_a_preface(server: Server, start: bytes) -> None:
    async with wire2(server.grpc, start) as client:
        assert await client.outcome() == "closed"


async def test_upgrade_from_http_1_1(server: Server) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
    async with wire2(server.grpc, upgrade) as client:
        assert await client.outcome() == "closed"


MALFORMED = {
    "name in upper case": (block(("X-Upper", "1")), "status 13"),
    "blank in a name": (block(("x a", "1")), "status 13"),
    "no method": (block(without=":method"), "reset 2"),
    "no path": (block(without=":path"), "reset 2"),
    "method that is not POST": (block((":method", "GET"), without=":method"), "reset 2"),
    "unknown pseudo-header": (block((":unknown", "1")), "status 13"),
    "te that is not trailers": (block(("te", "gzip"), without="te"), "status 13"),
    "index that is not in the table": (b"\xff\xff\xff\x7f", "status 13"),
    "table beyond its size": (b"\x3f\xff\xff\xff\x0f" + block(), "status 13"),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_malformed_headers(server: Server, case: str) -> None:
    malformed, outcome = MALFORMED[case]
    async with wire2(server.grpc) as client:
        client.send(headers(malformed) + data())
        assert await client.outcome() == outcome


LET_PASS = {
    "two paths": (block((":path", "/nowhere/Other")), {"status 12"}),
    "pseudo-header of a response": (block((":status", "200")), {"status 0", "status 13"}),
    "connection": (block(("connection", "close")), {"status 0"}),
    "transfer-encoding": (block(("transfer-encoding", "chunked")), {"status 0"}),
    "length that is not that of the body": (block(("content-length", "99")), {"status 0"}),
    "line break in a value": (block(("x-a", "1\r\nx-b: 2")), {"status 3"}),
    "NUL in a value": (block(("x-a", "1\0")), {"status 3"}),
}


@pytest.mark.parametrize("case", LET_PASS)
async def test_malformed_headers_that_the_core_lets_pass(server: Server, case: str) -> None:
    malformed, outcomes = LET_PASS[case]
    async with wire2(server.grpc) as client:
        client.send(headers(malformed) + data())
        assert await client.outcome() in outcomes
        assert await client.alive()


async def test_line_break_in_a_request_id_is_not_sent_back(server: Server) -> None:
    answer = await call(
        server.grpc,
        ECHO,
        frame(b"\x0a\x01a"),
        [(b"content-type", b"application/grpc"), (b"x-request-id", b"mine\r\nset-cookie: x")],
    )
    assert answer.headers[b"x-request-id"].startswith(b"req_")


MALFORMED_FRAMES = {
    "frame beyond its size": bare(0, 0, 1, b"x" * 20_000),
    "window grown by nothing": bare(8, 0, 0, bytes(4)),
    "settings of a wrong length": bare(4, 0, 0, b"abc"),
    "settings with a window beyond 31 bits": bare(4, 0, 0, b"\0\4\xff\xff\xff\xff"),
    "settings with a frame size below the least": bare(4, 0, 0, b"\0\5\0\0\0\1"),
    "acknowledgement with content": bare(4, 1, 0, bytes(6)),
    "ping of a wrong length": bare(6, 0, 0, b"abc"),
    "continuation of nothing": bare(9, 4, 1, block()),
    "another frame between headers": bare(1, 0, 1, block()) + bare(6, 0, 0, bytes(8)) + bare(9, 4, 1),
    "padding longer than the frame": bare(1, 4 | 8, 1, b"\xff" + block()),
}


@pytest.mark.parametrize("case", MALFORMED_FRAMES)
async def test_malformed_frame_closes_the_connection(server: Server, case: str) -> None:
    async with wire2(server.grpc) as client:
        client.send(MALFORMED_FRAMES[case])
        await client.error()
        assert not await client.alive()


IGNORED_FRAMES = {
    "data on a stream that is idle": data(stream=5),
    "data on stream 0": bare(0, 1, 0, MESSAGE),
    "stream of an even number": bare(1, 5, 2, block()),
    "stream that depends on itself": bare(2, 0, 1, b"\0\0\0\1\0"),
    "unknown frame": bare(0xBB, 0, 0, b"x"),
}


@pytest.mark.parametrize("case", IGNORED_FRAMES)
async def test_frame_that_the_core_ignores(server: Server, case: str) -> None:
    async with wire2(server.grpc) as client:
        client.send(IGNORED_FRAMES[case])
        assert await client.alive()


async def test_data_on_a_closed_stream(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(CALL)
        assert await client.outcome() == "status 0"
        client.send(data() + data())
        assert await client.alive()


async def test_stream_with_a_number_that_was_passed(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(headers(block(), 5) + data(stream=5))
        assert await client.outcome(5) == "status 0"
        client.send(headers(block(), 3) + data(stream=3))
        assert await client.alive()


@pytest.mark.parametrize("stream", [0, 1])
async def test_window_that_overflows(server: Server, stream: int) -> None:
    async with wire2(server.grpc) as client:
        client.send(headers(block()) + bare(8, 0, stream, b"\x7f\xff\xff\xff") * 2 + data())
        assert await client.outcome() in {"status 0", "reset 3", "closed"}


async def test_headers_of_a_size_that_is_fine(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(headers(block(("x-a", "1" * 7000))) + data())
        assert await client.outcome() == "status 0"


@pytest.mark.parametrize("size", [9_000, 14_000, 40_000, 60_000])
async def test_headers_of_the_size_that_the_other_port_takes(server: Server, size: int) -> None:
    # A token may have many claims. Between two limits of its own, the core refuses some calls, by chance.
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        call = channel.unary_unary(ECHO)
        for _ in range(20):
            assert await call(b"\x0a\x01a", metadata=[("x-claims", "1" * size)], timeout=20)


async def test_headers_beyond_that_size(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(ECHO)(b"", metadata=[("x-claims", "1" * 70_000)], timeout=20)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_headers_that_are_too_large(server: Server) -> None:
    async with wire2(server.grpc) as client:
        assert await client.alive()
        acknowledgement = bare(4, 1)  # of settings that allow frames of this size
        no_table = b"\x20"  # RFC 7541, section 6.3: the settings may ask for that as well
        large = no_table + block(("x-a", "1" * 70_000))
        client.send(acknowledgement + headers(large) + data())
        assert await client.outcome() == "status 8"
        assert await client.alive()


async def test_headers_in_continuations_without_an_end(server: Server) -> None:
    """The core counts each frame alone, and so lets large headers pass if they come in many."""
    part = hpack.Encoder().encode([("x-a", "1" * 10_000)], huffman=False)
    async with wire2(server.grpc) as client:
        client.send(bare(1, 0, 1, block()) + bare(9, 0, 1, part) * 400)
        await survives_beside(server)
        client.send(bare(9, 4, 1) + data())
        assert await client.outcome() in {"status 8", "closed"}


async def test_continuations_without_content(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(bare(1, 0, 1, block()) + bare(9, 0, 1) * 50_000)
        assert await client.outcome() in {"reset 2", "closed"}


async def survives_beside(server: Server) -> None:
    """Check that an ordinary call works while another connection is open."""
    answer = await call(server.grpc, ECHO, frame(b"\x0a\x01a"))
    assert answer.headers[b"grpc-status"] == b"0"


def resets(count: int) -> bytes:
    """Return calls that are reset as soon as they are begun."""
    reset = (8).to_bytes(4, "big")
    streams = range(1, 2 * count, 2)
    return b"".join(headers(block(), stream) + bare(3, 0, stream, reset) for stream in streams)


async def test_rapid_reset(server: Server) -> None:
    """Streams that are reset still count until they are gone: the flood is told to calm down."""
    async with wire2(server.grpc) as client:
        client.send(resets(10_000))
        await survives_beside(server)
        assert await client.outcome(19_999) == f"reset {ENHANCE_YOUR_CALM}"


FLOODS = {
    "settings": bare(4),
    "windows": bare(8, 0, 0, b"\0\0\0\1"),
    "priorities": bare(2, 0, 1, bytes(5)),
    "unknown frames": bare(0xBB),
    "settings that change": bare(4, 0, 0, b"\0\4\0\0\0\0") + bare(4, 0, 0, b"\0\4\0\1\0\0"),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_flood_of_frames(server: Server, flood: str) -> None:
    async with wire2(server.grpc) as client:
        client.send(FLOODS[flood] * 20_000)
        await survives_beside(server)


async def test_flood_of_pings_ends_the_connection(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(bare(6, 0, 0, bytes(8)) * 20_000)
        assert await client.error() == ENHANCE_YOUR_CALM


async def test_flood_of_empty_data_ends_the_connection(server: Server) -> None:
    async with wire2(server.grpc) as client:
        client.send(headers(block()) + bare(0, 0, 1) * 20_000)
        await survives_beside(server)
        assert await closes(client)


async def closes(client: Wire2) -> bool:
    """Tell whether the connection comes to its end."""
    await client.error()
    return not await client.alive()


async def test_streams_at_a_time_are_announced(server: Server) -> None:
    async with wire2(server.grpc) as client:
        assert await client.alive()
        assert client.settings[3] == listener.GRPC_LIMITS["grpc.max_concurrent_streams"]


@pytest.fixture
async def strict(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Run another server, with limits that are reached soon; return the target of its gRPC port."""
    limits = {
        "grpc.max_concurrent_streams": 5,
        "grpc.max_allowed_incoming_connections": 2,
        "grpc.server_handshake_timeout_ms": 100,
        "grpc.max_connection_idle_ms": 1000,  # the core knows no less
    }
    monkeypatch.setattr(listener, "GRPC_LIMITS", {**listener.GRPC_LIMITS, **limits})
    async with running_app(TEST_METHODS) as app:
        yield f"127.0.0.1:{app.grpc.port}"


async def test_headers_that_refer_to_earlier_ones(server: Server) -> None:
    """Proxies compress headers at once, before they have read our settings."""
    encoder = hpack.Encoder()
    async with wire2(server.grpc) as client:
        for stream in range(1, 41, 2):
            client.send(headers(encoder.encode([*REQUEST, ("x-a", "kept")]), stream) + data(stream=stream))
            assert await client.outcome(stream) == "status 0"
        assert client.settings.get(1, 4096) >= 4096


async def test_client_that_pings_an_idle_call(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listener.GRPC_LIMITS["grpc.http2.min_ping_interval_without_data_ms"] <= 10_000
    limits = {"grpc.http2.min_ping_interval_without_data_ms": 50}
    monkeypatch.setattr(listener, "GRPC_LIMITS", {**listener.GRPC_LIMITS, **limits})
    async with running_app(TEST_METHODS) as app, wire2(f"127.0.0.1:{app.grpc.port}") as client:
        client.send(headers(block(), 1))  # a call whose message does not come
        for _ in range(6):
            assert await client.alive()
            await pass_time(server, 0.1)
        client.send(data(stream=1))
        assert await client.outcome(1) == "status 0"


async def test_more_streams_than_there_may_be(strict: str) -> None:
    async with wire2(strict) as client:
        for stream in range(1, 13, 2):
            client.send(headers(block(), stream))
        assert await client.outcome(11) == f"reset {ENHANCE_YOUR_CALM}"
        client.send(data(stream=1))
        assert await client.outcome(1) == "status 0"


@pytest.mark.parametrize("start", [b"", PREFACE[:10], PREFACE])
async def test_handshake_that_does_not_come_to_an_end(strict: str, start: bytes) -> None:
    async with wire2(strict, start) as client:
        await client.error()
        assert not await client.alive()


async def test_idle_connection(strict: str) -> None:
    async with wire2(strict) as client:
        client.send(CALL)
        assert await client.outcome() == "status 0"
        assert await closes(client)


async def test_more_connections_than_there_may_be(strict: str) -> None:
    async with wire2(strict) as first, wire2(strict) as second:
        assert await first.alive()
        assert await second.alive()
        async with wire2(strict) as third:
            assert await closes(third)
        first.send(CALL)
        assert await first.outcome() == "status 0"
