"""Reads multipart/form-data (RFC 7578) as it streams in: texts, and one file."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Final

from triptych.errors import Code, Reason, RpcError, invalid_field, too_large
from triptych.rpc.upload import Upload
from triptych.transport.http.multipart_headers import (
    Base64,
    file_names,
    parameters,
    part_name,
    text,
    transfer_decoder,
)
from triptych.transport.http.multipart_parts import MAX_PARTS, Headers, MalformedError, Splitter

_logger = logging.getLogger("triptych")

# What a file takes of memory before all of it has come; the rest waits in a temporary file.
IN_MEMORY: Final = 2 * 1024 * 1024
_PIECE: Final = 256 * 1024
_MAX_BOUNDARY: Final = 70  # RFC 2046, 5.1.1
_MAX_TEXT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: its texts in order, by name, and its file."""

    texts: list[tuple[str, str]]
    file: Upload | None


async def read_form(body: AsyncIterator[bytes], content_type: str, file_field: str, max_file: int) -> Form:
    """Read a form of which the part `file_field` is the file and all others are texts.

    Args:
        body: The body as it comes in.
        content_type: The header, for the boundary.
        file_field: The name of the part that is the file.
        max_file: The most bytes that the file may have.

    Raises:
        RpcError: INVALID_ARGUMENT if the form is malformed, RESOURCE_EXHAUSTED if a part is too large,
            UNAVAILABLE if there is no room for a temporary file.
    """
    parts = _Parts(file_field, max_file)
    try:
        splitter = Splitter(_boundary(content_type))
        async for chunk in body:
            for event in splitter.feed(chunk):
                if isinstance(event, bytes):
                    parts.add(event)
                elif event is None:
                    parts.end()
                else:
                    parts.begin(event)
        splitter.finish()
    except MalformedError as error:
        raise RpcError(Code.INVALID_ARGUMENT, f"the form cannot be read: {error}") from None
    finally:
        parts.close()
    return Form(parts.texts, parts.file)


def _boundary(content_type: str) -> bytes:
    boundary = parameters(content_type).get("boundary", "")
    if not 0 < len(boundary) <= _MAX_BOUNDARY:
        raise MalformedError("its content type names no boundary of 1 to 70 characters")
    return boundary.encode("latin-1", "replace")


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(IN_MEMORY)


@dataclass(slots=True)
class _Parts:
    """Keeps what the parts bring."""

    file_field: str
    max_file: int
    texts: list[tuple[str, str]] = field(default_factory=list)
    file: Upload | None = None
    _count: int = 0
    _name: str = ""
    _disposition: dict[str, str] = field(default_factory=dict)
    _content_type: str = ""
    _base64: Base64 | None = None
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _spool: SpooledTemporaryFile[bytes] = field(default_factory=_spool)

    def begin(self, headers: Headers) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise MalformedError(f"it has more than {MAX_PARTS} parts")
        self._disposition = parameters(headers.get("content-disposition", ""))
        self._name = part_name(self._disposition)
        if not self._name:
            raise MalformedError("one of its parts has no name")
        if self._name == self.file_field and self.file is not None:
            raise invalid_field(self._name, "is given twice")
        self._content_type = headers.get("content-type", "")
        self._base64 = transfer_decoder(headers.get("content-transfer-encoding", ""))
        self._chunks, self._size = [], 0

    def add(self, data: bytes) -> None:
        if self._base64 is not None:
            data = self._base64.decode(data)
        self._size += len(data)
        limit = self.max_file if self._name == self.file_field else _MAX_TEXT
        if self._size > limit:
            raise too_large(limit)
        if self._name == self.file_field:
            try:
                self._spool.write(data)
            except OSError as error:
                raise _no_room(error) from None
        else:
            self._chunks.append(data)

    def end(self) -> None:
        if self._base64 is not None:
            self._base64.finish()
        if self._name == self.file_field:
            self.file = Upload(self._spooled(), file_names(self._disposition), self._content_type)
        else:
            self.texts.append((self._name, text(b"".join(self._chunks), self._content_type, self._name)))

    def _spooled(self) -> tuple[bytes, ...]:
        with self._spool as spool:
            spool.seek(0)
            return tuple(iter(lambda: spool.read(_PIECE), b""))

    def close(self) -> None:
        """Let go of the file that was not read to its end."""
        self._spool.close()


def _no_room(error: OSError) -> RpcError:
    _logger.error("an upload cannot be put into a temporary file: %s", error.strerror)
    text = "the server has no room for the file, try again later"
    return RpcError(Code.UNAVAILABLE, text, reason=Reason.SERVICE_UNAVAILABLE)
