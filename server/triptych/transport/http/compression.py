"""Content codings: which of them a response gets, and how that of a request is undone, within bounds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import IO, Final, cast

import brotli  # type: ignore[import-untyped]
import zstandard
from connectrpc.compression import Compression
from connectrpc.compression.brotli import BrotliCompression
from connectrpc.compression.gzip import GzipCompression
from connectrpc.compression.zstd import ZstdCompression

from triptych.errors import Code, RpcError, TooLargeError, too_large

# Level 1 takes a third of the time of the usual 6, for messages that are a tenth larger.
_COMPRESSIONS: Final[Mapping[str, Compression]] = {
    "gzip": GzipCompression(level=1),
    "br": BrotliCompression(quality=1),
    "zstd": ZstdCompression(level=1),
}
KNOWN_CODINGS: Final = ", ".join(_COMPRESSIONS)

# Below, compressing takes longer than sending.
_WORTHWHILE_BYTES: Final = 1024
_IDENTITY: Final = ("", "identity")
_ALIASES: Final = {"x-gzip": "gzip"}
_WEIGHT: Final = re.compile(r"[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)")
_LEAST_WEIGHT: Final = 0.001
_GZIP: Final = 31  # zlib's name for the format
# A decoder gets so many bytes at a time, and may take so many more than it gives out.
_PIECE: Final = 32 * 1024
_SLACK: Final = 256 * 1024  # a block of zstd has half of it
# What RFC 9659 allows in HTTP; a decoder must hold all of it.
_WINDOW: Final = 8 * 1024 * 1024


def coding_of(name: bytes | None) -> str:
    """Return the coding that a header names, in the one spelling that we use; empty for none.

    Raises:
        RpcError: UNIMPLEMENTED if it is not known.
    """
    if name is None:
        return ""
    named = [each.strip() for each in name.decode("latin-1").lower().split(",")]
    coding = ", ".join(each for each in named if each not in _IDENTITY)
    if not coding:
        return ""
    coding = _ALIASES.get(coding, coding)
    if coding not in _COMPRESSIONS:
        raise RpcError(
            Code.UNIMPLEMENTED, f"compression {coding[:50]!r} is not known; known are {KNOWN_CODINGS}"
        )
    return coding


@lru_cache(maxsize=256)
def accepted(header: bytes) -> str:
    """Return the coding that a client prefers of those that there are; empty for none.

    Args:
        header: Codings with their weights, as RFC 9110, section 12.5.3 has them.
    """
    weights: dict[str, float] = {}
    for part in header.decode("latin-1").split(","):
        name, _, parameters = part.partition(";")
        coding = name.strip().lower()
        weights[_ALIASES.get(coding, coding)] = weight(parameters.strip())
    rest = weights.get("*", 0.0)  # of the codings that are not named
    # The first named counts among equals; `identity` only where it is preferred.
    known = [*(coding for coding in weights if coding in _COMPRESSIONS), *_COMPRESSIONS]
    best = max(known, key=lambda coding: weights.get(coding, rest))
    return best if weights.get(best, rest) >= max(weights.get("identity", 0.0), _LEAST_WEIGHT) else ""


def weight(parameters: str) -> float:
    """Return the weight that the parameters of a header give (RFC 9110, 12.4.2); 0 if they are malformed."""
    if not parameters:
        return 1.0
    match = _WEIGHT.fullmatch(parameters)
    return float(match[1]) if match else 0.0


def compress(body: bytes, accept_encoding: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Compress a response body if the client accepts it and it is worth it; return it and its headers."""
    vary = (b"vary", b"accept-encoding")
    coding = accepted(accept_encoding) if len(body) >= _WORTHWHILE_BYTES else ""
    if not coding:
        return body, [vary]
    return compressed(body, coding), [(b"content-encoding", coding.encode()), vary]


def compressed(data: bytes, coding: str) -> bytes:
    """Compress in a coding."""
    return _COMPRESSIONS[coding].compress(data)


def worthwhile(data: bytes) -> bool:
    """Tell whether compressing saves more time than it takes."""
    return len(data) >= _WORTHWHILE_BYTES


def decompressed(data: bytes, coding: str, limit: int) -> bytes:
    """Undo a coding.

    Args:
        data: What came; empty data is that in every coding.
        coding: One that `coding_of` returned, not empty.
        limit: The most bytes that may come of it.

    Raises:
        RpcError: INVALID_ARGUMENT if it is not in the coding; RESOURCE_EXHAUSTED beyond the limit.
    """
    if not data:
        return b""
    flow = _Flow(data, limit)
    try:
        _DECODERS[coding](flow)
    except RpcError:
        raise
    except _CutOffError:
        raise RpcError(
            Code.INVALID_ARGUMENT, f"the message is cut off before the end of its {coding}"
        ) from None
    except Exception:  # each library has errors of its own, with texts that are not for clients
        raise _broken(coding) from None
    return b"".join(flow.parts)


class _CutOffError(Exception):
    """There is less than the coding says."""


class _Flow:
    """What goes into a decoder and comes out of it, with a bound on both.

    No honest encoder makes data larger by more than a thousandth. So whatever takes much more in than it
    gives out is there to cost work: empty members of gzip, empty blocks of zstd, metadata of Brotli.
    """

    __slots__ = ("_limit", "data", "made", "parts", "taken")

    def __init__(self, data: bytes, limit: int) -> None:
        self.data = data
        self._limit = limit
        self.parts: list[bytes] = []
        self.taken = self.made = 0

    @property
    def room(self) -> int:
        """The most bytes that may be made at once: one more than are allowed."""
        return self._limit + 1 - self.made

    def read(self, size: int = _PIECE) -> bytes:
        """Return the next piece of the input; empty at its end.

        Raises:
            RpcError: RESOURCE_EXHAUSTED if too little came of what was read so far.
        """
        if self.taken > self.made + self.made // 8 + _SLACK:
            raise TooLargeError("the message is larger compressed than what it is made of")
        piece = self.data[self.taken : self.taken + min(size, _PIECE)]
        self.taken += len(piece)
        return piece

    def give(self, part: bytes) -> None:
        """Take a piece of the output.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond the limit.
        """
        self.made += len(part)
        if self.made > self._limit:
            raise too_large(self._limit)
        self.parts.append(part)


def _gunzip(flow: _Flow) -> None:
    """Undo gzip, of which there may be several members (RFC 1952, section 2.2)."""
    data = flow.read()
    while data:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            if not data and not (data := flow.read()):
                raise _CutOffError
            flow.give(member.decompress(data, flow.room))
            data = member.unconsumed_tail
        data = member.unused_data or flow.read()


def _unbrotli(flow: _Flow) -> None:
    decoder = brotli.Decompressor()
    while not decoder.is_finished():
        data = b""
        if decoder.can_accept_more_data() and not (data := flow.read()):
            raise _CutOffError
        flow.give(decoder.process(data, output_buffer_limit=flow.room))
    if flow.read():
        raise ValueError("more than one stream")


def _unzstd(flow: _Flow) -> None:
    """Undo zstd, of which there is one frame.

    The reader has bounds, but takes a frame that is cut off for a whole one. The other has none, and is asked
    once it is known that little enough comes of the frame.
    """
    decoder = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    source = cast("IO[bytes]", flow)  # it is read from, and that is all
    with decoder.stream_reader(source, read_size=_PIECE) as reader:
        while part := reader.read1(min(flow.room, 4 * _PIECE)):
            flow.give(part)
    whole = decoder.decompressobj()
    whole.decompress(flow.data)
    if not whole.eof:
        raise _CutOffError
    if whole.unused_data:
        raise ValueError("more than one frame")


_DECODERS: Final[Mapping[str, Callable[[_Flow], None]]] = {
    "gzip": _gunzip,
    "br": _unbrotli,
    "zstd": _unzstd,
}


def _broken(coding: str) -> RpcError:
    return RpcError(Code.INVALID_ARGUMENT, f"the message is not compressed as {coding}, or cut off")
