"""What ends a run."""

from __future__ import annotations


class BenchError(Exception):
    """A server did not start, answered wrongly or not at all; nothing measured counts."""


class TooSlowError(BenchError):
    """Not one call was answered in the time that was given."""
