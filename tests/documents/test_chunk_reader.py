from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.documents.content import ChunkReader

STEPS = st.lists(
    st.tuples(st.just("read"), st.integers(-1, 12))
    | st.tuples(st.sampled_from(["set", "cur", "end"]), st.integers(-12, 12))
)
WHENCE = {"set": io.SEEK_SET, "cur": io.SEEK_CUR, "end": io.SEEK_END}


@given(st.lists(st.binary(max_size=5)), STEPS)
def test_it_reads_and_seeks_as_a_file_does(chunks: list[bytes], steps: list[tuple[str, int]]) -> None:
    ours, file = ChunkReader(chunks), io.BytesIO(b"".join(chunks))
    for step, number in steps:
        if step == "read":
            assert ours.read(number) == file.read(number)
        elif {"set": 0, "cur": file.tell(), "end": len(file.getvalue())}[step] + number < 0:
            with pytest.raises(OSError, match="before the start"):
                ours.seek(number, WHENCE[step])
        else:
            assert ours.seek(number, WHENCE[step]) == file.seek(number, WHENCE[step])
        assert ours.tell() == file.tell()
    assert ours.size == len(file.getvalue())


def test_it_says_what_it_can() -> None:
    reader = ChunkReader((b"ab", b"c"))
    assert reader.readable()
    assert reader.seekable()
    assert not reader.writable()
    assert reader.read() == b"abc"
    assert reader.read(None) == b""
