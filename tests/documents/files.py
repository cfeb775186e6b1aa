"""Small files of each format, made by hand."""

from __future__ import annotations

import io
import zipfile

CSV = b"name,amount\nM\xc3\xbcller,3\n"
MARKDOWN = b"# Title\n\nSome *text*.\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)

_CONTENT_TYPES = "[Content_Types].xml"


def pdf() -> bytes:
    """Return a PDF with one empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    )
    body = b"%PDF-1.4\n"
    entries = b"0000000000 65535 f \n"
    for number, object in enumerate(objects, 1):
        entries += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, object)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n%s" % (count, entries) + trailer


def archive(*names: str, comment: bytes = b"", data: bytes = b"<x/>", compressed: bool = True) -> bytes:
    """Return a zip archive with parts of these names."""
    file = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", method) as writer:
        for name in names:
            writer.writestr(name, data)
        writer.comment = comment
    return file.getvalue()


def docx() -> bytes:
    """Return the outline of a text document."""
    return archive(_CONTENT_TYPES, "_rels/.rels", "word/document.xml")


def xlsx() -> bytes:
    """Return the outline of a spreadsheet."""
    return archive(_CONTENT_TYPES, "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml")


def typed(main: str, content_type: str, *more: str, encoding: str = "utf-8", quote: str = '"') -> bytes:
    """Return an office file whose main part is said to be of a type."""
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{content_type}"/></Types>'
    ).replace('"', quote)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr(main, "<x/>")
        for name in more:
            writer.writestr(name, "<x/>")
        writer.writestr(_CONTENT_TYPES, types.encode(encoding))
    return file.getvalue()


def streamed(*names: str) -> bytes:
    """Return a zip archive as written to a pipe: sizes follow the data."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writer:
        for name in names:
            writer.writestr(name, "<x/>")
    return file.getvalue()
