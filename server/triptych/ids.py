"""New ids and secrets."""

from __future__ import annotations

import secrets
import string
import uuid
from typing import Final, Protocol

from triptych.clock import Clock

_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_DIGITS: Final = 43  # 62**43 > 2**256


class Ids(Protocol):
    """A source of ids and secrets."""

    def new(self) -> str:
        """Return a UUID that sorts after every one returned before."""
        ...

    def secret(self) -> str:
        """Return the secret of a new token: `trp_` and 256 random bits in base62."""
        ...


class RandomIds:
    """UUIDs of version 7 (RFC 9562), and secrets from the system's random source."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """Return a UUIDv7 that sorts after every one returned before."""
        # 48 bits of milliseconds and 12 of their fraction (RFC 9562, 6.2, method 3); counted on when
        # the clock stands still or goes back.
        milliseconds, rest = divmod(self._clock.now(), 1_000_000)
        self._last = max(self._last + 1, milliseconds << 12 | rest * 4096 // 1_000_000)
        value = (self._last >> 12) << 80 | 0x7 << 76 | (self._last & 0xFFF) << 64
        value |= 0b10 << 62 | secrets.randbits(62)
        return str(uuid.UUID(int=value))

    def secret(self) -> str:
        """Return `trp_` and 256 random bits in base62."""
        value = secrets.randbits(256)
        digits = []
        for _ in range(_SECRET_DIGITS):
            value, digit = divmod(value, 62)
            digits.append(_BASE62[digit])
        return "trp_" + "".join(reversed(digits))
