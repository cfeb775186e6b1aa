"""Forms (multipart/form-data, RFC 7578) with one file, whose content is sent piece by piece.

The HTTP library has forms too, but sends them without their length, by which a server refuses a file that is
too large before it is sent.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from triptych_client.upload_source import Content, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form to post.

    Attributes:
        path: Where, as "/v1beta/documents".
        texts: The parts that are no files, by their names, which are plain words.
        file_field: The name of the part that is the file, a plain word too.
        file: The file.
    """

    path: str
    texts: Mapping[str, str]
    file_field: str
    file: Source


class FormBody:
    """The bytes of a form.

    Attributes:
        headers: What describes them.
    """

    def __init__(self, form: Form, content: Content) -> None:
        boundary = secrets.token_hex(16)
        parts = [_part(boundary, name) + text for name, text in form.texts.items()]
        self._head = "\r\n".join([*parts, _part(boundary, form.file_field)]).encode()
        self._content = content
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = [("content-type", f"multipart/form-data; boundary={boundary}")]
        if content.size is not None:
            length = len(self._head) + content.size + len(self._tail)
            self.headers.append(("content-length", str(length)))

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes; what fails is kept as the failure of the content."""
        try:
            yield self._head
            while piece := self._content.read():
                yield piece
                self._content.report()
            yield self._tail
        except Exception as error:
            self._content.failure = error
            raise OSError("the file cannot be read") from None  # a new one: nobody keeps its traceback

    async def pieces_async(self) -> AsyncIterator[bytes]:
        """Yield the same, read in threads."""
        try:
            yield self._head
            while piece := await asyncio.to_thread(self._content.read):
                yield piece
                self._content.report()
            yield self._tail
        except Exception as error:
            self._content.failure = error
            raise OSError("the file cannot be read") from None  # a new one: nobody keeps its traceback


class WatchedPieces:
    """Pieces, and word of when nobody reads them any more.

    A server may answer before it has read everything. Then the HTTP library still reads on in a thread of its
    own, which crashes the process if Python ends meanwhile.
    """

    def __init__(self, pieces: Iterator[bytes], let_go: threading.Event) -> None:
        self._pieces = pieces
        self._let_go = let_go

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def __del__(self) -> None:
        self._let_go.set()


def _part(boundary: str, name: str) -> str:
    return f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'
