"""When a connection is read, and what a request that is answered has of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl

_READ_AHEAD: Final = 16


class Flow(FlowControl):
    """Reads nothing more while many requests wait: they would gather without end.

    While there are few it does read, or else it would not see that the client is gone.
    """

    def __init__(self, transport: asyncio.Transport, pipeline: deque[Any]) -> None:
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        """Read on, unless many requests wait."""
        if self.read_paused and len(self._pipeline) < _READ_AHEAD:
            super().resume_reading()


class Exit:
    """What a request that is answered has of the transport: closing means to linger."""

    __slots__ = ("close", "is_closing", "write")

    def __init__(
        self, transport: asyncio.Transport, close: Callable[[], None], is_closing: Callable[[], bool]
    ) -> None:
        self.write = transport.write
        self.close = close
        self.is_closing = is_closing
