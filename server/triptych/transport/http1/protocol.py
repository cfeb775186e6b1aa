"""HTTP/1.1 as uvicorn speaks it, with bounds on what a connection may cost, and stricter about framing.

uvicorn and llhttp refuse most of what two parties could read in two ways (RFC 9112, section 11.2). What they
let pass is refused here. Each refusal is a JSON error with a request id and a line in the log; it takes its
turn behind the answers to earlier requests of the connection, and is the last on it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Final

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from triptych.rpc.call import REQUEST_ID_HEADER, request_id
from triptych.transport.http1.connection import Connection, Head
from triptych.transport.http1.refusal import NOT_SERVED, RefusalError, answer, refusal_of

_logger = logging.getLogger("triptych")

# RFC 9110, section 7.2: host and port of a URI; no user information.
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")
# Requests of these methods that look like nearly all others need no further check.
_PLAIN: Final = frozenset({b"POST", b"GET"})
_SLASH: Final = ord("/")
_ORIGIN: Final = re.compile(rb"\r\norigin:[ \t]*([!-~]*)[ \t]*\r\n", re.IGNORECASE)


class Http1Protocol(Connection):
    """The way into a connection of the HTTP port."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection."""
        super().connection_made(transport)
        self.url = self._good_host = b""
        self.headers = []
        self._ignores_upgrade = self._closes_if_early = False
        self._hosts = self._trailers = 0
        self._read_bytes = self._head_bytes = self._body_bytes = self._framing_bytes = 0
        if len(self.connections) > self.most_connections:
            self._refuse(RefusalError(503, "too many connections"))

    def eof_received(self) -> None:
        """Answer a request that was cut off; the transport closes after that."""
        if (self._in_head or self._in_body) and not self._deaf:
            # The call that waits for the body writes a line of its own.
            self._refuse(RefusalError(400, "the request was cut off"), log=self._in_head)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, and see that it comes to an end."""
        if self._deaf:
            self._heard = True
            return
        self._read_bytes = len(data)
        # Not behind another request, nor where the client does not read.
        running = self._running
        self._may_answer_at_once = (
            (running is None or running.response_complete)
            and not self.pipeline
            and not self._stopping
            and not self.flow.write_paused
        )
        rest = data
        try:
            while rest:
                try:
                    self.parser.feed_data(rest)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    # llhttp takes what follows for another protocol, a body included. We speak none, and may
                    # ignore the wish (RFC 9110, section 7.8): the request is read once more without it.
                    rest = self._head_without_upgrade() + rest[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            self._refuse(refusal_of(error, data), data)
            return
        if self._at_once is not None:
            self._answer_later(self._at_once)
        if self._in_head or self._in_body:
            self._watch()
        elif self.timeout_keep_alive_task is not None:
            self._idle_since = self.loop.time()  # as _await_request would
        elif self.cycle is None or self.cycle.response_complete:
            self._await_request()  # what came were blank lines, or the end of a body that was refused

    def _head_without_upgrade(self) -> bytes:
        self._ignores_upgrade = False
        method, version = self.parser.get_method(), self.parser.get_http_version()
        lines = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([b"%b %b HTTP/%b" % (method, self.url, version.encode()), *lines, b"", b""])

    # What the parser reports

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True
        self._hosts = 0
        # How much of this read belongs to earlier requests is not known: it counts from the next read on.
        self._head_bytes = -self._read_bytes

    def on_url(self, url: bytes) -> None:
        """Take a part of the request target."""
        self.url += url
        if len(self.url) > self.limits.target_bytes:
            raise RefusalError(414, f"the request target is longer than {self.limits.target_bytes} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and leave out a trailer."""
        if self._in_body:
            # A trailer must not pass for a header (RFC 9110, section 6.5.1), and nothing here needs any.
            self._trailers += 1
            self._check_count(self._trailers)
            return
        name = name.lower()
        value = value.rstrip(b" \t")  # which llhttp leaves in
        if name == b"host":
            self._hosts += 1
            if value != self._good_host:
                if not _HOST.fullmatch(value):
                    raise RefusalError(400, "the host header is malformed")
                self._good_host = value
        elif name == b"expect":
            if value.lower() != b"100-continue":
                raise RefusalError(417, "the only expectation that is met is 100-continue")
            self.expect_100_continue = True
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            # llhttp takes `gzip, chunked`; nothing here would undo the gzip (RFC 9112, section 6.1).
            raise RefusalError(501, "the only transfer coding that is known is chunked")
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Refuse what is no request for us, or have it answered.

        uvicorn's own does the same for requests that are fine, in more time than there is to spare.
        """
        parser = self.parser
        version, method = parser.get_http_version(), parser.get_method()
        if not (
            version == "1.1"
            and self._hosts == 1
            and method in _PLAIN
            and self._timer is None
            and not self.pipeline
            and self._read_bytes <= self.limits.head_bytes
            and len(self.headers) <= self.limits.headers
            and self.url[0] == _SLASH
            and b"#" not in self.url
        ):
            self._check_head(version, method)
            if self._timer is not None:
                self._stop_timer()
        if parser.should_upgrade():
            self._ignores_upgrade = True
            return
        keep_alive = version == "1.1" and parser.should_keep_alive() and not self._stopping
        head = Head(method.decode("ascii"), self.url, version, self.headers, keep_alive)
        if self._may_answer_at_once and version == "1.1" and not self.expect_100_continue:
            self._at_once = head
        else:
            self._answer(head)
        self._in_head, self._in_body = False, True
        self._trailers = self._body_bytes = self._framing_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; nobody wants it any more once the request is answered."""
        self._body_bytes += len(body)
        self._framing_bytes = -self._read_bytes
        if self._at_once is not None:
            self._parts.append(body)
            return
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        """End a request."""
        if self._ignores_upgrade:
            return
        self._in_body = False
        if self._timer is not None:
            self._stop_timer()
        if self._at_once is not None:
            self._answer_at_once(self._at_once)
            return
        cycle = self.cycle
        if self._closes_if_early:
            self._closes_if_early = False
            cycle.keep_alive = not (cycle.response_started or self._stopping)
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    # What is refused

    def _check_head(self, version: str, method: bytes) -> None:
        if version != "1.1":
            self._check_old_version(version)
        elif self._hosts != 1:
            raise RefusalError(400, "exactly one host header is needed")
        if method in NOT_SERVED:
            raise RefusalError(501, "the method of HTTP is not known here")
        if len(self.headers) > self.limits.headers:
            self._check_count(len(self.headers))
        if self._read_bytes > self.limits.head_bytes or self._timer is not None:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.limits.head_bytes:
                raise self._too_large()
        if b"#" in self.url:
            raise RefusalError(400, "the request target has a fragment")
        if not self.url.startswith(b"/"):
            self._check_target(method)
        if len(self.pipeline) >= self.limits.pipelined:
            raise RefusalError(429, f"more than {self.limits.pipelined} requests wait for their answers")

    def _check_old_version(self, version: str) -> None:
        if version != "1.0":
            raise RefusalError(505, "this port speaks HTTP/1.1 and HTTP/1.0")
        if self._hosts > 1:
            raise RefusalError(400, "more than one host header")
        if any(name == b"transfer-encoding" for name, _ in self.headers):
            # RFC 9112, section 6.1: whoever sends it speaks another HTTP than it says.
            raise RefusalError(400, "HTTP/1.0 has no transfer codings")
        self.expect_100_continue = False  # RFC 9110, section 10.1.1: such a client cannot read that answer

    def _check_target(self, method: bytes) -> None:
        """Take the path out of an absolute URL, which servers must accept (RFC 9112, section 3.2.2)."""
        if self.url == b"*":
            if method != b"OPTIONS":
                raise RefusalError(400, "the request target * goes with OPTIONS only")
            return
        if not self.url.lower().startswith((b"http://", b"https://")):
            raise RefusalError(400, "the request target is neither a path nor an absolute URL")
        parsed = httptools.parse_url(self.url)
        self.url = (parsed.path or b"/") + (b"" if parsed.query is None else b"?" + parsed.query)

    def _check_count(self, count: int) -> None:
        if count > self.limits.headers:
            raise RefusalError(431, f"there are more than {self.limits.headers} headers")

    def _too_large(self) -> RefusalError:
        return RefusalError(431, f"the headers are larger than {self.limits.head_bytes} bytes")

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

    # Requests that take long to come

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
                self._refuse(self._too_large())
                return
        if self._timer is None:
            self._watch_on()

    def _close_if_early(self) -> None:
        """Have the connection closed if the request is answered before all of it came, and that is much."""
        cycle = self.cycle
        length = next((int(value) for name, value in self.headers if name == b"content-length"), None)
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
