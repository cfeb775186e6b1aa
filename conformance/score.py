"""What a suite says of one way in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one suite over one transport.

    Attributes:
        suite: The name of the suite.
        side: What was judged: "server" or "client".
        transport: The transport, as "Connect, gRPC-Web".
        http: The versions of HTTP, as "1.1" or "1.1, 2, 3".
        passed: How many cases passed.
        total: How many cases there are, those left out included.
        failures: The names of the cases that failed.
    """

    suite: str
    side: str
    transport: str
    http: str
    passed: int
    total: int
    failures: tuple[str, ...] = ()

    @property
    def row(self) -> tuple[str, str, str, str]:
        """What tells its row of the scorecard from the others."""
        return self.suite, self.side, self.transport, self.http
