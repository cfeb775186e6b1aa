from __future__ import annotations

import re
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import assume, given
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
    assert (form.file.file_names, form.file.content_type) == (("a.pdf",), "application/pdf")


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
        (b"", TYPE, "no line with the boundary"),
        (b"--b\r\n", TYPE, "ends before its closing boundary"),
        (b"nonsense", TYPE, "no line with the boundary"),
        (b"x" * 70_000 + b"\r\n" + TITLE + END, TYPE, "too much text before"),
        (b"--b\r\n" + b"X: " + b"y" * 20_000, TYPE, "too long"),
        (b"--b\r\nnonsense\r\n\r\n" + END, TYPE, "RFC 7578"),
        (b"--b\r\n\r\nx\r\n" + END, TYPE, "no name"),
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


HEADLESS = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n--b--\r\n'
FOLDED = b'--b\r\nContent-Disposition: form-data;\r\n  name="title"\r\n\r\nx\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (b"This is a form.\r\n" + TITLE + END, ["Größe"]),
        (b"\r\n\r\n" + TITLE + END, ["Größe"]),
        (b"--bc\r\n--\r\n" + TITLE + END, ["Größe"]),
        (TITLE.replace(b"--b", b"--b \t ") + END, ["Größe"]),
        (TITLE + TITLE.replace(b"--b", b"--b  ") + END.replace(b"--\r", b"-- \r"), ["Größe", "Größe"]),
        (TITLE + END + b"and more\r\n--b\r\n", ["Größe"]),
        (TITLE + b"--b--", ["Größe"]),
        (END, []),
        (HEADLESS, [""]),
        (FOLDED, ["x"]),
        (part("title", b"a\r\n--bb\r\n--b \tx\r\n--b-\r\n--") + END, ["a\r\n--bb\r\n--b \tx\r\n--b-\r\n--"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
async def test_what_is_around_boundaries_is_ignored(body: bytes, texts: list[str], size: int) -> None:
    assert [text for _, text in (await read(body, size=size)).texts] == texts


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        (["filename=a.md"], ["a.md"]),
        (['FileName="a.md"'], ["a.md"]),
        (['filename="a;b=\\"c\\".md"'], ['a;b="c".md']),
        (['filename="C:\\\\docs\\\\a.md"'], ["a.md"]),
        (['filename="C:\\docs\\a.md"'], ["a.md"]),
        (['filename=""'], []),
        (["filename=a.md", "filename*=utf-8''%C3%A9.md"], ["a.md", "é.md"]),
        (["filename*=UTF-8'de'%C3%A9%20x.md"], ["é x.md"]),
        (["filename*=iso-8859-1''%E9.md"], ["é.md"]),
        (["filename*=koi8-r''%E9.md"], ["é.md"]),
        (["filename*0*=utf-8''a%20", "filename*1=b.md"], ["a b.md"]),
        (["filename*1=b.md", "filename*0*=utf-8''a%20"], ["a b.md"]),
        (["filename*0=a.md", "filename*=utf-8''b.md"], []),
        (["filename*=utf-8''b.md", "filename*1=a.md"], []),
        (["filename*0=b.md", "filename*0*=utf-8''a.md"], []),
        (["filename*0=a", "filename*1=b", "filename*01=c"], []),
        (["filename=a.md", "filename*x=b.md"], ["a.md"]),
        ([f"filename*{'9' * 5000}=a.md"], []),
        (['filename="=?utf-8?B?w6kubWQ=?="'], ["é.md"]),
        (['filename="=?iso-8859-1?Q?=E9=20x.md?="'], ["é x.md"]),
        (['filename="=?utf-8?B?w6k=?= =?utf-8?Q?.md?="'], ["é.md"]),
        (['filename="=?x?B?w6k=?="'], ["=?x?B?w6k=?="]),
        (['filename="=?utf-8?B?w?="'], ["=?utf-8?B?w?="]),
        (['filename="=?utf-7?Q?+2AA-?="'], ["?"]),
    ],
)
async def test_names_of_files_are_read_as_clients_send_them(parameters: list[str], names: list[str]) -> None:
    form = await read(part("payload", b"x", *parameters) + END)
    assert form.file is not None
    assert list(form.file.file_names) == names


@pytest.mark.parametrize(
    ("name", "read_as"), [(b"Gr\xf6\xdfe.md", "Größe.md"), (b"\x80\x81.md", "€\ufffd.md")]
)
async def test_a_name_that_is_not_utf_8_refuses_nothing(name: bytes, read_as: str) -> None:
    form = await read(part("payload", b"x", 'filename="NAME"').replace(b"NAME", name) + END)
    assert form.file is not None
    assert form.file.file_names == (read_as,)


def encoded(content: bytes, encoding: str, name: str = "payload") -> bytes:
    headers = f"Content-Transfer-Encoding: {encoding}".encode()
    return part(name, content).replace(b"\r\n\r\n", b"\r\n" + headers + b"\r\n\r\n", 1)


@pytest.mark.parametrize(
    ("content_", "encoding", "expected"),
    [
        (b"JVBERi0x\r\nLjQK", "base64", b"%PDF-1.4\n"),
        (b" JVBE\tRi0=\r\n", "BASE64", b"%PDF-"),
        (b"", "base64", b""),
        (b"JVBE", "binary", b"JVBE"),
        (b"JVBE", "8bit", b"JVBE"),
        (b"JVBE", "7BIT", b"JVBE"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
async def test_a_transfer_encoding_is_undone(
    content_: bytes, encoding: str, expected: bytes, size: int
) -> None:
    body = encoded(content_, encoding) + encoded(content_, encoding, "title") + END
    form = await read(body, size=size)
    assert content(form.file) == expected
    assert form.texts == [("title", expected.decode())]


@pytest.mark.parametrize(
    ("content_", "encoding"),
    [
        (b"JVBERi0", "base64"),
        (b"JVBE!Ri0", "base64"),
        (b"JV==JVBE", "base64"),
        (b"JVBE=", "base64"),
        (b"%PDF-1.4", "base64"),
        (b"=41", "quoted-printable"),
        (b"x", "gzip"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
async def test_a_transfer_encoding_that_cannot_be_undone_is_refused(
    content_: bytes, encoding: str, size: int
) -> None:
    with pytest.raises(RpcError, match=r"base64") as caught:
        await read(encoded(content_, encoding) + END, size=size)
    assert caught.value.code is Code.INVALID_ARGUMENT


async def test_the_size_of_a_file_is_what_it_decodes_to() -> None:
    body = encoded(b"JVBERi0=", "base64") + END
    assert content((await read(body, max_file=5)).file) == b"%PDF-"
    with pytest.raises(TooLargeError):
        await read(body, max_file=4)


@pytest.mark.parametrize(
    ("charset", "title", "expected"),
    [
        ("; charset=utf-8", "Größe".encode(), "Größe"),
        ("; charset=UTF-8", "Größe".encode(), "Größe"),
        ('; charset="iso-8859-1"', b"Gr\xf6\xdfe", "Größe"),
        ("; charset=windows-1252", b"\x80", "€"),
    ],
)
async def test_texts_are_read_in_their_encoding(charset: str, title: bytes, expected: str) -> None:
    form = await read(part("title", title, content_type=f"text/plain{charset}") + END)
    assert form.texts == [("title", expected)]


async def test_texts_in_another_encoding_are_refused() -> None:
    with pytest.raises(RpcError, match="title is in utf-16, and texts are taken in UTF-8"):
        await read(part("title", b"a\0", content_type="text/plain; charset=utf-16") + END)


@given(
    data=st.lists(st.sampled_from([b"\r", b"\n", b"-", b"b", b" ", b"--b", b"\r\n"])).map(b"".join),
    size=st.integers(1, 60),
)
async def test_a_file_of_what_boundaries_are_made_of_is_kept(data: bytes, size: int) -> None:
    assume(not re.search(rb"\r\n--b(--|[ \t]*\r\n)", b"\r\n" + data + b"\r\n"))
    assert content((await read(part("payload", data) + END, size=size)).file) == data


async def test_a_full_disk_is_no_fault_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")  # takes nothing
    monkeypatch.setattr(multipart, "SpooledTemporaryFile", lambda _: full.open("r+b", buffering=0))
    with pytest.raises(RpcError) as caught:
        await read(FILE + END)
    assert caught.value.code is Code.UNAVAILABLE
