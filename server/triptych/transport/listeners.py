"""The two ports: grpc.aio for gRPC, uvicorn for everything over HTTP/1.1."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
import uvicorn

from triptych.config import Settings
from triptych.transport.http1 import Http1Protocol
from triptych.transport.tls_files import TlsFileError, check_tls_files

_BACKLOG: Final = 1024

# What one client may cost on the gRPC port; on the HTTP port, it is told by `http1_connection.Limits`.
GRPC_LIMITS: Final = {
    # Without it, calls that are begun and reset at once, by the thousand, cost six times as much.
    "grpc.max_concurrent_streams": 1000,
    "grpc.max_allowed_incoming_connections": 10_000,
    "grpc.server_handshake_timeout_ms": 20_000,
    "grpc.max_connection_idle_ms": 600_000,
}
_CORE_LIMITS: Final = 4


class ListenError(Exception):
    """A port cannot be opened; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of TLS, as PEM; with `client_ca`, clients must show a certificate that it vouches for."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Tls | None:
        """Return those of the settings, or None if they have none."""
        if settings.tls_cert is None or settings.tls_key is None:
            return None
        return cls(settings.tls_cert, settings.tls_key, settings.tls_client_ca)


class GrpcListener:
    """The gRPC port.

    Attributes:
        port: The port that it listens on, once started.
    """

    def __init__(
        self, handlers: grpc.GenericRpcHandler, host: str, port: int, tls: Tls | None, max_message: int
    ) -> None:
        self._handlers = handlers
        self._host = host
        self._tls = tls
        self._max_message = max_message
        self.port = port

    async def start(self) -> None:
        """Listen.

        Raises:
            ListenError: The port is taken, or the TLS files cannot be used.
        """
        options = [
            # Without this, two servers share a port in silence.
            ("grpc.so_reuseport", 0),
            # The handlers have the limit: the answer of the core has no request id, and a stream that it ends
            # looks to a method like any other that has ended.
            ("grpc.max_receive_message_length", _CORE_LIMITS * self._max_message),
            ("grpc.max_send_message_length", -1),
            *GRPC_LIMITS.items(),
            # Messages come as they were sent: the handlers decompress gzip, and the core refuses the rest.
            ("grpc.per_message_decompression", 0),
            ("grpc.compression_enabled_algorithms_bitset", 0b101),
            # A header that the core cannot parse would spoil its name for later calls of the connection.
            ("grpc.http2.hpack_table_size.decoder", 0),
            # A client that lost its power holds its streams for two hours otherwise.
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
        ]
        with _threads_that_do_not_preempt():
            self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers((self._handlers,))
        address = f"{_bracketed(self._host)}:{self.port}"
        try:
            if self._tls is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, _grpc_credentials(self._tls))
        except (RuntimeError, OSError) as error:
            # grpcio's own text is a dump of its internals.
            reason = error.strerror if isinstance(error, OSError) else _why_not(self._host, self.port)
            raise ListenError(f"cannot serve gRPC on {address}: {reason}") from error
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end those that are still running after `grace` seconds."""
        await self._server.stop(grace)


class HttpListener:
    """The HTTP port.

    Attributes:
        port: The port that it listens on, once started.
    """

    def __init__(self, host: str, port: int, tls: Tls | None) -> None:
        self._host = host
        self._tls = tls
        self.port = port

    def bind(self) -> None:
        """Take the port; it answers once the listener was started.

        Raises:
            ListenError: The port is taken, or the TLS files cannot be used.
        """
        where = f"{_bracketed(self._host)}:{self.port}"
        try:
            if self._tls is not None:
                check_tls_files(self._tls.cert, self._tls.key, self._tls.client_ca)
            self._config = self._make_config()
            self._socket = _bind(self._host, self.port)
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
            backlog=_BACKLOG,
            # Longer than clients keep an idle connection, so that it is they who close it.
            timeout_keep_alive=75,
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


@contextlib.contextmanager
def _threads_that_do_not_preempt() -> Generator[None]:
    """Have Linux wake the threads that are started in the block without stopping another for them.

    A thread of grpcio tells the event loop of each event of a call, five of them for a unary one. Where both
    share a core, it would stop the loop each time.
    """
    if sys.platform != "linux" or os.sched_getscheduler(0) != os.SCHED_OTHER:
        yield
        return
    _schedule_this_thread(os.SCHED_BATCH)
    try:
        yield
    finally:
        _schedule_this_thread(os.SCHED_OTHER)


def _schedule_this_thread(policy: int) -> None:
    with contextlib.suppress(OSError):  # sandboxes may forbid it
        os.sched_setscheduler(0, policy, os.sched_param(0))


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _why_not(host: str, port: int) -> str:
    """Return why an address cannot be listened on, as the system tells it."""
    try:
        _bind(host, port).close()
    except OSError as error:
        return error.strerror or str(error)
    return "the address is taken or not ours"


def _grpc_credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.cert.read_bytes())],
        root_certificates=tls.client_ca.read_bytes() if tls.client_ca else None,
        require_client_auth=tls.client_ca is not None,
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
