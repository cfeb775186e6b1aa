"""Answers to clients of HTTP/1.0, as which nginx speaks to the servers behind it by default."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Http10Cycle(RequestResponseCycle):
    """A request of HTTP/1.0 and its response.

    They cannot read chunks (RFC 9112, section 6.1): the end of the connection, which follows the response, is
    that of a body whose length is not known before (section 6.3).
    """

    _to_the_end = False

    async def send(self, message: Any) -> None:
        """Send a part of the response."""
        if not self.response_started:
            self._to_the_end = not _has_length(message)
            if self._to_the_end:
                self.chunked_encoding = False
        elif self._to_the_end:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)


def _has_length(start: Mapping[str, Any]) -> bool:
    return start["status"] == HTTPStatus.NO_CONTENT or any(
        name == b"content-length" for name, _ in start["headers"]
    )
