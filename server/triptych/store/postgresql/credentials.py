"""Whether callers may be others now: what this server changed, and what others tell."""

from __future__ import annotations

import time
from typing import Final

CHANNEL: Final = "triptych_credentials"
"""Where servers tell that tokens, users or service accounts have changed."""

_SECONDS: Final = 1.0


class PostgresqlCredentials:
    """The state of all tokens, users and service accounts.

    Others tell of their changes. In case that one is not heard, what is known is good for a second; while
    nobody listens, not at all.

    Attributes:
        listens: Whether others are heard.
    """

    def __init__(self) -> None:
        self.listens = False
        self._version = 0
        self._since = 0.0

    @property
    def version(self) -> int:
        """A number that never comes again once one of them has changed."""
        if not self.listens or time.monotonic() - self._since > _SECONDS:
            self.change()
        return self._version

    def change(self, *_: object) -> None:
        """Note that one of them may have changed."""
        self._version += 1
        self._since = time.monotonic()
