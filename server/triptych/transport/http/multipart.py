"""Reads multipart/form-data (RFC 7578) as it streams in: texts, and one file."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from triptych.errors import Code, Reason, RpcError, invalid_field, too_large
from triptych.rpc.upload import Upload

_logger = logging.getLogger("triptych")

# What a file takes of memory before all of it has come; the rest waits in a temporary file.
IN_MEMORY: Final = 2 * 1024 * 1024
_PIECE: Final = 256 * 1024
_MAX_BOUNDARY: Final = 70  # RFC 2046, 5.1.1
_MAX_TEXT: Final = 64 * 1024
_MAX_PARTS: Final = 64


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
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _MAX_BOUNDARY:
        raise _malformed("its content type names no boundary of 1 to 70 characters")
    parts = _Parts(file_field, max_file)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": parts.begin,
            "on_header_field": parts.header_name,
            "on_header_value": parts.header_value,
            "on_header_end": parts.header_end,
            "on_headers_finished": parts.headers_finished,
            "on_part_data": parts.data,
            "on_part_end": parts.end,
            "on_end": parts.finish,
        },
    )
    # Each costs the parser dearly, and in what a part holds there must be none (RFC 2046, section 5.1.1).
    delimiter, delimiters = b"\r\n--" + boundary, 0
    try:
        async for chunk in body:
            delimiters += chunk.count(delimiter)
            if delimiters > _MAX_PARTS + 1:
                raise _malformed("its boundary comes too often")
            parser.write(chunk)
    except MultipartParseError:
        raise _malformed("it is not as RFC 7578 says") from None
    finally:
        parts.close()
    if not parts.finished:
        raise _malformed("it ends before its closing boundary")
    return Form(parts.texts, parts.file)


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(IN_MEMORY)


@dataclass(slots=True)
class _Parts:
    """Takes the parser's events and keeps what they bring."""

    file_field: str
    max_file: int
    texts: list[tuple[str, str]] = field(default_factory=list)
    file: Upload | None = None
    finished: bool = False
    _count: int = 0
    _name: str = ""
    _headers: dict[str, str] = field(default_factory=dict)
    _header: list[bytes] = field(default_factory=lambda: [b"", b""])
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _spool: SpooledTemporaryFile[bytes] = field(default_factory=_spool)

    def begin(self) -> None:
        self._count += 1
        if self._count > _MAX_PARTS:
            raise _malformed(f"it has more than {_MAX_PARTS} parts")
        self._headers, self._chunks, self._size, self._name = {}, [], 0, ""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def header_end(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        self._header = [b"", b""]

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        self._name = _text(options.get(b"name", b""), "a part's name")
        if not self._name:
            raise _malformed("one of its parts has no name")
        if self._name == self.file_field and self.file is not None:
            raise invalid_field(self._name, "is given twice")

    def data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        limit = self.max_file if self._name == self.file_field else _MAX_TEXT
        if self._size > limit:
            raise too_large(limit)
        if self._name == self.file_field:
            try:
                self._spool.write(data[start:end])
            except OSError as error:
                raise _no_room(error) from None
        else:
            self._chunks.append(data[start:end])

    def end(self) -> None:
        if self._name != self.file_field:
            self.texts.append((self._name, _text(b"".join(self._chunks), self._name)))
            return
        _, options = parse_options_header(self._headers.get("content-disposition"))
        file_name = _text(options.get(b"filename", b""), "the file's name")
        content_type = self._headers.get("content-type", "")
        self.file = Upload(self._spooled(), file_name, content_type)

    def finish(self) -> None:
        self.finished = True

    def _spooled(self) -> tuple[bytes, ...]:
        with self._spool as spool:
            spool.seek(0)
            return tuple(iter(lambda: spool.read(_PIECE), b""))

    def close(self) -> None:
        """Let go of the file that was not read to its end."""
        self._spool.close()


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _malformed(f"{what[:100]} is not valid UTF-8") from None


def _no_room(error: OSError) -> RpcError:
    _logger.error("an upload cannot be put into a temporary file: %s", error.strerror)
    text = "the server has no room for the file, try again later"
    return RpcError(Code.UNAVAILABLE, text, reason=Reason.SERVICE_UNAVAILABLE)


def _malformed(why: str) -> RpcError:
    return RpcError(Code.INVALID_ARGUMENT, f"the form cannot be read: {why}")
