"""Office Open XML files (ECMA-376): zip archives that are known by the names of their parts."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias
from zipfile import BadZipFile, ZipFile

from triptych.documents.content import ChunkReader

OfficeFormat: TypeAlias = Literal["docx", "xlsx"]

# Some producers number the main part. Names of parts are compared without case.
_MAIN_PARTS: Final[dict[OfficeFormat, re.Pattern[str]]] = {
    "docx": re.compile(r"word/document[0-9]*\.xml", re.IGNORECASE),
    "xlsx": re.compile(r"xl/workbook[0-9]*\.xml", re.IGNORECASE),
}
_CONTENT_TYPES: Final = "[content_types].xml"
_MAX_DIRECTORY: Final = 1024 * 1024


class UnreadableArchiveError(ValueError):
    """A zip archive has no directory that can be read."""


class _Archive(ChunkReader):
    """A zip archive whose directory zipfile may read, which it does at once, unless it is too large."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY:
            raise BadZipFile("the directory is too large")
        return super().read(size)


def office_format(chunks: Sequence[bytes]) -> OfficeFormat | None:
    """Return what a zip archive is, or None if it is neither. Only its directory is read.

    Raises:
        UnreadableArchiveError: The directory is missing, damaged, or larger than 1 MiB.
    """
    try:
        with ZipFile(_Archive(chunks)) as archive:
            names = archive.namelist()
    except (BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as error:
        raise UnreadableArchiveError("the directory of the archive cannot be read") from error
    if not any(name.lower() == _CONTENT_TYPES for name in names):
        return None
    return next(
        (format for format, part in _MAIN_PARTS.items() if any(map(part.fullmatch, names))),
        None,
    )
