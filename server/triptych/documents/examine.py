"""What takes time: reading the whole of a file, for its hash and to see whether it is what it seems."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from triptych.documents.content import ChunkReader
from triptych.documents.office import OfficeFormat, UnreadableArchiveError, office_format
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus

_BLOCK: Final = 256 * 1024
# Readers look for the end of a PDF in its last 1024 bytes (PDF Reference 1.7, appendix H, note 18).
_PDF_TAIL: Final = 1024
_PDF_END: Final = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF")


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


def _ends_as_pdf(chunks: Sequence[bytes]) -> bool:
    """Tell whether the trailer is there, and points into the file."""
    file = ChunkReader(chunks)
    file.seek(max(0, file.size - _PDF_TAIL))
    ends = _PDF_END.findall(file.read())
    return bool(ends) and int(ends[-1]) < file.size


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
    except UnreadableArchiveError:
        return False


_CHECKS: Final[dict[str, Callable[[Sequence[bytes]], bool]]] = {
    "pdf": _ends_as_pdf,
    "docx": partial(_is_office, "docx"),
    "xlsx": partial(_is_office, "xlsx"),
    "csv": _is_utf8,
    "markdown": _is_utf8,
}
