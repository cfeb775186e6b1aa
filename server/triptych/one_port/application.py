"""The process within Envoy: the ASGI application, which pyvoy imports by its name.

Its own start and end come as ASGI's lifespan.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path
from typing import Final

from triptych.app.lifecycle import Application
from triptych.observability import logs
from triptych.one_port.handover import FOLDER_VARIABLE, Handover, open_seconds
from triptych.one_port.listeners import refuse_new_connections
from triptych.seed import SeedError
from triptych.transport import descriptors
from triptych.transport.http.asgi import AsgiApplication, Event, Receive, Scope, Send

_logger = logging.getLogger("triptych")

_WATCH_SECONDS: Final = 0.2
_NOTICE_SECONDS: Final = 1.0
_REFUSED_BEFORE_SECONDS: Final = 0.5


class OnePortApplication:
    """Serves what the other process says, until that one is gone."""

    _app: Application
    _open_seconds: float
    _port: int
    _handover: Handover
    _http: AsgiApplication
    _watching: asyncio.Task[None]

    def __init__(self) -> None:
        self._starting = asyncio.Lock()
        self._listeners = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request, or start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._http(scope, _Receive(receive), _Send(send))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start with the first listener, and end with the last: those of TCP and UDP have a lifespan each."""
        await receive()
        async with self._starting:
            try:
                if self._listeners == 0:
                    await self._start(Handover(Path(os.environ[FOLDER_VARIABLE])))
            except SeedError:
                await send({"type": "lifespan.startup.failed"})
                return
            except Exception:
                # Envoy would keep it to itself.
                _logger.exception("the application within Envoy cannot start")
                await send({"type": "lifespan.startup.failed"})
                return
            self._listeners += 1
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._listeners -= 1
        if self._listeners == 0:
            await self._finish()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self, handover: Handover) -> None:
        self._handover = handover
        server = handover.server
        settings = handover.read_settings()
        self._open_seconds = open_seconds(settings)
        self._port = settings.http_port
        self._app = Application(settings, logs.configure(settings.log_format, settings.log_level))
        try:
            first = await self._app.load()
        except SeedError as error:
            handover.write_outcome(str(error))
            raise
        self._http = (await self._app.open(settings.http_port)).http
        handover.write_outcome(first)
        descriptors.log_limits(descriptors.raise_limit())
        # A Ctrl-C is for the other process, which drains this one first.
        os.setpgid(0, 0)
        self._watching = asyncio.create_task(self._watch(handover, server))

    async def _finish(self) -> None:
        self._watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watching
        await self._app.finish()
        # The other process does that too, unless it was killed.
        self._handover.remove()

    async def _watch(self, handover: Handover, server: int) -> None:
        """Drain when told to, and end Envoy when the process that runs it is gone: nobody else would."""
        drained = False
        while os.getppid() == server:
            if handover.draining and not drained:
                drained = True
                self._app.refuse()
                # Before Envoy closes its listeners, with what waits there.
                await asyncio.sleep(self._open_seconds - _REFUSED_BEFORE_SECONDS)
                refuse_new_connections(self._port)
                await self._app.drain()
            await asyncio.sleep(_WATCH_SECONDS)
        handover.remove()  # Envoy may not wait for that when it ends
        os.kill(os.getpid(), signal.SIGTERM)


class _Receive:
    """Receives events. A wait that is given up goes on: pyvoy stumbles over a future that is cancelled."""

    __slots__ = ("_receive", "_waiting")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._waiting: asyncio.Future[Event] | None = None

    async def __call__(self) -> Event:
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._receive())
        event = await asyncio.shield(self._waiting)
        self._waiting = None
        return event


class _Send:
    """Sends events, and nothing once the client is gone, as uvicorn does: `receive` tells of that.

    A send that is given up goes on, like a wait of `_Receive`.
    """

    __slots__ = ("_gone", "_send")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._gone = False

    async def __call__(self, event: Event) -> None:
        if self._gone:
            return
        try:
            sending = self._send(event)
            # A future only if Envoy must wait for the client; nothing else can be given up.
            if isinstance(sending, asyncio.Future):
                sending.add_done_callback(_take_note)
                sending = asyncio.shield(sending)
            await sending
        except OSError:
            self._gone = True
            # Meanwhile whoever watches `receive` hears of it, and ends the call.
            await asyncio.sleep(_NOTICE_SECONDS)


def _take_note(future: asyncio.Future[None]) -> None:
    """Look at how a send ended, or asyncio logs the error of one that was given up."""
    if not future.cancelled():
        future.exception()


application = OnePortApplication()
