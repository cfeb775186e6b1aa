"""What a client gets for a message that is no request, or that goes beyond a limit of the connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

import httptools

from triptych.errors import Code, RpcError
from triptych.rpc.call import REQUEST_ID_HEADER

Shape = Callable[[RpcError, bytes, str], bytes]

_ICECAST_AND_RTSP: Final = (
    *(b"SOURCE", b"DESCRIBE", b"ANNOUNCE", b"SETUP", b"PLAY", b"PAUSE", b"TEARDOWN", b"GET_PARAMETER"),
    *(b"SET_PARAMETER", b"REDIRECT", b"RECORD", b"FLUSH"),
)
NOT_SERVED: Final = frozenset({b"CONNECT", *_ICECAST_AND_RTSP})
"""What the parser takes, but nothing here answers. All other methods of HTTP may be that of a REST rule."""

_COMMON: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE"})
_CODES: Final = {
    400: Code.INVALID_ARGUMENT,
    408: Code.DEADLINE_EXCEEDED,
    414: Code.RESOURCE_EXHAUSTED,
    417: Code.INVALID_ARGUMENT,
    429: Code.RESOURCE_EXHAUSTED,
    431: Code.RESOURCE_EXHAUSTED,
    501: Code.UNIMPLEMENTED,
    503: Code.UNAVAILABLE,
    505: Code.UNIMPLEMENTED,
}
# RFC 9110, section 5.6.2.
_METHOD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ")
_OTHER_VERSIONS: Final = {
    "Invalid HTTP version": "this port speaks HTTP/1.1 and HTTP/1.0",
    "Pause on PRI/Upgrade": "this port speaks HTTP/1.1; gRPC over HTTP/2 has a port of its own",
}


class RefusalError(Exception):
    """A message that gets no further; the connection closes after the answer.

    Attributes:
        status: The status of HTTP.
        text: What is wrong, for the client; nothing of what it sent.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


def refusal_of(error: httptools.HttpParserError, data: bytes) -> RefusalError:
    """Return what the client gets for an error of the parser; its texts are constants, and quote nothing.

    Args:
        error: What the parser raised.
        data: What it was given.
    """
    if isinstance(error.__context__, RefusalError):
        return error.__context__
    if isinstance(error, httptools.HttpParserCallbackError):
        return RefusalError(400, "the request target is malformed")
    text = str(error)
    if text in _OTHER_VERSIONS:
        return RefusalError(505, _OTHER_VERSIONS[text])
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        method = _METHOD.match(data)
        if method is not None and method[1] not in _COMMON:
            return RefusalError(501, "the method of HTTP is not known here")
        text = "this is no request line"
    return RefusalError(400, f"the request is malformed: {text}")


def answer(
    refusal: RefusalError,
    shape: Shape,
    path: bytes,
    request_id: str,
    headers: Iterable[tuple[bytes, bytes]],
    *,
    head: bool,
) -> bytes:
    """Return the response to a refused message, with a JSON body in the shape that its path has.

    Args:
        refusal: What is wrong.
        shape: Writes the body for a path.
        path: The target as far as it was read.
        request_id: Goes into header, and into the body where it has a place for it.
        headers: What every response of the server carries.
        head: Whether the method is HEAD, which gets no body.
    """
    error = RpcError(_CODES[refusal.status], refusal.text)
    body = shape(error, path.partition(b"?")[0], request_id)
    lines = [
        f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}".encode(),
        *(name + b": " + value for name, value in headers),
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        f"{REQUEST_ID_HEADER}: {request_id}".encode(),
        b"connection: close",
    ]
    return b"\r\n".join([*lines, b"", b"" if head else body])
