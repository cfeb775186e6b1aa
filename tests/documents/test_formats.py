from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import files
from triptych.documents.formats import FormatError, source_format

OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX_TYPE = f"{OFFICE}.wordprocessingml.document"
XLSX_TYPE = f"{OFFICE}.spreadsheetml.sheet"
DOCX_MAIN = f"{DOCX_TYPE}.main+xml"
WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
XLSX_MAIN = f"{XLSX_TYPE}.main+xml"
OCTETS = "application/octet-stream"


def told(content: bytes, name: str = "", content_type: str = "") -> str:
    return source_format((content,), name, content_type)


@pytest.mark.parametrize(
    ("content", "name", "content_type", "format"),
    [
        (files.pdf(), "", "", "pdf"),
        (files.pdf(), "a.docx", "text/csv", "pdf"),
        (b"\n" + files.pdf(), "", "", "pdf"),
        (b"%PDF-", "", "", "pdf"),
        (files.docx(), "", "", "docx"),
        (files.docx(), "a.xlsx", XLSX_TYPE, "docx"),
        (files.archive("[content_types].XML", "Word/Document2.xml", comment=b"PK" * 99), "", "", "docx"),
        (files.xlsx(), "", OCTETS, "xlsx"),
        (files.xlsx(), "a.csv", "text/csv", "xlsx"),
        (files.docx()[:-9], "a.docx", "", "docx"),
        (files.docx()[:-9], "a", DOCX_TYPE, "docx"),
        (files.docx()[:-9], "a.md", XLSX_TYPE, "xlsx"),
        (b"\x1b%-12345X@PJL\r\n" + files.pdf(), "", "", "pdf"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + files.pdf(), "a.pdf", "", "pdf"),
        (b"\0" * 1019 + b"%PDF-", "a.bin", OCTETS, "pdf"),
        (b"<html></html>" + files.pdf(), "a.md", "", "pdf"),
        (b"%!PS-Adobe-3.0 PDF-1.4\n", "", "", "pdf"),
        (files.archive("[Content_Types].xml", "word\\document.xml"), "", "", "docx"),
        (files.archive("xl/workbook.xml", "[Content_Types].xml"), "", "", "xlsx"),
        (files.archive("/[Content_Types].xml", "/xl/workbook.xml"), "", "", "xlsx"),
        (files.streamed("[Content_Types].xml", "word/document.xml"), "", "", "docx"),
        (files.typed("word/document.xml", DOCX_MAIN), "a.docm", "", "docx"),
        (files.typed("word/document.xml", DOCX_MAIN, quote="'"), "", "", "docx"),
        (files.typed("word/document.xml", DOCX_MAIN, encoding="utf-16"), "", "", "docx"),
        (files.typed("word/main7.xml", DOCX_MAIN), "", "", "docx"),
        (files.typed("xl/workbook.xml", XLSX_MAIN), "", "", "xlsx"),
        (files.CSV, "a.csv", "", "csv"),
        (files.CSV, "A.B.CSV", OCTETS, "csv"),
        (files.CSV, "", "text/csv", "csv"),
        (files.CSV, "a.txt", 'Text/CSV; charset="utf-8"', "csv"),
        (files.CSV, "a.csv", "text/markdown", "csv"),
        (files.CSV, "a.csv", "application/vnd.ms-excel", "csv"),
        (b"\xef\xbb\xbf" + files.CSV, "a.csv", "", "csv"),
        (b"MZ,ID3,BM\n", "a.csv", "", "csv"),
        (files.MARKDOWN, "a.md", "", "markdown"),
        (files.MARKDOWN, "a.markdown", "text/plain", "markdown"),
        (files.MARKDOWN, "", "text/markdown", "markdown"),
        (files.MARKDOWN, "", "text/x-markdown", "markdown"),
        (b"It begins with %PDF-", "a.md", "", "markdown"),
        (b'<h1 align="center">A</h1>\n', "README.md", "", "markdown"),
        (b"\xff\xfenot UTF-8", "a.md", "", "markdown"),
    ],
)
def test_the_content_tells_first_then_name_and_type(
    content: bytes, name: str, content_type: str, format: str
) -> None:
    assert told(content, name, content_type) == format
    assert source_format([bytes([byte]) for byte in content], name, content_type) == format


@pytest.mark.parametrize(
    ("content", "name", "content_type", "why"),
    [
        (files.PNG, "a.png", "image/png", "PNG"),
        (files.PNG, "a.pdf", "application/pdf", "PNG"),
        (files.PNG, "a.csv", "", "PNG"),
        (files.OLE, "a.xls", "", "OLE"),
        (files.OLE, "a.docx", DOCX_TYPE, "OLE"),
        (b"GIF89a\1\0\1\0", "a.md", "", "GIF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "", "", "JPEG"),
        (b"MZ\x90\0\3\0\0\0", "a.csv", "", "program"),
        (b"\x1f\x8b\x08\0", "a.csv", "", "gzip"),
        (b"\n <!DOCTYPE html>\n<p>", "a.md", "", "HTML"),
        (b"<HTML><body>", "a.csv", "", "HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "a.md", "", "XML"),
        (b"{\\rtf1 x}", "a.md", "", "RTF"),
        (files.archive(), "a.docx", "", "neither"),
        (files.archive("a.txt"), "a.docx", DOCX_TYPE, "neither"),
        (files.archive("word/document.xml"), "a.docx", "", "neither"),
        (files.archive("[Content_Types].xml", "ppt/presentation.xml"), "a.docx", "", "neither"),
        (files.archive("[Content_Types].xml", "x/word/document.xml"), "", "", "neither"),
        (files.docx()[:-9], "", "", "neither"),
        (files.docx()[:-9], "a.pdf", "text/csv", "neither"),
        (files.PNG + b"%PDF-1.4", "a.pdf", "application/pdf", "PNG"),
        (b"<html>%PDF-", "a.pdf", "", "HTML"),
        (b"\0" * 1020 + b"%PDF-", "a.pdf", OCTETS, "called pdf"),
        (
            files.archive("a.pdf", data=files.pdf(), compressed=False),
            "a.pdf",
            "application/pdf",
            "zip archive",
        ),
        (files.typed("word/document.xml", WORD_MACROS), "a.docx", DOCX_TYPE, r"macros, as \.docm"),
        (files.typed("word\\document.xml", WORD_MACROS), "a.docx", "", r"macros, as \.docm"),
        (files.typed("word/document.xml", WORD_MACROS, encoding="utf-16"), "a.docx", "", r"\.docm"),
        (
            files.typed("word/document.xml", f"{OFFICE}.wordprocessingml.template.main+xml"),
            "a.docx",
            "",
            "template",
        ),
        (
            files.typed("xl/workbook.xml", f"{OFFICE}.spreadsheetml.template.main+xml"),
            "a.xlsx",
            "",
            "template",
        ),
        (
            files.typed("xl/workbook.xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
            "",
            "",
            r"\.xlsm",
        ),
        (
            files.archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "a.docx",
            "",
            "macros",
        ),
        (files.archive("[Content_Types].xml", "xl/workbook.bin"), "a.xlsx", "", "neither"),
        (b"text", "a.pdf", "", "called pdf"),
        (b"text", "", "application/pdf", "called pdf"),
        (b"text", "a.docx", "", "called docx"),
        (b"text", "", XLSX_TYPE, "called xlsx"),
        (b"text", "a.csv", "application/pdf", "called pdf"),
        (b"text", "", "", "neither"),
        (b"text", "a.txt", "text/plain", "neither"),
        (b"text", "csv", "", "neither"),
        (b"text", "a.csv.", OCTETS, "neither"),
    ],
)
def test_what_is_refused(content: bytes, name: str, content_type: str, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        told(content, name, content_type)


@given(st.binary(max_size=40), st.text(max_size=10), st.text(max_size=10), st.booleans())
def test_anything_is_told_or_refused(content: bytes, name: str, content_type: str, zipped: bool) -> None:
    with contextlib.suppress(FormatError):
        assert told(b"PK\3\4" * zipped + content, name, content_type)
