"""A log that can be waited for."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

_SECONDS = 10


class Log(io.StringIO):
    """Keeps what is logged as JSON lines."""

    def __init__(self) -> None:
        super().__init__()
        self._written = asyncio.Event()

    def write(self, text: str) -> int:
        """Keep a text and wake who waits for it."""
        self._written.set()
        return super().write(text)

    async def line(self, text: str = "") -> dict[str, Any]:
        """Wait for a line that contains a text, and return it parsed."""
        async with asyncio.timeout(_SECONDS):
            while True:
                self._written.clear()
                for line in self.getvalue().splitlines():
                    if text in line:
                        parsed: dict[str, Any] = json.loads(line)
                        return parsed
                await self._written.wait()
