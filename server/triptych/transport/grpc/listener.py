"""The gRPC port: grpc.aio, with the options that its core needs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Generator
from typing import Final

import grpc

from triptych.transport.grpc.handlers import GrpcHandlers
from triptych.transport.sockets import ListenError, addresses, bind, bracketed, why_not
from triptych.transport.tls import Tls

# What one client may cost on the gRPC port; on the HTTP port, it is told by `http1.limits.Limits`.
GRPC_LIMITS: Final = {
    # Without it, calls that are begun and reset at once, by the thousand, cost six times as much.
    # And what the core unpacks of headers, before anyone can refuse it, is 16 MB for each.
    "grpc.max_concurrent_streams": 100,
    # Calls that wait for the event loop: what is in their headers waits with them, unpacked.
    "grpc.server.max_pending_requests": 400,
    "grpc.server.max_pending_requests_hard_limit": 500,
    "grpc.max_allowed_incoming_connections": 10_000,
    # Only the end of its connection frees what the core holds for a client that does not read.
    "grpc.max_connection_age_ms": 3_600_000,
    "grpc.max_connection_age_grace_ms": 300_000,
    "grpc.server_handshake_timeout_ms": 20_000,
    "grpc.max_connection_idle_ms": 600_000,
    # The core's own is five minutes: it would end an idle Watch whose client pings every ten seconds, which
    # is the least that clients can be set to.
    "grpc.http2.min_ping_interval_without_data_ms": 5_000,
    "grpc.keepalive_permit_without_calls": 1,
}
# A message that is a little too large is refused by the handlers, in the words of the others.
_CORE_MARGIN: Final = 64 * 1024

_logger = logging.getLogger("triptych")

_QUIET_SECONDS: Final = 0.2
_MOST_QUIET_SECONDS: Final = 1.0
# For what is left when all calls are cancelled.
_LAST_SECONDS: Final = 0.5


class GrpcListener:
    """The gRPC port.

    Attributes:
        port: The port that it listens on, once started.
    """

    def __init__(
        self,
        handlers: GrpcHandlers,
        host: str,
        port: int,
        tls: Tls | None,
        max_message: int,
        most_connections: int | None = None,
    ) -> None:
        self._handlers = handlers
        self._most_connections = most_connections
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
            ("grpc.max_receive_message_length", self._max_message + _CORE_MARGIN),
            ("grpc.max_send_message_length", -1),
            *self._limits().items(),
            # Messages come as they were sent: the handlers decompress gzip, and the core refuses the rest.
            ("grpc.per_message_decompression", 0),
            ("grpc.compression_enabled_algorithms_bitset", 0b101),
            # A client that lost its power holds its streams for two hours otherwise.
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
        ]
        # Of what clients send wrong, the core writes lines to stderr; where nobody reads, its threads wait.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        with _threads_that_do_not_preempt():
            self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers((self._handlers,))
        where = f"{bracketed(self._host)}:{self.port}"
        try:
            for address in self._addresses():
                self.port = self._add_port(f"{bracketed(address)}:{self.port}")
        except (RuntimeError, OSError) as error:
            # grpcio's own text is a dump of its internals.
            reason = error.strerror if isinstance(error, OSError) else why_not(self._host, self.port)
            raise ListenError(f"cannot serve gRPC on {where}: {reason}") from error
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end those that are still running after `grace` seconds.

        grpcio's core can say that it goes away only as it ends: calls that come before the client has read so
        end CANCELLED, which does not tell whether they were begun. So they are refused as UNAVAILABLE first,
        until no more come for a moment.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        self._handlers.stopping = True
        quiet_until = loop.time() + min(_MOST_QUIET_SECONDS, grace / 2)
        refused = -1
        while refused != self._handlers.refused and loop.time() < quiet_until:
            refused = self._handlers.refused
            await asyncio.sleep(min(_QUIET_SECONDS, grace / 2))
        left = max(0.0, end - loop.time())
        stopping = asyncio.ensure_future(self._server.stop(left))
        done, _ = await asyncio.wait({stopping}, timeout=left + _LAST_SECONDS)
        if not done:
            _logger.warning("gRPC calls are still running after the grace: they end with the process")

    def _limits(self) -> dict[str, int]:
        name = "grpc.max_allowed_incoming_connections"
        most = GRPC_LIMITS[name] if self._most_connections is None else self._most_connections
        return {**GRPC_LIMITS, name: min(GRPC_LIMITS[name], most)}

    def _addresses(self) -> list[str]:
        """Return the addresses to listen on, with a port that is free on all of them where one is picked."""
        found = addresses(self._host)
        if "::" in found:
            return ["::"]  # the core means IPv4 as well
        if self.port == 0 and len(found) > 1:
            sockets = bind(self._host, 0)
            self.port = sockets[0].getsockname()[1]
            for each in sockets:
                each.close()
        return found

    def _add_port(self, address: str) -> int:
        if self._tls is None:
            port: int = self._server.add_insecure_port(address)
        else:
            port = self._server.add_secure_port(address, _grpc_credentials(self._tls))
        return port


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


def _grpc_credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.cert.read_bytes())],
        root_certificates=tls.client_ca.read_bytes() if tls.client_ca else None,
        require_client_auth=tls.client_ca is not None,
    )
