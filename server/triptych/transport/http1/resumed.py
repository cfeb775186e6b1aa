"""The rest of a call that was stepped and waits: what a request costs that is not answered at once."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.messages import Answer, HttpRequest, Response


class Write(Protocol):
    """Writes a whole response."""

    def __call__(self, request: HttpRequest, response: Response, *, keep_alive: bool) -> None:
        """Write it; close the connection after it if that is not to go on."""
        ...


class Waiting:
    """A call that was begun, and waits.

    Args:
        request: The request, of which the whole body was read.
        answering: What answers it.
        waiting_for: What it yielded when it was stepped.
    """

    __slots__ = ("_answering", "_waiting_for", "request")

    def __init__(
        self, request: HttpRequest, answering: Coroutine[Any, Any, Answer], waiting_for: object
    ) -> None:
        self._answering = answering
        self._waiting_for = waiting_for
        self.request = request

    @types.coroutine
    def rest(self) -> Generator[Any, Any, Answer]:
        """Await the answer."""
        answering, waiting_for = self._answering, self._waiting_for
        try:
            while True:
                try:
                    yield waiting_for
                except BaseException as error:
                    waiting_for = answering.throw(error)
                else:
                    waiting_for = answering.send(None)
        except StopIteration as done:
            answer: Answer = done.value
            return answer


class ResumedCycle(RequestResponseCycle):
    """A request whose call waits, and its response.

    A whole response is written as one that is there at once, and the call is cancelled when the client goes
    away: so it needs none of what uvicorn does to hand on a body, and to watch.
    """

    _task: asyncio.Task[Any] | None = None

    def go_away(self) -> None:
        """Cancel the call: its client is gone."""
        if self._task is not None and not self.response_complete:
            self._task.cancel()

    async def run_resumed(self, waiting: Waiting, asgi: AsgiApplication, write: Write) -> None:
        """Await the answer of the call, and send it: a whole response by `write`."""
        self._task = asyncio.current_task()
        try:
            answer = await waiting.rest()
        except asyncio.CancelledError:
            if self.disconnected:
                return
            answer = asgi.application.stopped(waiting.request)  # the server stops, and the grace is over
        except Exception as error:
            answer = asgi.application.failed(waiting.request, error)
        finally:
            self._task = None
        if not isinstance(answer, Response):
            application: Any = asgi.streamed(waiting.request, answer)
            await self.run_asgi(application)
            return
        self.response_started = self.response_complete = True
        if not self.disconnected:
            write(waiting.request, answer, keep_alive=self.keep_alive)
            self.on_response()
