"""A connection of the HTTP port without a socket: the only place here that knows how one is made."""

from __future__ import annotations

import asyncio
from math import inf
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from bench.load.http1 import body_of
from triptych.transport.http1.protocol import Http1Protocol
from triptych.transport.http1.turns import Turns


def connection(application: Any) -> asyncio.Protocol:
    """Return the protocol of a connection, as the HTTP port makes it."""
    config = uvicorn.Config(
        application,
        http=Http1Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    loop = asyncio.get_running_loop()
    protocol = Http1Protocol(config, state, {}, loop)
    protocol.turns = Turns(loop)
    protocol.turns.left = inf  # nobody else waits for a turn
    return protocol


class Transport(asyncio.Transport):
    """Keeps what is written, and tells when it is an answer."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 8080)})
        self.start()

    def start(self) -> None:
        """Forget what was written."""
        self.written = bytearray()
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        if not self.answered.done() and body_of(bytes(self.written)) is not None:
            self.answered.set_result(None)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return False

    def is_reading(self) -> bool:
        return True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...
