"""What takes time: reading the whole of a file, for its hash and to see whether it is what it seems."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from triptych.documents.content import ChunkReader
from triptych.documents.office import OfficeFormat, OtherOfficeError, UnreadableArchiveError, office_format
from triptych.documents.pdf import ends_as_pdf
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus

_BLOCK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known of a file that was read.

    Attributes:
        content_hash: The SHA-256 of the content.
        readable: Whether it can be read as its format.
    """

    content_hash: bytes
    readable: bool

    @property
    def status(self) -> ProcessingStatus:
        """Where that leaves the processing of the file."""
        return ProcessingStatus.READY if self.readable else ProcessingStatus.FAILED


def examine(format: str, chunks: Sequence[bytes]) -> Examination:
    """Read a file. For large ones this takes a while: call it in a thread."""
    hashed = hashlib.sha256()
    for chunk in chunks:
        hashed.update(chunk)
    return Examination(hashed.digest(), _CHECKS[format](chunks))


def _is_utf8(chunks: Sequence[bytes]) -> bool:
    file = ChunkReader(chunks)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_office(format: OfficeFormat, chunks: Sequence[bytes]) -> bool:
    try:
        return office_format(chunks) == format
    except (UnreadableArchiveError, OtherOfficeError):
        return False


_CHECKS: Final[dict[str, Callable[[Sequence[bytes]], bool]]] = {
    "pdf": ends_as_pdf,
    "docx": partial(_is_office, "docx"),
    "xlsx": partial(_is_office, "xlsx"),
    "csv": _is_utf8,
    "markdown": _is_utf8,
}
