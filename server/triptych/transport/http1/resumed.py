"""The rest of a call that was stepped and waits: what a request costs that is not answered at once."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.messages import Answer, HttpRequest, Response


class Write(Protocol):
    """Writes a whole response."""

    def __call__(self, request: HttpRequest, response: Response, *, keep_alive: bool) -> None:
        """Write it; close the connection after it if that is not to go on."""
        ...


@types.coroutine
def rest_of(answering: Coroutine[Any, Any, Answer], waiting_for: object) -> Generator[Any, Any, Answer]:
    """Await the rest of a call that was stepped by hand, and yielded what it waits for."""
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

    async def run_resumed(
        self, request: HttpRequest, rest: Awaitable[Answer], asgi: AsgiApplication, write: Write
    ) -> None:
        """Await the answer to a request, of which all was read, and send it: a whole response by `write`."""
        self._task = task = asyncio.current_task()
        if self.disconnected and task is not None:
            task.cancel()  # before this began
        try:
            answer = await rest
        except asyncio.CancelledError:
            if self.disconnected:
                return
            answer = asgi.application.stopped(request)  # the server stops, and the grace is over
        except Exception as error:
            answer = asgi.application.failed(request, error)
        finally:
            self._task = None
        if not isinstance(answer, Response):
            application: Any = asgi.streamed(request, answer)
            await self.run_asgi(application)
            return
        self.response_started = self.response_complete = True
        if not self.disconnected:
            write(request, answer, keep_alive=self.keep_alive)
            self.on_response()
