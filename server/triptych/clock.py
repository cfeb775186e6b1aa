"""Where the server gets the time from, and how an instant becomes a Timestamp."""

from __future__ import annotations

import time
from typing import Final, Protocol

from protobuf.wkt import Duration, Timestamp

NANOS: Final = 1_000_000_000
DAY: Final = 86_400 * NANOS


class Clock(Protocol):
    """A source of the time."""

    def now(self) -> int:
        """Return the nanoseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the nanoseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns()


def timestamp(instant: int) -> Timestamp:
    """Return the message for an instant in nanoseconds."""
    seconds, nanos = divmod(instant, NANOS)
    return Timestamp(seconds=seconds, nanos=nanos)


def instant(message: Timestamp) -> int:
    """Return the nanoseconds since 1970-01-01T00:00:00Z of a well-formed Timestamp."""
    return message.seconds * NANOS + message.nanos


def nanoseconds(message: Duration) -> int:
    """Return the length of a well-formed Duration."""
    return message.seconds * NANOS + message.nanos
