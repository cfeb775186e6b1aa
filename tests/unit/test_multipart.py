from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.errors import Code, RpcError, TooLargeError
from triptych.rpc.upload import Upload
from triptych.transport.http import multipart
from triptych.transport.http.multipart import IN_MEMORY, Form, read_form

TYPE = "multipart/form-data; boundary=b"


def part(name: str | None, content: bytes, *parameters: str, content_type: str = "") -> bytes:
    disposition = "; ".join(["form-data", *([f'name="{name}"'] if name is not None else []), *parameters])
    head = f"--b\r\nContent-Disposition: {disposition}\r\n"
    if content_type:
        head += f"Content-Type: {content_type}\r\n"
    return f"{head}\r\n".encode() + content + b"\r\n"


FILE = part("payload", b"%PDF-", 'filename="a.pdf"', content_type="application/pdf")
TITLE = part("title", "Größe".encode())
END = b"--b--\r\n"


async def read(body: bytes, content_type: str = TYPE, size: int = 7, max_file: int = 1000) -> Form:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return await read_form(chunks(), content_type, "payload", max_file)


def content(upload: Upload | None) -> bytes:
    assert upload is not None
    return b"".join(upload.chunks)


@pytest.mark.parametrize("body", [TITLE + FILE + END, FILE + TITLE + END])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_parts_may_come_in_any_order_and_in_any_pieces(body: bytes, size: int) -> None:
    form = await read(body, size=size)
    assert form.texts == [("title", "Größe")]
    assert content(form.file) == b"%PDF-"
    assert form.file is not None
    assert (form.file.file_name, form.file.content_type) == ("a.pdf", "application/pdf")


@given(
    data=st.binary(max_size=300),
    texts=st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=20)), max_size=5),
    size=st.integers(1, 400),
)
async def test_what_httpx_writes_is_read(data: bytes, texts: list[tuple[str, str]], size: int) -> None:
    files = [(name, (None, text.encode())) for name, text in texts]
    request = httpx.Request("POST", "http://x", files=[*files, ("payload", ("f.bin", data))])
    form = await read(request.read(), request.headers["content-type"], size)
    assert form.texts == texts
    assert content(form.file) == data


async def test_a_form_without_a_file() -> None:
    assert (await read(TITLE + END)).file is None


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (TITLE + END, "multipart/form-data", "no boundary"),
        (TITLE + END, "multipart/form-data; boundary=" + "b" * 71, "no boundary"),
        (TITLE + FILE, TYPE, "ends before its closing boundary"),
        (b"", TYPE, "ends before its closing boundary"),
        (b"--b\r\n", TYPE, "ends before its closing boundary"),
        (b"nonsense", TYPE, "RFC 7578"),
        (part(None, b"x") + END, TYPE, "no name"),
        (part("", b"x") + END, TYPE, "no name"),
        (FILE + FILE + END, TYPE, "payload: is given twice"),
        (part("title", b"\xff") + END, TYPE, "not valid UTF-8"),
        (part("x", b"") * 65 + END, TYPE, "more than 64 parts"),
        (b"--b\r\n" + b"X: y\r\n" * 20 + b"\r\nx\r\n" + END, TYPE, "RFC 7578"),
    ],
)
async def test_what_cannot_be_read_is_told(body: bytes, content_type: str, text: str) -> None:
    with pytest.raises(RpcError, match=text) as caught:
        await read(body, content_type)
    assert caught.value.code is Code.INVALID_ARGUMENT


async def test_sizes_are_bounded_as_they_come_in() -> None:
    with pytest.raises(TooLargeError):
        await read(FILE + END, max_file=4)
    assert content((await read(FILE + END, max_file=5)).file) == b"%PDF-"
    with pytest.raises(TooLargeError):
        await read(part("title", b"x" * 70_000) + END, size=9000)


@given(st.binary(max_size=200), st.integers(1, 50))
async def test_any_bytes_are_read_or_refused(body: bytes, size: int) -> None:
    try:
        await read(b"--b\r\n" + body, size=size)
    except RpcError as error:
        assert error.code in (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED)


@pytest.mark.parametrize("tail", [b"x", b"-x", b"\rx"])
async def test_a_boundary_that_is_all_over_the_file_is_refused_early(tail: bytes) -> None:
    """Each look-alike costs the parser dearly: what is counted is how much of the form was looked at."""
    looked_at = 0
    body = part("payload", (b"\r\n--b" + tail) * 1_000_000) + END

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal looked_at
        for start in range(0, len(body), 65536):
            looked_at += 65536
            yield body[start : start + 65536]

    with pytest.raises(RpcError, match="its boundary comes too often"):
        await read_form(chunks(), TYPE, "payload", len(body))
    assert looked_at < 200_000


@pytest.mark.parametrize(
    "content", [b"\r" * 300_000, b"12345678\r\n" * 30_000, b"-" * 300_000, b"\r\n--" * 90_000]
)
async def test_files_with_many_lines_or_dashes_are_fine(content: bytes) -> None:
    body = part("payload", content) + END
    form = await read(body, size=8192, max_file=len(content))
    assert form.file is not None
    assert b"".join(form.file.chunks) == content


async def test_a_large_file_is_in_memory_once_all_of_it_has_come() -> None:
    size = 4 * IN_MEMORY
    body = part("payload", b"x" * size) + END
    tracemalloc.start()
    held = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal held
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]
            held = max(held, tracemalloc.get_traced_memory()[0]) if start < size - 2**20 else held

    before = tracemalloc.get_traced_memory()[0]
    form = await read_form(chunks(), TYPE, "payload", size)
    tracemalloc.stop()
    assert held - before < IN_MEMORY + 2**20
    assert form.file is not None
    assert sum(map(len, form.file.chunks)) == size


async def test_a_full_disk_is_no_fault_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")  # takes nothing
    monkeypatch.setattr(multipart, "SpooledTemporaryFile", lambda _: full.open("r+b", buffering=0))
    with pytest.raises(RpcError) as caught:
        await read(FILE + END)
    assert caught.value.code is Code.UNAVAILABLE
