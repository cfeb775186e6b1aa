"""Content codings: which of them a response gets, and how that of a request is undone, within bounds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from connectrpc.compression import Compression
from connectrpc.compression.brotli import BrotliCompression
from connectrpc.compression.gzip import GzipCompression
from connectrpc.compression.zstd import ZstdCompression
from connectrpc.errors import ConnectError

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
_MAX_MEMBERS: Final = 100


def coding_of(name: bytes | None) -> str:
    """Return the coding that a header names, in the one spelling that we use; empty for none.

    Raises:
        RpcError: UNIMPLEMENTED if it is not known.
    """
    if name is None:
        return ""
    coding = name.decode("latin-1").strip().lower()
    if coding in _IDENTITY:
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
        weights[_ALIASES.get(coding, coding)] = _weight(parameters.strip())
    rest = weights.get("*", 0.0)  # of the codings that are not named
    # The first named counts among equals; `identity` only where it is preferred.
    known = [*(coding for coding in weights if coding in _COMPRESSIONS), *_COMPRESSIONS]
    best = max(known, key=lambda coding: weights.get(coding, rest))
    return best if weights.get(best, rest) >= max(weights.get("identity", 0.0), _LEAST_WEIGHT) else ""


def _weight(parameters: str) -> float:
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
    try:
        plain = _ungzipped(data, limit) if coding == "gzip" else _COMPRESSIONS[coding].decompress(data, limit)
    except RpcError:
        raise
    except ConnectError as error:  # the library's word for what is too large
        raise (too_large(limit) if error.code.name == "RESOURCE_EXHAUSTED" else _broken(coding)) from None
    except Exception:  # each library has errors of its own, with texts that are not for clients
        raise _broken(coding) from None
    if len(plain) > limit:
        raise too_large(limit)
    return plain


def _ungzipped(data: bytes, limit: int) -> bytes:
    """Undo gzip.

    There may be several members (RFC 1952, section 2.2), each of which costs a copy of the rest.
    """
    parts: list[bytes] = []
    size = 0
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        part = member.decompress(data, limit + 1 - size)
        size += len(part)
        parts.append(part)
        if size > limit:
            raise too_large(limit)
        if not member.eof:
            raise RpcError(Code.INVALID_ARGUMENT, "the message is cut off before the end of its gzip")
        data = member.unused_data
        if not data:
            return b"".join(parts)
    raise TooLargeError(f"the body has more than {_MAX_MEMBERS} members of gzip")


def _broken(coding: str) -> RpcError:
    return RpcError(Code.INVALID_ARGUMENT, f"the message is not compressed as {coding}, or cut off")
