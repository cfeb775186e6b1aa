"""Office Open XML files (ECMA-376): zip archives that are known by the types and the names of their parts."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - it is one

from triptych.documents.content import ChunkReader

OfficeFormat: TypeAlias = Literal["docx", "xlsx"]

# Some producers number the main part. Names of parts are compared without case.
_MAIN_PARTS: Final[dict[OfficeFormat, re.Pattern[str]]] = {
    "docx": re.compile(r"word/document[0-9]*\.xml"),
    "xlsx": re.compile(r"xl/workbook[0-9]*\.xml"),
}
_CONTENT_TYPES: Final = "[content_types].xml"
_MAX_DIRECTORY: Final = 1024 * 1024
_MAX_CONTENT_TYPES: Final = 256 * 1024
_ELEMENT: Final = re.compile(r"<(?:[\w.-]+:)?(?:Override|Default)\s[^<>]*>")
_ATTRIBUTE: Final = re.compile(r"""\s(PartName|Extension|ContentType)\s*=\s*["']([^"'<>]*)["']""")
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
_WORD, _EXCEL = "application/vnd.ms-word", "application/vnd.ms-excel"
_MAIN_TYPES: Final[dict[str, OfficeFormat]] = {
    f"{_OPEN_XML}.wordprocessingml.document.main+xml": "docx",
    f"{_OPEN_XML}.spreadsheetml.sheet.main+xml": "xlsx",
}
# Files of these types have the same parts, and readers take them for something else.
_OTHER_MAIN_TYPES: Final = {
    f"{_OPEN_XML}.wordprocessingml.template.main+xml": "a Word template, as .dotx is",
    f"{_WORD}.document.macroenabled.main+xml": "a Word document with macros, as .docm is",
    f"{_WORD}.template.macroenabledtemplate.main+xml": "a Word template with macros, as .dotm is",
    f"{_OPEN_XML}.spreadsheetml.template.main+xml": "an Excel template, as .xltx is",
    f"{_EXCEL}.sheet.macroenabled.main+xml": "an Excel workbook with macros, as .xlsm is",
    f"{_EXCEL}.template.macroenabled.main+xml": "an Excel template with macros, as .xltm is",
    f"{_EXCEL}.addin.macroenabled.main+xml": "an Excel add-in, as .xlam is",
    f"{_EXCEL}.sheet.binary.macroenabled.main": "a binary Excel workbook, as .xlsb is",
}
_MACROS: Final = re.compile(r"(word|xl)/vbaproject\.bin")


class UnreadableArchiveError(ValueError):
    """A zip archive has no directory that can be read."""


class OtherOfficeError(ValueError):
    """A zip archive is an office file of a kind that is not taken. The text names the kind."""


class _Archive(ChunkReader):
    """A zip archive whose directory zipfile may read, which it does at once, unless it is too large."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY:
            raise BadZipFile("the directory is too large")
        return super().read(size)


def office_format(chunks: Sequence[bytes]) -> OfficeFormat | None:
    """Return what a zip archive is, or None if it is neither. Its directory and its content types are read.

    Raises:
        UnreadableArchiveError: The directory is missing, damaged, or larger than 1 MiB.
        OtherOfficeError: It is a template, or has macros.
    """
    try:
        with ZipFile(_Archive(chunks)) as archive:
            parts = {_part_name(each.filename): each for each in archive.infolist()}
            if (content_types := parts.get(_CONTENT_TYPES)) is None:
                return None
            types = _content_types(archive, content_types)
    except (BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as error:
        raise UnreadableArchiveError("the directory of the archive cannot be read") from error
    if other := next(filter(None, map(_OTHER_MAIN_TYPES.get, types.values())), None):
        raise OtherOfficeError(other)
    if any(map(_MACROS.fullmatch, parts)):
        raise OtherOfficeError("an office file with macros, as .docm and .xlsm are")
    for name, content_type in types.items():
        if name in parts and (format := _MAIN_TYPES.get(content_type)):
            return format
    return next(
        (format for format, part in _MAIN_PARTS.items() if any(map(part.fullmatch, parts))),
        None,
    )


def _part_name(name: str) -> str:
    """Return the name of a part as it is compared: some tools write names as Windows has paths."""
    return name.replace("\\", "/").lstrip("/").lower()


def _content_types(archive: ZipFile, part: ZipInfo) -> dict[str, str]:
    """Return the types of parts, by their names as they are compared or the extensions of many."""
    try:
        with archive.open(part) as file:
            content = file.read(_MAX_CONTENT_TYPES)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, ZlibError):  # encrypted, or damaged
        return {}
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if wide else "utf-8", "replace")
    found = {}
    for element in _ELEMENT.findall(text):
        attributes = dict(_ATTRIBUTE.findall(element))
        name = attributes.get("PartName") or f".{attributes.get('Extension')}"
        found[_part_name(name)] = attributes.get("ContentType", "").strip().lower()
    return found
