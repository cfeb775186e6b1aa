"""Whatever two parties could read as different requests is refused, or read in the one way of RFC 9112."""

from __future__ import annotations

import pytest
from raw import CHUNKED, ECHO, check_refused, check_served, chunked, echo, message, wire

from conftest import Server

LENGTH = b"Content-Length: 3\r\n"
BODY = b'"a"'
IN_CHUNKS = b'3\r\n"a"\r\n0\r\n\r\n'
END = b"0\r\n\r\n"
HIDDEN = echo("smuggled")

LENGTHS = {
    "both": (LENGTH + CHUNKED, IN_CHUNKS),
    "both, chunked first": (CHUNKED + LENGTH, IN_CHUNKS),
    "both, hiding a request": (
        b"Content-Length: %d\r\n" % (5 + len(HIDDEN)) + CHUNKED,
        b"0\r\n\r\n" + HIDDEN,
    ),
    "two that differ": (LENGTH + b"Content-Length: 4\r\n", BODY),
    "two that agree": (LENGTH + LENGTH, BODY),
    "a list that differs": (b"Content-Length: 3, 4\r\n", BODY),
    "a list that agrees": (b"Content-Length: 3, 3\r\n", BODY),
    "negative": (b"Content-Length: -3\r\n", BODY),
    "with a plus": (b"Content-Length: +3\r\n", BODY),
    "hexadecimal": (b"Content-Length: 0x3\r\n", BODY),
    "with a blank": (b"Content-Length: 0 3\r\n", BODY),
    "with an underscore": (b"Content-Length: 0_3\r\n", BODY),
    "fraction": (b"Content-Length: 3.0\r\n", BODY),
    "empty": (b"Content-Length:\r\n", BODY),
    "other digits": ("Content-Length: ٣\r\n".encode(), BODY),
    "beyond 64 bits": (b"Content-Length: 18446744073709551619\r\n", BODY),
    "blank before the colon": (b"Content-Length : 3\r\n", BODY),
    "folded": (b"Content-Length:\r\n 3\r\n", BODY),
}


@pytest.mark.parametrize("case", LENGTHS)
async def test_content_length_that_could_be_read_in_two_ways(server: Server, case: str) -> None:
    await check_refused(server, message(*LENGTHS[case]), 400)


CODINGS = {
    "unknown": (b"xchunked", 501),
    "identity": (b"identity", 501),
    "compressed": (b"gzip, chunked", 501),
    "chunked not last": (b"chunked, identity", 400),
    "chunked twice in a list": (b"chunked, chunked", 400),
    "chunked in two headers": (b"chunked\r\nTransfer-Encoding: chunked", 400),
    "another in a second header": (b"chunked\r\nTransfer-Encoding: identity", 400),
    "vertical tab": (b"\x0bchunked", 400),
    "no-break space": (b"\xa0chunked", 501),
    "quoted": (b'"chunked"', 501),
    "with a parameter": (b"chunked;q=1", 501),
    "empty": (b"", 400),
    "folded": (b"\r\n chunked", 400),
    "cut by CR": (b"chunk\red", 400),
}


@pytest.mark.parametrize("case", CODINGS)
async def test_transfer_coding_that_is_not_just_chunked(server: Server, case: str) -> None:
    value, status = CODINGS[case]
    refused = await check_refused(
        server, message(b"Transfer-Encoding: " + value + b"\r\n", IN_CHUNKS), status
    )
    assert refused.json["code"] in {"invalid_argument", "unimplemented"}


async def test_transfer_coding_with_blank_before_the_colon(server: Server) -> None:
    await check_refused(server, message(b"Transfer-Encoding : chunked\r\n", IN_CHUNKS), 400)


async def test_transfer_coding_in_http_1_0(server: Server) -> None:
    # RFC 9112, section 6.1: its framing is faulty, even without a content-length.
    await check_refused(server, message(CHUNKED, IN_CHUNKS, line=f"POST {ECHO} HTTP/1.0"), 400)


@pytest.mark.parametrize("value", [b"chunked", b"CHUNKED", b"chunked  ", b"\t chunked"])
async def test_chunked_in_every_spelling_it_has(server: Server, value: bytes) -> None:
    served = await check_served(server, message(b"Transfer-Encoding: " + value + b"\r\n", IN_CHUNKS))
    assert served.json == "a"


async def test_names_that_only_look_like_a_length_have_no_say(server: Server) -> None:
    served = await check_served(server, echo("a", b"Content_Length: 99\r\nX-Content-Length: 98\r\n"))
    assert served.json == "a"


async def test_connection_header_cannot_take_the_length_away(server: Server) -> None:
    assert (await check_served(server, echo("a", b"Connection: content-length\r\n"))).json == "a"


HEADERS = {
    "folded": b"X-A: 1\r\n 2\r\n",
    "folded by a tab": b"X-A: 1\r\n\t2\r\n",
    "blank in the name": b"X A: 1\r\n",
    "blank before the colon": b"X-A : 1\r\n",
    "no name": b": 1\r\n",
    "no colon": b"X-A\r\n",
    "bare LF": b"X-A: 1\nX-B: 2\r\n",
    "bare CR": b"X-A: 1\rX-B: 2\r\n",
    "NUL in the value": b"X-A: 1\0\r\n",
    "NUL in the name": b"X\0A: 1\r\n",
    "control in the value": b"X-A: \x01\r\n",
    "DEL in the value": b"X-A: \x7f\r\n",
    "not ASCII in the name": b"X-\xc3\xa9: 1\r\n",
    "bracket in the name": b"X(A): 1\r\n",
}


@pytest.mark.parametrize("case", HEADERS)
async def test_malformed_header(server: Server, case: str) -> None:
    await check_refused(server, message(HEADERS[case] + LENGTH, BODY), 400)


async def test_blank_before_the_first_header(server: Server) -> None:
    await check_refused(server, message(LENGTH, BODY, host=b" X-A: 1\r\nHost: triptych.test\r\n"), 400)


async def test_bare_line_feeds_all_through(server: Server) -> None:
    await check_refused(server, echo("a").replace(b"\r\n", b"\n"), 400)


CHUNKS = {
    "negative": b'-3\r\n"a"\r\n0\r\n\r\n',
    "with a plus": b'+3\r\n"a"\r\n0\r\n\r\n',
    "0x": b'0x3\r\n"a"\r\n0\r\n\r\n',
    "blank before": b' 3\r\n"a"\r\n0\r\n\r\n',
    "blank after": b'3 \r\n"a"\r\n0\r\n\r\n',
    "with an underscore": b'0_3\r\n"a"\r\n0\r\n\r\n',
    "no hexadecimal": b'g\r\n"a"\r\n0\r\n\r\n',
    "empty": b'\r\n"a"\r\n0\r\n\r\n',
    "64 bits and more": b'10000000000000003\r\n"a"\r\n0\r\n\r\n',
    "line feed after the size": b'3\n"a"\r\n0\r\n\r\n',
    "line feed after the data": b'3\r\n"a"\n0\r\n\r\n',
    "nothing after the data": b'3\r\n"a"0\r\n\r\n',
    "data longer than the size": b'3\r\n"a"b\r\n0\r\n\r\n',
    "data shorter than the size": b'4\r\n"a"\r\n0\r\n\r\n',
    "line feed in an extension": b'3;a\nb\r\n"a"\r\n0\r\n\r\n',
    "CR in an extension": b'3;a\rb\r\n"a"\r\n0\r\n\r\n',
    "NUL in an extension": b'3;a=\0\r\n"a"\r\n0\r\n\r\n',
    "line feed at the end": b'3\r\n"a"\r\n0\n\r\n',
}


@pytest.mark.parametrize("case", CHUNKS)
async def test_malformed_chunk(server: Server, case: str) -> None:
    await check_refused(server, chunked(CHUNKS[case]), 400)


GOOD_CHUNKS = {
    "one": b'3\r\n"a"\r\n0\r\n\r\n',
    "three": b'1\r\n"\r\n1\r\na\r\n1\r\n"\r\n0\r\n\r\n',
    "padded size": b'0000000003\r\n"a"\r\n000\r\n\r\n',
    "upper and lower case": b'B\r\n"a"        \r\na\r\n          \r\n0\r\n\r\n',
    "extension": b'3;name\r\n"a"\r\n0;last=1\r\n\r\n',
    "quoted extension": b'3;a="x\\"y;z"\r\n"a"\r\n0\r\n\r\n',
    "trailer": b'3\r\n"a"\r\n0\r\nX-Sum: 1\r\n\r\n',
}


@pytest.mark.parametrize("case", GOOD_CHUNKS)
async def test_well_formed_chunks(server: Server, case: str) -> None:
    assert (await check_served(server, chunked(GOOD_CHUNKS[case]))).json == "a"


@pytest.mark.parametrize("trailer", [b"Content-Length: 99\r\n", CHUNKED, b"X A: 1\r\n", b"X-A: 1\n"])
async def test_trailer_that_is_malformed_or_frames(server: Server, trailer: bytes) -> None:
    await check_refused(server, chunked(b'3\r\n"a"\r\n0\r\n' + trailer + b"\r\n"), 400)


async def test_trailer_is_no_header(server: Server) -> None:
    # RFC 9110, section 6.5.1: merged into the headers, it could sign a request in behind the back of a proxy.
    line = "POST /gitpod.v1.UserService/GetAuthenticatedUser HTTP/1.1"
    trailers = b"Authorization: Bearer start-token\r\nHost: other.test\r\n"
    request = message(CHUNKED, b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n", line=line)
    assert (await check_served(server, request, 401)).json["code"] == "unauthenticated"


async def test_body_longer_than_its_length_is_the_next_request(server: Server) -> None:
    async with wire(server) as client:
        client.send(echo("a") + HIDDEN)
        assert (await client.response()).json == "a"
        assert (await client.response()).json == "smuggled"
        await client.still_serves()


async def test_body_longer_than_its_length_that_is_no_request(server: Server) -> None:
    async with wire(server) as client:
        client.send(message(LENGTH, BODY + b"\x01\x02\r\n\r\n"))
        assert (await client.response()).json == "a"
        assert (await client.response()).status == 400
        assert await client.ends()


@pytest.mark.parametrize("verb", ["GET", "DELETE", "OPTIONS", "HEAD", "TRACE"])
async def test_body_where_none_is_expected_is_not_the_next_request(server: Server, verb: str) -> None:
    async with wire(server) as client:
        hidden = b"Content-Length: %d\r\n" % len(HIDDEN)
        client.send(message(hidden, HIDDEN, line=f"{verb} /nowhere HTTP/1.1"))
        assert (await client.response(head=verb == "HEAD")).status == 404
        await client.still_serves()
