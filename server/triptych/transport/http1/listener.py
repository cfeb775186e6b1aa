"""The HTTP port: uvicorn's way of HTTP/1.1 on connections that are taken and ended here."""

from __future__ import annotations

import asyncio
import ssl
import time
from email.utils import formatdate
from typing import Any, Final

import uvicorn
from uvicorn.server import ServerState

from triptych.transport.http1.acceptor import Acceptor
from triptych.transport.http1.connection import Connection
from triptych.transport.http1.protocol import Http1Protocol
from triptych.transport.http1.turns import Turns
from triptych.transport.sockets import BACKLOG, ListenError, bind, bracketed
from triptych.transport.tls import Tls, TlsFileError, check_tls_files

_LOOK_SECONDS: Final = 0.05
# For calls that are told at the end of the grace that they are cut off.
_LAST_ANSWERS_SECONDS: Final = 0.5
# Connections beyond the most there may be are told so, but not without end.
REFUSED_AT_A_TIME: Final = 64


class HttpListener:
    """The HTTP port.

    Attributes:
        port: The port that it listens on, once started.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: Tls | None,
        *,
        keep_alive: float = 620.0,
        most_connections: int | None = None,
    ) -> None:
        """Make it.

        Args:
            host: An address or a name.
            port: The port; 0 picks one.
            tls: The files of TLS, or None for clear text.
            keep_alive: The seconds that a connection may wait for its next request.
            most_connections: The most connections at a time; what a connection's limits say if None.
        """
        self._host = host
        self._keep_alive = keep_alive
        self._tls = tls
        self._most_connections = most_connections
        self._connections: set[Connection] = set()
        self._date: asyncio.TimerHandle | None = None
        self._draining = False
        self.port = port

    def bind(self) -> None:
        """Take the port; it answers once the listener was started.

        Raises:
            ListenError: The port is taken, or the TLS files cannot be used.
        """
        where = f"{bracketed(self._host)}:{self.port}"
        try:
            if self._tls is not None:
                check_tls_files(self._tls.cert, self._tls.key, self._tls.client_ca)
            self._config = self._make_config()
            self._sockets = bind(self._host, self.port)
        except TlsFileError as error:
            raise ListenError(str(error)) from error
        except OSError as error:
            raise ListenError(f"cannot serve HTTP on {where}: {error.strerror or error}") from error
        self.port = self._sockets[0].getsockname()[1]

    def close(self) -> None:
        """Give back the port that was bound."""
        for listening in self._sockets:
            listening.close()

    async def start(self, application: Any) -> None:
        """Serve an ASGI application on the port that was bound."""
        self._config.app = self._config.loaded_app = application
        self._state = ServerState()
        self._connections = self._state.connections  # type: ignore[assignment] # they are all of that class
        self._turns = Turns(asyncio.get_running_loop())
        self._set_date()
        self._acceptor = Acceptor(
            self._sockets,
            self._make_protocol,
            self._config.ssl,
            Http1Protocol.limits.handshake_seconds,
            lambda beginning: len(self._connections) + beginning >= self._most() + REFUSED_AT_A_TIME,
        )
        self._acceptor.start()

    def begin_drain(self) -> None:
        """Have each answer from now on be the last of its connection."""
        self._draining = True
        for connection in list(self._connections):
            connection.shutdown()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def stop(self, grace: float) -> None:
        """Refuse new connections, let calls finish, and end what is still running after `grace` seconds.

        An idle connection may still bring a request, which is answered, for as long as the limits say.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        self.begin_drain()
        self._acceptor.close()
        while (self._connections or self._acceptor.beginning) and loop.time() < end:
            for connection in list(self._connections):
                connection.close_if_idle()
            await asyncio.sleep(_LOOK_SECONDS)
        await self._acceptor.abort()
        await self._cut_off()
        if self._date is not None:
            self._date.cancel()

    async def _cut_off(self) -> None:
        """End all calls and connections, whatever they are at."""
        tasks = set(self._state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_ANSWERS_SECONDS)
        for connection in list(self._connections):
            connection.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_ANSWERS_SECONDS)

    def _make_protocol(self) -> asyncio.Protocol:
        protocol = Http1Protocol(self._config, self._state, {})
        protocol.most_connections = self._most()
        protocol.turns = self._turns
        if self._draining:
            protocol.shutdown()
        return protocol

    def _most(self) -> int:
        limit = Http1Protocol.limits.connections
        return limit if self._most_connections is None else min(limit, self._most_connections)

    def _set_date(self) -> None:
        self._state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]
        self._date = asyncio.get_running_loop().call_later(1, self._set_date)

    def _make_config(self) -> uvicorn.Config:
        tls: dict[str, Any] = {}
        if self._tls is not None:
            tls = {"ssl_certfile": self._tls.cert, "ssl_keyfile": self._tls.key}
            if self._tls.client_ca is not None:
                tls |= {"ssl_ca_certs": str(self._tls.client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
        config = uvicorn.Config(
            _no_application,
            http=Http1Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=self._keep_alive,  # type: ignore[arg-type] # floats do as well
            **tls,
        )
        config.load()
        return config


async def _no_application(scope: Any, receive: Any, send: Any) -> None:
    """Stand in for the application in a configuration that is checked before there is one."""
