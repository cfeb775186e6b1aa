"""A connection of HTTP/1.1 whose answers go out in order, and that is closed so that the last one arrives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from triptych.rpc.headers import HttpHeaders
from triptych.rpc.shares import address_of
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.messages import Answer, HttpRequest, Response
from triptych.transport.http1.http10 import Http10Cycle

_READ_AHEAD: Final = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection of the HTTP port may cost.

    Attributes:
        connections: The most connections at a time; more are answered 503.
        pipelined: The most requests that wait behind the one being answered.
        target_bytes: The longest request target.
        head_bytes: The most bytes of request line and headers together; more may be read, by one read.
        headers: The most header lines, and the most trailer lines.
        framing_bytes: The most bytes of chunk extensions and trailers without a byte of the body.
        first_seconds: How long a connection may wait for its first request.
        head_seconds: How long the request line and the headers may take.
        body_seconds: How often a body is looked at.
        body_bytes: What must have come of it since; methods that take streams are exempt, they may pause.
        reply_seconds: How often a reply is looked at that the client is slow to read.
        reply_bytes: What the client must have read of it since.
        drained_bytes: The longest body that is read to its end if its request is refused before that.
        linger_seconds: How long a client may send nothing before a connection that we closed is let go.
        linger_total_seconds: How long such a connection is kept at most.
        handshake_seconds: How long TLS may take to be agreed upon.
        farewell_seconds: How long an idle connection may still bring a request once the server stops.
    """

    connections: int = 10_000
    pipelined: int = 2000
    target_bytes: int = 32 * 1024
    head_bytes: int = 64 * 1024
    headers: int = 100
    framing_bytes: int = 64 * 1024
    first_seconds: float = 75
    head_seconds: float = 20
    body_seconds: float = 20
    body_bytes: int = 10_000
    reply_seconds: float = 20
    reply_bytes: int = 10_000
    drained_bytes: int = 256 * 1024
    linger_seconds: float = 2
    linger_total_seconds: float = 30
    handshake_seconds: float = 20
    farewell_seconds: float = 1


@dataclass(slots=True)
class Head:
    """The request line and the headers of a request.

    Attributes:
        verb: The method of HTTP.
        target: The request target: a path and maybe a query.
        version: The version of HTTP, as "1.1".
        headers: The headers, names in lower case.
        keep_alive: Whether the connection goes on after the response.
    """

    verb: str
    target: bytes
    version: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    keep_alive: bool


class Connection(HttpToolsProtocol):
    """The way out of a connection, for a subclass that judges what comes in.

    Attributes:
        limits: What a connection may cost.
        most_connections: The most connections of the port.
    """

    limits: ClassVar[Limits] = Limits()
    most_connections: int = limits.connections
    _stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection; one that sends nothing is closed like an idle one."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        self._exit = _Exit(transport, self._linger, lambda: self._lingering)
        self._running: RequestResponseCycle | None = None
        self._last_answer: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = self._in_body = False
        self._deaf = self._heard = self._lingering = False
        self._unsent = self._unread = 0
        self._reading: asyncio.TimerHandle | None = None
        self._linger_until = 0.0
        self._asgi: AsgiApplication = self.app
        self._peer = "{}:{}".format(*self.client) if self.client else ""
        self._may_answer_at_once = False
        self._at_once: Head | None = None
        self._parts: list[bytes] = []
        # As if it had been idle already, where an idle one may wait longer.
        self._idle_since = self.loop.time() - max(0.0, self.timeout_keep_alive - self.limits.first_seconds)
        self._await_until(min(self.timeout_keep_alive, self.limits.first_seconds))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered; uvicorn tells the one that was read last."""
        self._stop_timer()
        self._unset_keepalive_if_required()
        self._let_go()
        if self._running is not None and not self._running.response_complete:
            self._drop(self._running)
        self.pipeline.clear()
        super().connection_lost(exc)

    def _answer_at_once(self, head: Head) -> None:
        """Answer a request of which all came with one read, and which is the first of that read.

        Most calls never wait. They are stepped here, without a task, and their response is written at once;
        the rest of a call that does wait becomes a task.
        """
        self._at_once = None
        self._may_answer_at_once = False
        body, self._parts = b"".join(self._parts), []
        path, _, query = head.target.partition(b"?")
        request = HttpRequest(head.verb, path, query, HttpHeaders(head.headers), self._peer, body)
        answering = self._asgi.application.answer(request)
        try:
            waiting_for = answering.send(None)
        except StopIteration as done:
            answer: Answer = done.value
            if isinstance(answer, Response):
                self._write(request, answer, head)
                return
            app = self._asgi.streamed(request, answer)
        except Exception as error:
            self._write(request, self._asgi.application.failed(request, error), head)
            return
        else:
            app = self._asgi.resumed(request, answering, waiting_for)
        self._answer(head, app, body, more_body=False)

    def _write(self, request: HttpRequest, response: Response, head: Head) -> None:
        """Write a whole response: what a cycle of uvicorn does, for one that is there at once."""
        content = [STATUS_LINE[response.status]]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        for name, value in response.headers:
            content += (name, b": ", value, b"\r\n")
        if not head.keep_alive:
            content.append(b"connection: close\r\n")
        content.append(b"\r\n")
        start = b"".join(content)
        if start.count(b"\n") != (len(content) + 2) // 4 + 1 + (not head.keep_alive):
            error = RuntimeError("a response header has a line break")
            self._write(request, self._asgi.application.failed(request, error), head)
            return
        self.transport.write(start + response.body)
        self.server_state.total_requests += 1
        if not head.keep_alive:
            self._linger()

    def _answer_later(self, head: Head) -> None:
        """Have a request answered of which more is to come."""
        self._at_once = None
        body, self._parts = b"".join(self._parts), []
        self._answer(head, self.app, body)

    def _answer(self, head: Head, app: Any = None, body: bytes = b"", *, more_body: bool = True) -> None:
        """Have a request answered by a task, after those before it."""
        raw_path, _, query = head.target.partition(b"?")
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": head.version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme or "http",
            "root_path": "",
            "method": head.verb,
            "path": unquote(raw_path.decode("ascii")),
            "raw_path": raw_path,
            "query_string": query,
            "headers": head.headers,
        }
        app = app or self.app
        cycle = Http10Cycle if head.version == "1.0" else RequestResponseCycle
        self.cycle = cycle(
            scope=self.scope,
            transport=self._exit,  # type: ignore[arg-type] # it has what a cycle calls
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=head.keep_alive,
            on_response=self.on_response_complete,
        )
        self.cycle.body += body
        self.cycle.more_body = more_body
        if body or not more_body:
            self.cycle.message_event.set()
        if self._running is None or self._running.response_complete:
            self._start_asgi_task(self.cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Go on with the next request, unless this was the last."""
        self.server_state.total_requests += 1
        if self._lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._last_answer is not None:
            self.transport.write(self._last_answer)
            self._linger()
        else:
            self._await_request()

    def timeout_keep_alive_handler(self) -> None:
        """Let go of an idle connection, also of one whose client never read the last answer."""
        self.timeout_keep_alive_task = None
        if self._in_head or self._in_body or (self._running and not self._running.response_complete):
            return
        idle = self.loop.time() - self._idle_since
        if idle < self.timeout_keep_alive:
            self._await_until(self.timeout_keep_alive - idle)
        elif self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """Wait for a client that reads slowly, and hold what it did not read, within bounds."""
        super().pause_writing()
        self._hold_unread()
        self._reading = self.loop.call_later(self.limits.reply_seconds, self._on_unread)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        self._let_go()

    def _hold_unread(self) -> None:
        size = self.transport.get_write_buffer_size()
        owner = address_of(self._peer)
        if not self._asgi.in_flight.take(owner, size):
            self.transport.abort()
            return
        self._unread = size

    def _on_unread(self) -> None:
        self._reading = None
        left = self.transport.get_write_buffer_size()
        if self._unread - left < self.limits.reply_bytes:
            self.transport.abort()
            return
        self._let_go()
        self._hold_unread()
        self._reading = self.loop.call_later(self.limits.reply_seconds, self._on_unread)

    def _let_go(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._unread:
            self._asgi.in_flight.give_back(address_of(self._peer), self._unread)
            self._unread = 0

    def shutdown(self) -> None:
        """Have the next answer be the last: the client reads so in it, and no call of its is lost.

        An answer that has begun already cannot say so; the one after it does.
        """
        self._stopping = True
        self._stopping_since = self.loop.time()
        running = self._running if self.transport is not None else None
        if running is not None and not (running.response_started or running.response_complete):
            running.keep_alive = False
        for cycle, _ in self.pipeline:
            cycle.keep_alive = False

    def close_if_idle(self) -> None:
        """Close once nothing was asked for a while since the shutdown began."""
        running = self._running
        if self._lingering or self._in_head or self._in_body or self.pipeline:
            return
        if running is not None and not running.response_complete:
            return
        if self.loop.time() - max(self._idle_since, self._stopping_since) >= self.limits.farewell_seconds:
            self.transport.close()

    def _answer_last(self, answer: bytes) -> None:
        """Send a response once earlier requests have theirs, then close; nothing more is read."""
        self._deaf = True
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self._running is not None and not self._running.response_complete:
            self._last_answer = answer
        else:
            self.transport.write(answer)
            self._linger()

    def _await_request(self) -> None:
        # The timer goes on while requests come and go, and is set anew when it fires: each of them pays less.
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._await_until(self.timeout_keep_alive)

    def _await_until(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _drop(self, cycle: RequestResponseCycle) -> None:
        """Tell a request that its client is gone; what it answers goes nowhere."""
        cycle.disconnected = True
        cycle.message_event.set()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _linger(self) -> None:
        """Close our side, and read on until the client closes its own.

        If there were bytes that nobody read, the system would reset the connection, and the client might lose
        the answer before it has read it (RFC 9112, section 9.6).
        """
        if self._lingering:
            return
        self._deaf = self._lingering = True
        self.pipeline.clear()
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._unsent = self.transport.get_write_buffer_size()
        self._linger_until = self.loop.time() + self.limits.linger_total_seconds
        self._timer = self.loop.call_later(self.limits.linger_seconds, self._linger_on)

    def _linger_on(self) -> None:
        now, unsent = self.loop.time(), self.transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._linger_until = now + self.limits.linger_total_seconds
        if now < self._linger_until and (self._heard or unsent):
            self._heard, self._unsent = False, unsent
            self._timer = self.loop.call_later(self.limits.linger_seconds, self._linger_on)
        else:
            self.transport.abort()


class _Flow(FlowControl):
    """Reads nothing more while many requests wait: they would gather without end.

    While there are few it does read, or else it would not see that the client is gone.
    """

    def __init__(self, transport: asyncio.Transport, pipeline: deque[Any]) -> None:
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        if self.read_paused and len(self._pipeline) < _READ_AHEAD:
            super().resume_reading()


class _Exit:
    """What a request that is answered has of the transport: closing means to linger."""

    __slots__ = ("close", "is_closing", "write")

    def __init__(
        self, transport: asyncio.Transport, close: Callable[[], None], is_closing: Callable[[], bool]
    ) -> None:
        self.write = transport.write
        self.close = close
        self.is_closing = is_closing
