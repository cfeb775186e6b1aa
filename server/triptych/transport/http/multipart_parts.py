"""Splits a multipart body (RFC 2046, section 5.1.1) into its parts as it streams in.

The parsers that there are refuse what that section has readers ignore: text before the first boundary, and
blanks after any. So this is our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, TypeAlias

MAX_PARTS: Final = 64
_MAX_PREAMBLE: Final = 64 * 1024
_MAX_HEAD: Final = 16 * 1024
_MAX_HEADERS: Final = 16
_LINE_END: Final = b"\r\n"
_AFTER_BOUNDARY: Final = re.compile(rb"--|[ \t]{0,1000}\r\n")
_MAY_GO_ON: Final = re.compile(rb"-?|[ \t]{0,1000}\r?")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FOLD: Final = re.compile(rb"\r\n[ \t]+")

Headers: TypeAlias = dict[str, str]
Event: TypeAlias = Headers | bytes | None
"""A part's headers, by names in lower case and as Latin-1; pieces of its content; None at its end."""


class MalformedError(ValueError):
    """The body is not as it has to be. The text is a clause that tells why."""


class _State(Enum):
    PREAMBLE = auto()
    HEAD = auto()
    CONTENT = auto()
    END = auto()


class Splitter:
    """Takes a body piece by piece.

    Args:
        boundary: What the content type says that the boundary is.
    """

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._kept = _LINE_END  # what a line begins with
        self._state = _State.PREAMBLE
        self._delimiters = self._skipped = 0
        self._is_start = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield what comes to its end with the next piece. What follows the last boundary is ignored.

        Raises:
            MalformedError: The body is malformed, or has more boundaries or headers than are taken.
        """
        data, position = self._kept + chunk, 0
        while self._state is not _State.END:
            if self._state is _State.HEAD:
                end = data.find(b"\r\n\r\n", position)
                if (end if end >= 0 else len(data)) - position > _MAX_HEAD:
                    raise MalformedError("the headers of one of its parts are too long")
                if end < 0:
                    break
                yield _headers(data[position + 2 : max(position + 2, end)])
                # The line end before a boundary is the boundary's, be it the one that ends the headers.
                position, self._is_start, self._state = end + 2, True, _State.CONTENT
            at = data.find(self._delimiter, position)
            after = at + len(self._delimiter)
            if at < 0:
                end = self._start_of_delimiter(data, position)
                yield from self._content(data[position:end])
                position = end
                break
            found = _AFTER_BOUNDARY.match(data, after)
            if found is None and _MAY_GO_ON.fullmatch(data, after):
                yield from self._content(data[position:at])
                position = at
                break
            self._count_delimiter()
            if found is None:
                yield from self._content(data[position:after])
                position = after
                continue
            yield from self._content(data[position:at])
            if self._state is _State.CONTENT:
                yield None
            self._state = _State.END if found[0] == b"--" else _State.HEAD
            position = found.end() if self._state is _State.END else found.end() - 2
        self._kept = data[position:]

    def finish(self) -> None:
        """Check that the body came to its end.

        Raises:
            MalformedError: It did not.
        """
        if self._state is _State.PREAMBLE:
            raise MalformedError("it has no line with the boundary that its content type names")
        if self._state is not _State.END:
            raise MalformedError("it ends before its closing boundary")

    def _start_of_delimiter(self, data: bytes, position: int) -> int:
        """Return where what may become a boundary begins at the end of the data."""
        start = data.rfind(b"\r", max(position, len(data) - len(self._delimiter) + 1))
        return start if start >= 0 and self._delimiter.startswith(data[start:]) else len(data)

    def _content(self, piece: bytes) -> Iterator[bytes]:
        if self._state is _State.PREAMBLE:
            self._skipped += len(piece)
            if self._skipped > _MAX_PREAMBLE:
                raise MalformedError("it has too much text before its first boundary")
            return
        if self._is_start and piece:
            piece, self._is_start = piece.removeprefix(_LINE_END), False
        if piece:
            yield piece

    def _count_delimiter(self) -> None:
        # In what a part holds there must be none (RFC 2046, section 5.1.1).
        self._delimiters += 1
        if self._delimiters > MAX_PARTS + 1:
            raise MalformedError("its boundary comes too often")


def _headers(block: bytes) -> Headers:
    found: Headers = {}
    lines = _FOLD.sub(b" ", block).split(_LINE_END) if block else []
    if len(lines) > _MAX_HEADERS:
        raise MalformedError("one of its parts has too many headers, as RFC 7578 says")
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not _NAME.fullmatch(name := name.rstrip(" \t")):
            raise MalformedError("a header of one of its parts is not as RFC 7578 says")
        found.setdefault(name.lower(), value.strip(" \t"))
    return found
