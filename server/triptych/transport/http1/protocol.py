"""HTTP/1.1 as uvicorn speaks it, with bounds on what a connection may cost, and stricter about framing.

uvicorn and llhttp refuse most of what two parties could read in two ways (RFC 9112, section 11.2). What they
let pass is refused here. Each refusal is a JSON error with a request id and a line in the log; it takes its
turn behind the answers to earlier requests of the connection, and is the last on it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from time import perf_counter
from typing import Final

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from triptych.transport.http1.head import (
    PLAIN,
    Head,
    check_count,
    check_version,
    checked_host,
    checked_target,
    content_length,
    head_size,
    too_large,
)
from triptych.transport.http1.refusal import RefusalError, refusal_of
from triptych.transport.http1.refusing import Refusing

_logger = logging.getLogger("triptych")

# What is parsed before the time is looked at: of heads, and of a body of chunks, with what follows it.
_PIECE: Final = 2048
_CHUNKED_PIECE: Final = 8192
_SLASH: Final = ord("/")
_ORIGIN: Final = re.compile(rb"\r\norigin:[ \t]*([!-~]*)[ \t]*\r\n", re.IGNORECASE)


class Http1Protocol(Refusing):
    """The way into a connection of the HTTP port."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection."""
        super().connection_made(transport)
        self._good_host = b""
        self._ignores_upgrade = False
        self._hosts = self._trailers = 0
        self._hears_later = False
        if len(self.connections) > self.most_connections:
            self._refuse(RefusalError(503, "too many connections"))

    def eof_received(self) -> None:
        """Answer a request that was cut off; the transport closes after that."""
        while self._late and not self._deaf:
            self.turns.over = False  # it is its turn now, or never
            self._take_late()
        if (self._in_head or self._in_body) and not self._deaf:
            # The call that waits for the body writes a line of its own.
            self._refuse(RefusalError(400, "the request was cut off"), log=self._in_head)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, and see that it comes to an end."""
        if self._deaf:
            self._heard = True
            return
        turns = self.turns
        if (turns.over and not self._in_body) or self._late:  # bodies are only handed on
            self._put_off(data)
            return
        started = perf_counter()
        # Not behind another request, nor where the client does not read.
        running = self._running
        self._may_answer_at_once = (
            (running is None or running.response_complete)
            and not self.pipeline
            and not self._stopping
            and not self.flow.write_paused
        )
        size = self._read_bytes = len(data)
        if not self._in_body:
            self._framing_bytes = 0
        rest = data
        try:
            while rest:
                piece, rest = (rest, b"") if size <= _PIECE else self._cut(rest)
                try:
                    self.parser.feed_data(piece)
                except httptools.HttpParserUpgrade as upgrade:
                    # llhttp takes what follows for another protocol, a body included. We speak none, and may
                    # ignore the wish (RFC 9110, section 7.8): the request is read once more without it.
                    rest = self._head_without_upgrade() + piece[upgrade.args[0] :] + rest
                    continue
                if rest and not self._in_body and perf_counter() - started > turns.left:
                    turns.end()
                    self._read_bytes = size - len(rest)
                    self._put_off(rest)
                    break
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
        turns.left -= perf_counter() - started
        if turns.left < 0:
            turns.end()

    def _cut(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what is parsed before the time is looked at, and what after that."""
        size = _PIECE
        if self._in_body:
            length = content_length(self.headers)
            size = _CHUNKED_PIECE if length is None else max(1, length - self._body_bytes)
        return data[:size], data[size:]

    def _put_off(self, data: bytes) -> None:
        """Keep what came until it is the connection's turn, and read no more where that is much."""
        if not self._late:
            self.turns.wait(self._take_late)
        if (self._late or len(data) > _CHUNKED_PIECE) and not self._hears_later:
            self._hears_later = True
            self.flow.pause_reading()
        self._late.append(data)

    def _take_late(self) -> None:
        if not self._late:
            return  # it is gone, or was taken at its end
        data = b"".join(self._late)
        self._late.clear()
        if self._hears_later:
            self._hears_later = False
            self.flow.resume_reading()
        self.data_received(data)

    def _head_without_upgrade(self) -> bytes:
        self._ignores_upgrade = False
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if not self.parser.should_keep_alive():
            # It takes nothing more, as the request was the last; another is made as uvicorn makes it.
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
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
            check_count(self._trailers, self.limits)
            return
        name = name.lower()
        value = value.rstrip(b" \t")  # which llhttp leaves in
        if name == b"host":
            self._hosts += 1
            if value != self._good_host:
                self._good_host = checked_host(value)
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
            and method in PLAIN
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
        self._trailers = self._body_bytes = 0

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
        self._framing_bytes = (
            -self._read_bytes
        )  # what follows in this read counts from the next on, as heads do
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
        limits = self.limits
        check_version(version, self._hosts, self.headers)
        if version != "1.1":
            self.expect_100_continue = (
                False  # RFC 9110, section 10.1.1: such a client cannot read that answer
            )
        check_count(len(self.headers), limits)
        suspect = self._read_bytes > limits.head_bytes or self._timer is not None
        if suspect and head_size(self.url, self.headers) > limits.head_bytes:
            raise too_large(limits)
        self.url, host = checked_target(method, self.url)
        if host is not None:
            self.headers = [*(header for header in self.headers if header[0] != b"host"), (b"host", host)]
        if len(self.pipeline) >= limits.pipelined:
            raise RefusalError(429, f"more than {limits.pipelined} requests wait for their answers")
