"""Files that browsers and generators get with GET, without a token: the OpenAPI documents, and the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from triptych.auth.loopback import LoopbackOnly
from triptych.transport.http.compression import accepted, compress
from triptych.transport.http.messages import HeaderList, HttpRequest, Response, respond

_TEXT: Final = b"text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that is made when it is first asked for.

    Attributes:
        media_type: Its content type.
        make: Returns its bytes; may take long.
        headers: More headers.
    """

    media_type: bytes
    make: Callable[[], bytes]
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class _Made:
    body: bytes
    etag: bytes
    compressed: dict[bytes, tuple[bytes, HeaderList]]


ServedFiles: TypeAlias = Mapping[str, ServedFile]
"""Files by their paths."""


class FileServer:
    """Answers GET and HEAD for files.

    Args:
        files: The files.
        loopback: Tells which requests are refused because a page of elsewhere sent them; None for none.
    """

    def __init__(self, files: ServedFiles, loopback: LoopbackOnly | None = None) -> None:
        self.files = files
        self._loopback = loopback
        self._making: dict[str, asyncio.Future[_Made]] = {}

    async def answer(self, request: HttpRequest) -> Response:
        """Answer a request for one of the paths."""
        file = self.files[request.path]
        refusal = self._loopback.refusal(request.headers) if self._loopback else None
        if refusal is not None:
            return respond(request, 403, _TEXT, f"{refusal.message}\n".encode())
        if request.verb not in ("GET", "HEAD"):
            allow = [(b"allow", b"GET, HEAD")]
            return respond(request, 405, _TEXT, b"only GET and HEAD are allowed here\n", allow)
        made = await self._made(request.path, file)
        headers: HeaderList = [
            (b"etag", made.etag),
            (b"cache-control", b"no-cache"),  # asks each time, and gets a 304
            (b"x-content-type-options", b"nosniff"),
            *file.headers,
        ]
        given = request.headers.first.get(b"if-none-match", b"")
        if made.etag in [each.strip().removeprefix(b"W/") for each in given.split(b",")]:
            return respond(request, 304, file.media_type, b"", headers)
        body, more = await self._coded(made, request.headers.first.get(b"accept-encoding", b""))
        return respond(request, 200, file.media_type, body, [*headers, *more])

    async def _made(self, path: str, file: ServedFile) -> _Made:
        """Return a file; it is made in a thread, once for all who ask."""
        making = self._making.get(path)
        if making is None or (making.done() and making.exception() is not None):
            making = self._making[path] = asyncio.ensure_future(asyncio.to_thread(_made, file))
        return await asyncio.shield(making)

    async def _coded(self, made: _Made, accept: bytes) -> tuple[bytes, HeaderList]:
        coding = accepted(accept).encode()
        found = made.compressed.get(coding)
        if found is None:
            found = made.compressed[coding] = await asyncio.to_thread(compress, made.body, coding)
        return found


def _made(file: ServedFile) -> _Made:
    body = file.make()
    return _Made(body, b'"%b"' % sha256(body).hexdigest()[:32].encode(), {})
