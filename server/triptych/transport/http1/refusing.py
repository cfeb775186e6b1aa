"""What a connection refuses, and when: requests that are wrong, and those that take too long to come."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Final

from triptych.rpc.call import REQUEST_ID_HEADER, request_id
from triptych.transport.http1.connection import Connection
from triptych.transport.http1.head import Headers, content_length, too_large
from triptych.transport.http1.refusal import RefusalError, answer

_logger = logging.getLogger("triptych")

_ORIGIN: Final = re.compile(rb"\r\norigin:[ \t]*([!-~]*)[ \t]*\r\n", re.IGNORECASE)


class Refusing(Connection):
    """A connection that refuses requests, for a subclass that reads them."""

    headers: Headers
    parser: Any

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection."""
        super().connection_made(transport)
        self.url = b""
        self.headers = []
        self._closes_if_early = False
        self._read_bytes = self._head_bytes = self._body_bytes = self._framing_bytes = 0

    def _refuse(self, refusal: RefusalError, data: bytes = b"", *, log: bool = True) -> None:
        """Answer a message that is refused.

        Args:
            refusal: What is wrong.
            data: What was read last, for headers that the parser did not get to.
            log: Whether it has no line in the log yet.
        """
        began = self._in_head or self._in_body
        given = next((value for name, value in self.headers if name == REQUEST_ID_HEADER.encode()), b"")
        id = request_id(given.decode("latin-1") if began else None)
        url = self.url if began else b""
        head = bool(url) and self.parser.get_method() == b"HEAD"
        peer = "{}:{}".format(*self.client) if self.client else ""
        if log:
            _logger.info("HTTP request refused: %s request=%s peer=%s", refusal, id, peer)
        shape = self._asgi.application.refusal_body
        headers = self._asgi.application.refusal_headers(self._origin(data) if began else None)
        last = answer(refusal, shape, url, id, [*self.server_state.default_headers, *headers], head=head)
        if self._in_body:
            last = self._take_back(last)
        self._answer_last(last)

    def _origin(self, data: bytes) -> str | None:
        """Return the origin of the page that sent what is refused; what was not parsed is searched for it."""
        found = next((value for name, value in self.headers if name == b"origin"), None)
        if found is None and self._in_head and (match := _ORIGIN.search(data)):
            found = match[1]
        return None if found is None else found.decode("utf-8", "replace")

    def _take_back(self, answer: bytes) -> bytes:
        """Stop the request whose body is wrong; return what may still be sent in its place."""
        if self._at_once is not None:
            self._at_once = None
            return answer
        if self.cycle is not self._running:
            self.pipeline.popleft()
            return answer
        self._drop(self.cycle)
        self._running = None
        return b"" if self.cycle.response_started else answer

    def _watch(self) -> None:
        """Watch a request of which more is to come."""
        if self._in_body:
            if not self._closes_if_early:
                self._close_if_early()
            self._framing_bytes += self._read_bytes
            if self._framing_bytes > self.limits.framing_bytes:
                self._refuse(RefusalError(400, "the chunk extensions or trailers are too large"))
                return
        else:
            self._head_bytes += self._read_bytes
            if self._head_bytes > self.limits.head_bytes:
                self._refuse(too_large(self.limits))
                return
        if self._timer is None:
            self._watch_on()

    def _close_if_early(self) -> None:
        """Have the connection closed if the request is answered before all of it came, and that is much."""
        cycle = self.cycle
        length = content_length(self.headers)
        if length is None or length > self.limits.drained_bytes or cycle.waiting_for_100_continue:
            self._closes_if_early = cycle.keep_alive
            cycle.keep_alive = False

    def _watch_on(self) -> None:
        seconds = self.limits.body_seconds if self._in_body else self.limits.head_seconds
        self._timer = self.loop.call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self.flow.read_paused or (self._in_body and self._may_pause()):
            self._watch_on()
        elif not self._in_body:
            self._refuse(RefusalError(408, "the headers took too long"))
        elif self._body_bytes < self.limits.body_bytes:
            self._refuse(RefusalError(408, "the body took too long"))
        else:
            self._body_bytes = 0
            self._watch_on()

    def _may_pause(self) -> bool:
        cycle = self.cycle
        return cycle.waiting_for_100_continue or (
            not cycle.response_complete and self._asgi.application.takes_stream(self.url.partition(b"?")[0])
        )
