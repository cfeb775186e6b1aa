"""Decompression, and how little work a body that is made to cost much may cause."""

from __future__ import annotations

import gzip
from random import Random
from time import thread_time

import brotli
import pytest
import zstandard

from triptych.errors import Code, RpcError
from triptych.transport.http.compression import compressed, decompressed

CODINGS = ["gzip", "br", "zstd"]
LIMIT = 4 * 1024 * 1024
NOISE = Random(1).randbytes(LIMIT)

IDLE = {
    "empty members of gzip": ("gzip", gzip.compress(b"") * 200_000 + gzip.compress(b"{}")),
    "members of gzip with a byte each": ("gzip", gzip.compress(b"a") * 200_000),
    "empty blocks of deflate": (
        "gzip",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\0\0\0\xff\xff" * 800_000,
    ),
    "empty metadata of Brotli": ("br", b"\x0c" + b"\x06" * LIMIT),
    "empty blocks of zstd": ("zstd", b"\x28\xb5\x2f\xfd\0\x58" + b"\0\0\0" * 1_000_000 + b"\x01\0\0"),
}


@pytest.mark.parametrize("name", IDLE)
def test_a_body_of_which_nothing_comes_is_given_up_early(name: str) -> None:
    coding, body = IDLE[name]
    before = thread_time()
    with pytest.raises(RpcError) as caught:
        decompressed(body, coding, LIMIT)
    assert thread_time() - before < 0.5  # ten times what it takes
    assert caught.value.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("plain", [b"", b"x", b"hello" * 100_000, NOISE, bytes(LIMIT)])
def test_what_is_compressed_comes_back(coding: str, plain: bytes) -> None:
    assert decompressed(compressed(plain, coding), coding, LIMIT) == plain


@pytest.mark.parametrize("plain", [NOISE, NOISE[:1000] * 4000])
def test_what_other_encoders_write_comes_back(plain: bytes) -> None:
    for level in (0, 1, 9):
        assert decompressed(gzip.compress(plain, level), "gzip", LIMIT) == plain
    assert decompressed(brotli.compress(plain, quality=5), "br", LIMIT) == plain
    stream = zstandard.ZstdCompressor(level=9).compressobj()
    assert decompressed(stream.compress(plain) + stream.flush(), "zstd", LIMIT) == plain


def test_gzip_may_come_in_members() -> None:
    pieces = [NOISE[start : start + 65_000] for start in range(0, LIMIT, 65_000)]
    assert decompressed(b"".join(map(gzip.compress, pieces)), "gzip", LIMIT) == NOISE


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [1, 1000, 3_000_000])
def test_what_is_cut_off_or_goes_on_is_refused(coding: str, size: int) -> None:
    whole = compressed(NOISE[:size], coding)
    for body in (whole[:-1], whole[: len(whole) // 2], whole + b"xx"):
        with pytest.raises(RpcError, match=r"not compressed|cut off before the end") as caught:
            decompressed(body, coding, LIMIT)
        assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize("coding", CODINGS)
def test_no_more_than_the_limit_comes_out(coding: str) -> None:
    with pytest.raises(RpcError, match="larger than the limit of 4194304 bytes"):
        decompressed(compressed(bytes(20 * LIMIT), coding), coding, LIMIT)


def test_zstd_may_not_ask_for_more_memory_than_http_allows() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(RpcError, match="not compressed as zstd"):
        decompressed(stream.compress(b"x") + stream.flush(), "zstd", LIMIT)
