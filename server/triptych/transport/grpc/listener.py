"""The gRPC port: grpc.aio, with the options that its core needs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from typing import Final

import grpc

from triptych.transport.sockets import ListenError, bracketed, why_not
from triptych.transport.tls import Tls

# What one client may cost on the gRPC port; on the HTTP port, it is told by `http1.connection.Limits`.
GRPC_LIMITS: Final = {
    # Without it, calls that are begun and reset at once, by the thousand, cost six times as much.
    # And what the core unpacks of headers, before anyone can refuse it, is 16 MB for each.
    "grpc.max_concurrent_streams": 100,
    "grpc.max_allowed_incoming_connections": 10_000,
    # Only the end of its connection frees what the core holds for a client that does not read.
    "grpc.max_connection_age_ms": 3_600_000,
    "grpc.max_connection_age_grace_ms": 300_000,
    "grpc.server_handshake_timeout_ms": 20_000,
    "grpc.max_connection_idle_ms": 600_000,
}
# A message that is a little too large is refused by the handlers, in the words of the others.
_CORE_MARGIN: Final = 64 * 1024


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
            ("grpc.max_receive_message_length", self._max_message + _CORE_MARGIN),
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
        address = f"{bracketed(self._host)}:{self.port}"
        try:
            if self._tls is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, _grpc_credentials(self._tls))
        except (RuntimeError, OSError) as error:
            # grpcio's own text is a dump of its internals.
            reason = error.strerror if isinstance(error, OSError) else why_not(self._host, self.port)
            raise ListenError(f"cannot serve gRPC on {address}: {reason}") from error
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end those that are still running after `grace` seconds."""
        await self._server.stop(grace)


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
