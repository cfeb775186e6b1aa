"""Whether callers may be others now: what this server changed, and what others tell."""

from __future__ import annotations

import time
from secrets import token_hex
from typing import Final

CHANNEL: Final = "triptych_credentials"
"""Where servers tell that tokens, users or service accounts have changed."""

_SECONDS: Final = 1.0


class PostgresqlCredentials:
    """The state of all tokens, users and service accounts.

    Others tell of their changes, over a connection that is asked now and then: once it has answered, all that
    was told before was heard. When it has not for a second, nothing that is known is good any more.

    Attributes:
        name: What this server tells its changes as.
    """

    def __init__(self) -> None:
        self.name = token_hex(8)
        self._version = 0
        self._heard_at: float | None = None

    @property
    def version(self) -> int:
        """A number that never comes again once one of them has changed."""
        if self._heard_at is None or time.monotonic() - self._heard_at > _SECONDS:
            self._version += 1
        return self._version

    def change(self) -> None:
        """Note that this server changed one of them, or that others may have."""
        self._version += 1

    def told(self, connection: object, process: int, channel: str, name: object) -> None:
        """Hear of a change; this server's own are known."""
        if name != self.name:
            self._version += 1

    def heard(self, asked_at: float) -> None:
        """Note that all was heard that others told before an instant of `time.monotonic`."""
        self._heard_at = asked_at

    def lost(self) -> None:
        """Note that nobody is heard."""
        self._heard_at = None
