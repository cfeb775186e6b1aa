"""Request lines, hosts, versions, methods and expectations: what is no request for this port is told so."""

from __future__ import annotations

import pytest
from raw import CHUNKED, ECHO, check_refused, check_served, echo, message, wire

from conftest import Server

LENGTH = b"Content-Length: 3\r\n"
BODY = b'"a"'
REST = "/v1beta/documents"

LINES = {
    "method that is no token": (f"P@ST {ECHO} HTTP/1.1", 400),
    "method that is unknown": (f"FROB {ECHO} HTTP/1.1", 501),
    "method in lower case": (f"post {ECHO} HTTP/1.1", 501),
    "method of Icecast": (f"SOURCE {ECHO} ICE/1.0", 501),
    "method of RTSP": (f"DESCRIBE {ECHO} RTSP/1.0", 501),
    "CONNECT to a host": ("CONNECT triptych.test:80 HTTP/1.1", 501),
    "CONNECT to a path": (f"CONNECT {ECHO} HTTP/1.1", 501),
    "no method": (f" {ECHO} HTTP/1.1", 400),
    "tabs": (f"POST\t{ECHO}\tHTTP/1.1", 400),
    "blank in the target": (f"POST {ECHO} x HTTP/1.1", 400),
    "NUL in the target": (f"POST {ECHO}\0 HTTP/1.1", 400),
    "not ASCII in the target": (f"POST {ECHO}\xe9 HTTP/1.1", 400),
    "fragment": (f"POST {ECHO}#x HTTP/1.1", 400),
    "relative target": ("POST x/y HTTP/1.1", 400),
    "host as the target": ("POST triptych.test:80 HTTP/1.1", 400),
    "another scheme": ("POST ftp://triptych.test/x HTTP/1.1", 400),
    "asterisk with POST": ("POST * HTTP/1.1", 400),
    "HTTP/1.2": (f"POST {ECHO} HTTP/1.2", 505),
    "HTTP/2.0": (f"POST {ECHO} HTTP/2.0", 505),
    "HTTP/3.0": (f"POST {ECHO} HTTP/3.0", 505),
    "HTTP/0.9 by number": (f"POST {ECHO} HTTP/0.9", 505),
    "HTTP/0.9": (f"GET {ECHO}", 505),
    "version in lower case": (f"POST {ECHO} http/1.1", 400),
    "version of two digits": (f"POST {ECHO} HTTP/1.10", 400),
    "blank after the version": (f"POST {ECHO} HTTP/1.1 ", 400),
    "version without a name": (f"POST {ECHO} 1.1", 400),
}


@pytest.mark.parametrize("case", LINES)
async def test_request_line(server: Server, case: str) -> None:
    line, status = LINES[case]
    await check_refused(server, message(LENGTH, BODY, line=line), status)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x00\xc8\x01\x00", b"\0\1\2\3\r\n\r\n", b"{}\r\n\r\n"])
async def test_what_is_no_http(server: Server, data: bytes) -> None:
    await check_refused(server, data, 400)


async def test_preface_of_http_2(server: Server) -> None:
    # RFC 9113, section 3.4: made so that a server of HTTP/1.1 refuses it.
    refused = await check_refused(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 505)
    assert "gRPC over HTTP/2 has a port of its own" in refused.json["message"]


HOSTS = {
    "none": b"",
    "two": b"Host: triptych.test\r\nHost: other.test\r\n",
    "two that agree": b"Host: triptych.test\r\nHost: triptych.test\r\n",
    "a list": b"Host: triptych.test, other.test\r\n",
    "with a path": b"Host: triptych.test/x\r\n",
    "with a user": b"Host: user@triptych.test\r\n",
    "with a blank": b"Host: triptych .test\r\n",
    "with a port that is no number": b"Host: triptych.test:http\r\n",
    "not ASCII": "Host: tript\u00fdch.test\r\n".encode(),
    "open bracket": b"Host: [::1\r\n",
}


@pytest.mark.parametrize("case", HOSTS)
async def test_host_that_is_not_one(server: Server, case: str) -> None:
    # RFC 9112, section 3.2: 400 for none, for more than one and for one that is malformed.
    await check_refused(server, message(LENGTH, BODY, host=HOSTS[case]), 400)


@pytest.mark.parametrize(
    "host", ["", "triptych.test:8080", "127.0.0.1", "[::1]:80", "a_b.test", "triptych.test "]
)
async def test_host_that_is_one(server: Server, host: str) -> None:
    served = await check_served(server, message(LENGTH, BODY, host=f"Host: {host}\r\n".encode()))
    assert served.json == "a"


@pytest.mark.parametrize("host", [b"", b"Host: triptych.test\r\n"])
async def test_http_1_0_is_answered_and_closed(server: Server, host: bytes) -> None:
    async with wire(server) as client:
        client.send(message(LENGTH, BODY, line=f"POST {ECHO} HTTP/1.0", host=host))
        response = await client.response()
        assert (response.status, response.json) == (200, "a")
        assert response.headers["connection"] == "close"
        assert await client.ends()


async def test_http_1_0_with_two_hosts(server: Server) -> None:
    two = HOSTS["two"]
    await check_refused(server, message(LENGTH, BODY, line=f"POST {ECHO} HTTP/1.0", host=two), 400)


ENDS = {"connect+json": b"\2", "grpc-web+json": b"\x80"}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("media_type", ENDS)
async def test_stream_to_http_1_0_ends_with_the_connection(
    server: Server, media_type: str, version: str
) -> None:
    stream = b"\0\0\0\0\3" + BODY
    headers = b"Content-Length: %d\r\nConnection: close\r\n" % len(stream)
    line = f"POST /triptych.test.v1.TestService/ServerStreaming HTTP/{version}"
    data = message(headers, stream, line=line).replace(b"json", media_type.encode(), 1)
    async with wire(server) as client:
        client.send(data)
        response = await client.response()
        assert response.status == 200
        assert ("transfer-encoding" in response.headers) == (version == "1.1")
        assert ENDS[media_type] in response.body
        assert await client.ends()
    assert response.headers["connection"] == "close"


async def test_unary_grpc_web_to_http_1_0_has_its_length(server: Server) -> None:
    data = message(b"Content-Length: 8\r\n", b"\0\0\0\0\3" + BODY, line=f"POST {ECHO} HTTP/1.0")
    async with wire(server) as client:
        client.send(data.replace(b"json", b"grpc-web+json", 1))
        response = await client.response()
        assert int(response.headers["content-length"]) == len(response.body)
        assert b"grpc-status: 0" in response.body
        assert await client.ends()


@pytest.mark.parametrize("target", [f"http://triptych.test{ECHO}", f"HTTPS://other.test:1{ECHO}?x=1"])
async def test_absolute_target(server: Server, target: str) -> None:
    # RFC 9112, section 3.2.2: a server must take it, whatever the host header says.
    assert (await check_served(server, message(LENGTH, BODY, line=f"POST {target} HTTP/1.1"))).json == "a"


async def test_absolute_target_without_a_path(server: Server) -> None:
    served = await check_served(server, message(LENGTH, BODY, line="POST http://triptych.test HTTP/1.1"), 405)
    assert served.json["message"] == "only GET and HEAD are allowed here"


@pytest.mark.parametrize(
    "verb", ["OPTIONS * HTTP/1.1", "TRACE /nothing HTTP/1.1", "GET /nothing HTTP/1.1", "HEAD /x HTTP/1.1"]
)
async def test_methods_of_http_that_find_nothing(server: Server, verb: str) -> None:
    async with wire(server) as client:
        client.send(message(b"X-Secret: hidden\r\n", line=verb))
        response = await client.response(head=verb.startswith("HEAD"))
        assert response.status == 404
        assert b"hidden" not in response.body  # RFC 9110, section 9.3.8: TRACE would tell secrets
        await client.still_serves()


async def test_head_gets_no_body(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(b"Authorization: Bearer start-token\r\n", line=f"HEAD {REST} HTTP/1.1"))
        response = await client.response(head=True)
        assert int(response.headers["content-length"]) > 0
        await client.still_serves()


async def test_head_that_is_refused_gets_no_body(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(line=f"HEAD {ECHO} HTTP/1.1", host=b""))
        response = await client.response(head=True)
        assert response.status == 400
        assert await client.ends()


UPGRADES = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAA\r\n",
    "websocket": b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    "TLS": b"Connection: Upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n",
    "not asked of this connection": b"Upgrade: h2c\r\n",
    "for the last request": b"Connection: close\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
    "for the last request, in one": b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n",
}


@pytest.mark.parametrize("case", UPGRADES)
async def test_upgrade_is_ignored_with_its_body_read(server: Server, case: str) -> None:
    # RFC 9110, section 7.8. A body that is not read as one would be read as the next request.
    async with wire(server) as client:
        client.send(echo("a", UPGRADES[case]))
        response = await client.response()
        assert (response.status, response.json) == (200, "a")
        if "last" in case:
            assert await client.ends()
        else:
            await client.still_serves()


async def test_upgrade_for_the_last_request_before_another(server: Server) -> None:
    async with wire(server) as client:
        client.send(echo("a", UPGRADES["for the last request"]) + echo("b"))
        assert (await client.response()).json == "a"
        assert await client.ends()


async def test_upgrade_for_the_last_request_of_http_1_0(server: Server) -> None:
    async with wire(server) as client:
        body = b'"a"'
        head = f"POST {ECHO} HTTP/1.0\r\nContent-Length: 3\r\nContent-Type: application/json\r\n"
        client.send(head.encode() + UPGRADES["h2c"] + b"\r\n" + body)
        assert (await client.response()).json == "a"


async def test_upgrade_with_the_body_in_another_packet(server: Server) -> None:
    hidden = echo("smuggled")
    head = message(UPGRADES["h2c"] + b"Content-Length: %d\r\n" % len(hidden))
    async with wire(server) as client:
        await client.send_all(head + hidden[:20])
        client.send(hidden[20:])
        assert (await client.response()).status == 400  # no JSON
        await client.still_serves()


async def test_upgrades_in_a_row(server: Server) -> None:
    async with wire(server) as client:
        client.send(b"".join(echo(str(n), UPGRADES["h2c"]) for n in range(20)))
        assert [(await client.response()).json for _ in range(20)] == [str(n) for n in range(20)]
        await client.still_serves()


async def test_upgrade_with_chunks(server: Server) -> None:
    chunks = b'3\r\n"a"\r\n0\r\n\r\n'
    assert (await check_served(server, message(UPGRADES["h2c"] + CHUNKED, chunks))).json == "a"


async def test_expectation_is_met_before_the_body(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(LENGTH + b"Expect: 100-Continue\r\n"))
        assert (await client.response()).status == 100
        client.send(BODY)
        assert (await client.response()).json == "a"
        await client.still_serves()


async def test_expectation_that_is_refused_closes(server: Server) -> None:
    # RFC 9110, section 10.1.1: the body may or may not follow, so nothing else can.
    async with wire(server) as client:
        client.send(message(LENGTH + b"Expect: 100-continue\r\n", line=f"PUT {ECHO} HTTP/1.1"))
        response = await client.response()
        assert (response.status, response.headers["connection"]) == (405, "close")
        assert await client.ends()


async def test_expectation_that_is_unknown(server: Server) -> None:
    await check_refused(server, message(LENGTH + b"Expect: 200-ok\r\n", BODY), 417)


async def test_expectation_of_http_1_0_is_ignored(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(LENGTH + b"Expect: 100-continue\r\n", BODY, line=f"POST {ECHO} HTTP/1.0"))
        assert (await client.response()).status == 200


async def test_blank_lines_before_a_request(server: Server) -> None:
    # RFC 9112, section 2.2.
    assert (await check_served(server, b"\r\n\r\n" + echo("a"))).json == "a"


@pytest.mark.parametrize("piece", [1, 7])
async def test_request_in_pieces(server: Server, piece: int) -> None:
    data = echo("a")
    async with wire(server) as client:
        for start in range(0, len(data), piece):
            await client.send_all(data[start : start + piece])
        assert (await client.response()).json == "a"
        await client.still_serves()


CUT_OFF = {
    "in the request line": echo("a")[:20],
    "in the headers": echo("a")[:60],
    "before the body": message(LENGTH),
    "in the body": message(LENGTH, b'"a'),
    "in a chunk": message(CHUNKED, b'3\r\n"a'),
    "before the last chunk": message(CHUNKED, b'3\r\n"a"\r\n'),
    "in the trailers": message(CHUNKED, b'3\r\n"a"\r\n0\r\nX-A: 1\r\n'),
}


@pytest.mark.parametrize("case", CUT_OFF)
async def test_request_that_is_cut_off_is_not_answered_as_whole(server: Server, case: str) -> None:
    # RFC 9112, section 8.
    async with wire(server) as client:
        client.send(CUT_OFF[case])
        client.send_eof()
        response = await client.response()
        assert (response.status, response.json["message"]) == (400, "the request was cut off")
        assert await client.ends()


async def test_refusals_have_the_shape_of_their_path_and_a_line_in_the_log(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(b"X-Request-Id: refused-rest\r\n", host=b"", line=f"POST {REST} HTTP/1.1"))
        response = await client.response()
        assert response.headers["x-request-id"] == "refused-rest"
        detail = {"reason": "invalid_field_value", "request_id": "refused-rest"}
        assert response.json == {
            "code": "invalid_argument",
            "message": "exactly one host header is needed",
            "details": [detail],
        }
    line = await server.log.line("refused-rest")
    assert line["message"].startswith("HTTP request refused: 400: exactly one host header is needed")
    assert line["level"] == "info"


async def test_refusals_quote_nothing(server: Server) -> None:
    refused = await check_refused(
        server, message(b"X-A: hunter2\x01\r\nAuthorization: Bearer hunter2\r\n"), 400
    )
    assert b"hunter2" not in refused.body
    assert "hunter2" not in server.log_text()


@pytest.mark.parametrize(
    "value", ["a\x0b\x0cSet-Cookie: x", "a%0d%0aSet-Cookie: x", "a\tSet-Cookie: x", "x" * 200]
)
async def test_request_id_that_would_split_the_response(server: Server, value: str) -> None:
    async with wire(server) as client:
        client.send(echo("a", f"X-Request-Id: {value}\r\n".encode()))
        response = await client.response()
        assert response.headers["x-request-id"].startswith("req_")
        assert "set-cookie" not in response.headers


async def test_line_break_in_a_request_id_is_another_header(server: Server) -> None:
    async with wire(server) as client:
        client.send(echo("a", b"X-Request-Id: mine\r\nX-Ask: echoed\r\nSet-Cookie: x\r\n"))
        response = await client.response()
        assert response.headers["x-request-id"] == "mine"
        assert response.headers["x-echo"] == "echoed"
        assert "set-cookie" not in response.headers
