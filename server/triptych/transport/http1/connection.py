"""A connection of HTTP/1.1 whose answers go out in order, and that is closed so that the last one arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from time import perf_counter
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from triptych.rpc.headers import HttpHeaders
from triptych.rpc.shares import address_of
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.messages import Answer, HttpRequest, Response
from triptych.transport.http1.flow import Exit, Flow
from triptych.transport.http1.head import Head
from triptych.transport.http1.http10 import Http10Cycle
from triptych.transport.http1.limits import Limits
from triptych.transport.http1.resumed import ResumedCycle, rest_of
from triptych.transport.http1.turns import Turns
from triptych.transport.http1.unread import UnreadReply

CycleT = TypeVar("CycleT", bound=RequestResponseCycle)


class Connection(HttpToolsProtocol):
    """The way out of a connection, for a subclass that judges what comes in.

    Attributes:
        limits: What a connection may cost.
        most_connections: The most connections of the port.
        turns: When it is the connection's turn; its own if it has no port.
    """

    limits: ClassVar[Limits] = Limits()
    most_connections: int = limits.connections
    turns: Turns
    _stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection; one that sends nothing is closed like an idle one."""
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline)
        self._exit = Exit(transport, self._linger, lambda: self._lingering)
        self._running: RequestResponseCycle | None = None
        self._last_answer: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = self._in_body = False
        self._deaf = self._heard = self._lingering = False
        self._unsent = 0
        self._linger_until = 0.0
        self._asgi: AsgiApplication = self.app
        self._peer = "{}:{}".format(*self.client) if self.client else ""
        self._unread = UnreadReply(transport, self._asgi.in_flight, address_of(self._peer), self.limits)
        self._may_answer_at_once = False
        self._at_once: Head | None = None
        self._parts: list[bytes] = []
        self._late: list[bytes] = []
        # As if it had been idle already, where an idle one may wait longer.
        self._idle_since = self.loop.time() - max(0.0, self.timeout_keep_alive - self.limits.first_seconds)
        self._await_until(min(self.timeout_keep_alive, self.limits.first_seconds))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered; uvicorn tells the one that was read last."""
        self._stop_timer()
        self._unset_keepalive_if_required()
        self._unread.let_go()
        self._late.clear()
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
                self.server_state.total_requests += 1
                self._write(request, answer, keep_alive=head.keep_alive)
                return
            self._answer(head, self._asgi.streamed(request, answer), body, more_body=False)
        except Exception as error:
            self.server_state.total_requests += 1
            failed = self._asgi.application.failed(request, error)
            self._write(request, failed, keep_alive=head.keep_alive)
        else:
            self.cycle = cycle = self._make_cycle(ResumedCycle, head)
            cycle.more_body = False
            rest = rest_of(answering, waiting_for)
            self._start(cycle, cycle.run_resumed(request, rest, self._asgi, self._write))

    def _write(self, request: HttpRequest, response: Response, *, keep_alive: bool) -> None:
        """Write a whole response: what a cycle of uvicorn does, for one of which all is there."""
        content = [STATUS_LINE[response.status]]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        for name, value in response.headers:
            content += (name, b": ", value, b"\r\n")
        if not keep_alive:
            content.append(b"connection: close\r\n")
        content.append(b"\r\n")
        start = b"".join(content)
        if start.count(b"\n") != (len(content) + 2) // 4 + 1 + (not keep_alive):
            error = RuntimeError("a response header has a line break")
            self._write(request, self._asgi.application.failed(request, error), keep_alive=keep_alive)
            return
        self.transport.write(start + response.body)
        if not keep_alive:
            self._linger()

    def _answer_later(self, head: Head) -> None:
        """Have a request answered of which more is to come."""
        self._at_once = None
        body, self._parts = b"".join(self._parts), []
        self._answer(head, self.app, body)

    def _answer(self, head: Head, app: Any = None, body: bytes = b"", *, more_body: bool = True) -> None:
        """Have a request answered by a task, after those before it."""
        app = app or self.app
        self.cycle = self._make_cycle(Http10Cycle if head.version == "1.0" else RequestResponseCycle, head)
        self.cycle.body += body
        self.cycle.more_body = more_body
        if body or not more_body:
            self.cycle.message_event.set()
        if (self._running is None or self._running.response_complete) and not self.pipeline:
            self._start_asgi_task(self.cycle, app)
        else:
            self.pipeline.appendleft((self.cycle, app))
            self.flow.pause_reading()
            if isinstance(self._running, ResumedCycle):
                self.flow.resume_reading()  # or it would not see that the client is gone

    def _make_cycle(self, cycle_class: type[CycleT], head: Head) -> CycleT:
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
        return cycle_class(
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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._start(cycle, cycle.run_asgi(app))

    def _start(self, cycle: RequestResponseCycle, running: Coroutine[Any, Any, None]) -> None:
        self._running = cycle
        task = self.loop.create_task(self._run(running))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _run(self, running: Coroutine[Any, Any, None]) -> None:
        started = perf_counter()
        await running
        self.turns.left -= perf_counter() - started  # too much where it waited, which ends this round only
        if self.turns.left < 0:
            self.turns.end()

    def on_response_complete(self) -> None:
        """Go on with the next request, unless this was the last."""
        self.server_state.total_requests += 1
        if self._lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            if self.turns.over:
                self.turns.wait(self._answer_next)
            else:
                self._answer_next()
        elif self._last_answer is not None:
            self.transport.write(self._last_answer)
            self._linger()
        else:
            self._await_request()

    def _answer_next(self) -> None:
        if self.pipeline and not self._lingering and not self.transport.is_closing():
            self._start_asgi_task(*self.pipeline.pop())
            self.turns.end()  # the task will take what it takes

    def timeout_keep_alive_handler(self) -> None:
        """Let go of an idle connection, also of one whose client never read the last answer."""
        self.timeout_keep_alive_task = None
        if self._in_head or self._in_body or self._is_answering():
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
        self._unread.watch()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        self._unread.let_go()

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
        if self._lingering or self._in_head or self._in_body or self._late or self._is_answering():
            return
        if self.loop.time() - max(self._idle_since, self._stopping_since) >= self.limits.farewell_seconds:
            self.transport.close()

    def _is_answering(self) -> bool:
        return bool(self.pipeline) or (self._running is not None and not self._running.response_complete)

    def _answer_last(self, answer: bytes) -> None:
        """Send a response once earlier requests have theirs, then close; nothing more is read."""
        self._deaf = True
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self._is_answering():
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
        if isinstance(cycle, ResumedCycle):
            cycle.go_away()

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
            with suppress(OSError):  # the client has reset the connection, which is not told yet
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
