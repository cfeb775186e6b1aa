"""The head of a request, and why it may be refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import httptools

from triptych.transport.http1.limits import Limits
from triptych.transport.http1.refusal import NOT_SERVED, RefusalError

Headers = list[tuple[bytes, bytes]]

PLAIN: Final = frozenset({b"POST", b"GET"})
"""The methods of nearly all requests, which need no check."""


@dataclass(slots=True)
class Head:
    """The request line and the headers of a request.

    Attributes:
        verb: The method of HTTP.
        target: The request target: a path and maybe a query.
        version: The version of HTTP, as "1.1".
        headers: The headers, names in lower case.
        keep_alive: Whether the connection goes on after the response.
    """

    verb: str
    target: bytes
    version: str
    headers: Headers = field(repr=False)
    keep_alive: bool


def check_version(version: str, hosts: int, headers: Headers) -> None:
    """Refuse a version of HTTP that is not spoken here, or what does not go with it.

    Raises:
        RefusalError: As described.
    """
    if version == "1.1":
        if hosts != 1:
            raise RefusalError(400, "exactly one host header is needed")
        return
    if version != "1.0":
        raise RefusalError(505, "this port speaks HTTP/1.1 and HTTP/1.0")
    if hosts > 1:
        raise RefusalError(400, "more than one host header")
    if any(name == b"transfer-encoding" for name, _ in headers):
        # RFC 9112, section 6.1: whoever sends it speaks another HTTP than it says.
        raise RefusalError(400, "HTTP/1.0 has no transfer codings")


def checked_target(method: bytes, url: bytes) -> bytes:
    """Return the path and the query of a request target.

    An absolute URL must be accepted (RFC 9112, section 3.2.2).

    Raises:
        RefusalError: The method is not served, or the target is none of its.
    """
    if method in NOT_SERVED:
        raise RefusalError(501, "the method of HTTP is not known here")
    if b"#" in url:
        raise RefusalError(400, "the request target has a fragment")
    if url.startswith(b"/"):
        return url
    if url == b"*":
        if method != b"OPTIONS":
            raise RefusalError(400, "the request target * goes with OPTIONS only")
        return url
    if not url.lower().startswith((b"http://", b"https://")):
        raise RefusalError(400, "the request target is neither a path nor an absolute URL")
    parsed = httptools.parse_url(url)
    return (parsed.path or b"/") + (b"" if parsed.query is None else b"?" + parsed.query)


def check_count(count: int, limits: Limits) -> None:
    """Refuse too many headers or trailers.

    Raises:
        RefusalError: As described.
    """
    if count > limits.headers:
        raise RefusalError(431, f"there are more than {limits.headers} headers")


def head_size(url: bytes, headers: Headers) -> int:
    """Return the bytes of a request line and headers, but for the method and the version."""
    return len(url) + sum([len(name) + len(value) + 4 for name, value in headers])


def content_length(headers: Headers) -> int | None:
    """Return the length that the body has by the headers, which the parser took; None if they do not tell."""
    return next((int(value) for name, value in headers if name == b"content-length"), None)


def too_large(limits: Limits) -> RefusalError:
    """Return the refusal of headers that are too large."""
    return RefusalError(431, f"the headers are larger than {limits.head_bytes} bytes")
