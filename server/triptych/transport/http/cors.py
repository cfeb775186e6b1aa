"""Cross-origin requests of browsers (the Fetch standard, section 3.3), from the origins that are allowed."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from triptych.config import host_in, is_loopback_name
from triptych.transport.http.messages import HeaderList

# RFC 6454, section 6.2: as browsers write an origin; no user, no path, one only.
_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]+)?")
_METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
# What a browser may read of a response, beside what it always may.
_EXPOSED: Final = (
    b"x-request-id, allow, retry-after, www-authenticate, "
    b"x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, "
    b"grpc-status, grpc-message, grpc-status-details-bin, connect-content-encoding"
)
_PREFLIGHT_SECONDS: Final = b"7200"


class Cors:
    """Tells what to add to the responses for browsers.

    Args:
        origins: The origins that are allowed, as `https://app.example.org`; `*` allows all.
        loopback: Whether pages of this machine are allowed as well.

    Attributes:
        on: Whether any origin is allowed.
    """

    def __init__(self, origins: Collection[str], *, loopback: bool) -> None:
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._loopback = loopback
        self.on = bool(self._origins) or loopback

    def allows(self, origin: str) -> bool:
        """Tell whether pages of an origin may call."""
        if "*" in self._origins or origin.lower() in self._origins:
            return True
        return self._loopback and bool(_ORIGIN.fullmatch(origin)) and is_loopback_name(host_in(origin))

    def response(self, origin: str | None) -> HeaderList:
        """Return the headers to add to a response to a request from `origin`, None if it names none."""
        if not self.on:
            return []
        vary = (b"vary", b"origin")
        if origin is None or not self.allows(origin):
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-expose-headers", _EXPOSED),
        ]

    def preflight(self, origin: str, requested_headers: str) -> HeaderList:
        """Return the headers of the response to a preflight request, beside those of every response."""
        if not self.allows(origin):
            return []
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", requested_headers.encode()),
            (b"access-control-max-age", _PREFLIGHT_SECONDS),
        ]
