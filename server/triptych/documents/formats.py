"""The formats that documents come in, and how to tell them: by content first, then by name and type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from triptych.documents.content import ChunkReader
from triptych.documents.office import OtherOfficeError, UnreadableArchiveError, office_format
from triptych.documents.pdf import ends_as_pdf

SourceFormat: TypeAlias = Literal["pdf", "docx", "xlsx", "csv", "markdown"]

_OFFICE_TYPE: Final = "application/vnd.openxmlformats-officedocument"
_BY_EXTENSION: Final[dict[str, SourceFormat]] = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "csv": "csv",
    "md": "markdown",
    "markdown": "markdown",
}
_BY_CONTENT_TYPE: Final[dict[str, SourceFormat]] = {
    "application/pdf": "pdf",
    f"{_OFFICE_TYPE}.wordprocessingml.document": "docx",
    f"{_OFFICE_TYPE}.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/csv": "csv",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
}

# Readers take what has the header of a PDF within its first 1024 bytes, and an older form of the header (PDF
# Reference 1.7, appendix H, notes 13 and 14).
_HEAD_BYTES: Final = 1024
_PDF: Final = re.compile(rb"%PDF-|%!PS-Adobe-[0-9.]{1,10} PDF-")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")

# Short signatures that a text could begin with are followed by what no text has there.
_OTHER_BINARY: Final = {
    b"\x89PNG\r\n\x1a\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an OLE file, as .doc and .xls are",
    b"\x1f\x8b\x08": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program",
    b"\x00asm": "a program",
    b"SQLite format 3\x00": "a database",
}
_OTHER_TEXT: Final = {
    b"<!doctype html": "HTML",
    b"<html": "HTML",
    b"<?xml": "XML",
    b"<svg": "an SVG image",
    b"{\\rtf": "RTF",
    b"%!ps": "PostScript",
}


class FormatError(ValueError):
    """A file has no format that is taken. The text is a clause that can follow the name of the file."""


def source_format(chunks: Sequence[bytes], file_name: str, content_type: str) -> SourceFormat:
    """Return the format of a file.

    The content decides where it can, whatever name and type say. Only the start of the file, and the
    directory of a zip archive, are looked at.

    Args:
        chunks: The content.
        file_name: As the client names it; may be empty.
        content_type: As the client calls it; may be empty.

    Raises:
        FormatError: It is none of the formats, or a text that is called neither csv nor markdown.
    """
    head = ChunkReader(chunks).read(_HEAD_BYTES)
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    claims = _claims(file_name, content_type)
    if _PDF.match(text):
        return "pdf"
    if head.startswith(_ZIP):
        return _office_format(chunks, claims)
    kind = _other_kind(head, text)
    # Pages and notes may quote the header of a PDF: they do not end as one.
    quoted = kind is not None or claims[:1] in (["csv"], ["markdown"])
    if _PDF.search(head) and (not quoted or ends_as_pdf(chunks)):
        return "pdf"
    if kind is not None:
        raise FormatError(f"is {kind}, not a pdf, docx, xlsx, csv or markdown file")
    for claim in claims:
        if claim not in ("csv", "markdown"):
            raise FormatError(f"is called {claim}, but does not begin as such a file does")
    if not claims:
        raise FormatError(
            "is no pdf, docx or xlsx file, and neither its name nor its type says csv or markdown"
        )
    return claims[0]


def _other_kind(head: bytes, text: bytes) -> str | None:
    """Return what the start of a file shows it to be that is not taken, or None."""
    for start, signatures in ((head, _OTHER_BINARY), (text.lower(), _OTHER_TEXT)):
        for signature, kind in signatures.items():
            if start.startswith(signature):
                return kind
    return None


def named_format(file_name: str) -> SourceFormat | None:
    """Return the format that the name of a file tells, or None."""
    return _BY_EXTENSION.get(file_name.rpartition(".")[2].lower()) if "." in file_name else None


def _claims(file_name: str, content_type: str) -> list[SourceFormat]:
    """Return the formats that the name and the type stand for, in this order."""
    media_type = content_type.partition(";")[0].strip().lower()
    claims = (named_format(file_name), _BY_CONTENT_TYPE.get(media_type))
    return [claim for claim in claims if claim is not None]


def _office_format(chunks: Sequence[bytes], claims: Sequence[SourceFormat]) -> SourceFormat:
    found: SourceFormat | None
    try:
        found = office_format(chunks)
    except UnreadableArchiveError:  # then only name and type can tell what it was meant to be
        found = next((claim for claim in claims if claim in ("docx", "xlsx")), None)
    except OtherOfficeError as error:
        raise FormatError(f"is {error}, not a docx or xlsx file") from None
    if found is None:
        raise FormatError("is a zip archive, but neither a docx nor an xlsx file")
    return found
