from __future__ import annotations

import hashlib
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from documents import files
from triptych.documents.examine import examine
from triptych.documents.office import UnreadableArchiveError, office_format

GOOD = {
    "pdf": files.pdf(),
    "docx": files.docx(),
    "xlsx": files.xlsx(),
    "csv": files.CSV,
    "markdown": files.MARKDOWN,
}


def readable(format: str, content: bytes) -> bool:
    whole = examine(format, (content,))
    in_bytes = examine(format, [bytes([byte]) for byte in content])
    assert whole == in_bytes
    assert whole.content_hash == hashlib.sha256(content).digest()
    return whole.readable


@pytest.mark.parametrize("format", GOOD)
def test_good_files_can_be_read(format: str) -> None:
    assert readable(format, GOOD[format])


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("pdf", files.pdf()[:-7]),
        ("pdf", files.pdf() + bytes(1024)),
        ("pdf", files.pdf().replace(b"startxref", b"")),
        ("pdf", b"%PDF-1.4\nstartxref\n99\n%%EOF"),
        ("docx", files.docx()[:-9]),
        ("docx", files.xlsx()),
        ("xlsx", files.docx()),
        ("docx", files.archive("word/document.xml")),
        ("docx", b"PK\3\4"),
        ("csv", b"caf\xe9"),
        ("csv", "a,b".encode("utf-16")),
        ("markdown", files.CSV[:14]),
        ("markdown", b"\xed\xa0\x80"),
    ],
)
def test_broken_files_cannot(format: str, content: bytes) -> None:
    assert not readable(format, content)


def test_a_pdf_may_be_followed_by_a_little() -> None:
    assert readable("pdf", files.pdf() + b"\r\n\0\0")


def test_the_last_of_many_ends_of_a_pdf_counts() -> None:
    assert readable("pdf", b"%PDF-1.4 startxref 99999 %%EOF startxref 9 %%EOF")


def test_characters_may_lie_across_blocks() -> None:
    assert examine("csv", ("ü" * 300_000).encode().partition(b"-")).readable
    assert examine("csv", [b"x" * (256 * 1024 - 1), "€".encode()]).readable


def test_a_bomb_is_not_unpacked() -> None:
    names = ("[Content_Types].xml", "word/document.xml")
    content = files.archive(*names, data=bytes(64 * 2**20))
    tracemalloc.start()
    assert examine("docx", (content,)).readable
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_a_directory_is_not_read_at_any_size() -> None:
    content = files.archive("[Content_Types].xml", "word/document.xml", *(f"{n:0500}" for n in range(2100)))
    with pytest.raises(UnreadableArchiveError):
        office_format((content,))


@given(st.data())
def test_a_damaged_archive_is_one_or_not_but_nothing_else_happens(data: st.DataObject) -> None:
    content = bytearray(files.docx())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert examine("docx", (bytes(content),)).readable in {True, False}


@given(st.sampled_from(list(GOOD)), st.binary(max_size=60))
@example("docx", b"PK\x05\x06" + b"\xff" * 18)
@example("docx", bytes(20) + b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + b"\xff" * 16 + bytes(2))
def test_any_content_is_readable_or_not(format: str, content: bytes) -> None:
    assert examine(format, (content,)).readable in {True, False}
