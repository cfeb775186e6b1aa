"""Where the server gets the time from, and how an instant becomes a Timestamp.

An instant is an int: nanoseconds since 1970-01-01T00:00:00Z, from year 0001 to 9999. Those that clients and
seed files give are kept to the nanosecond; those that the server makes are whole milliseconds, as a
`datetime` of Python keeps microseconds and a `Date` of JavaScript milliseconds: what a client has read and
sends back as a bound finds what it was read from.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

from protobuf.wkt import Duration, Timestamp

NANOS: Final = 1_000_000_000
DAY: Final = 86_400 * NANOS
MILLISECOND: Final = 1_000_000


class Clock(Protocol):
    """A source of the time."""

    def now(self) -> int:
        """Return the nanoseconds since 1970-01-01T00:00:00Z, whole milliseconds of them."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the nanoseconds since 1970-01-01T00:00:00Z, whole milliseconds of them."""
        return time.time_ns() // MILLISECOND * MILLISECOND


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
