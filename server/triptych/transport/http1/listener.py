"""The HTTP port: uvicorn for everything over HTTP/1.1."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Generator
from typing import Any

import uvicorn

from triptych.transport.http1.protocol import Http1Protocol
from triptych.transport.sockets import BACKLOG, ListenError, bind, bracketed
from triptych.transport.tls import Tls, TlsFileError, check_tls_files


class HttpListener:
    """The HTTP port.

    Attributes:
        port: The port that it listens on, once started.
    """

    def __init__(self, host: str, port: int, tls: Tls | None, keep_alive: float) -> None:
        """Make a listener.

        Args:
            host: The address to listen on.
            port: The port; 0 lets the system choose.
            tls: What TLS needs; None for none.
            keep_alive: The seconds that a connection may wait for its next request.
        """
        self._host = host
        self._keep_alive = keep_alive
        self._tls = tls
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
            self._socket = bind(self._host, self.port)
        except TlsFileError as error:
            raise ListenError(str(error)) from error
        except OSError as error:
            raise ListenError(f"cannot serve HTTP on {where}: {error.strerror or error}") from error
        self.port = self._socket.getsockname()[1]

    def close(self) -> None:
        """Give back the port that was bound."""
        self._socket.close()

    async def start(self, application: Any) -> None:
        """Serve an ASGI application on the port that was bound."""
        self._config.app = self._config.loaded_app = application
        self._server = _UvicornServer(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.listening.wait()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections)

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end those that are still running after `grace` seconds."""
        self._server.config.timeout_graceful_shutdown = grace  # type: ignore[assignment] # floats do as well
        self._server.should_exit = True
        await self._serving

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


class _UvicornServer(uvicorn.Server):
    """uvicorn without signal handlers, which belong to the process, and with word of when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


async def _no_application(scope: Any, receive: Any, send: Any) -> None:
    """Stand in for the application in a configuration that is checked before there is one."""
