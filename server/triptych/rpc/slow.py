"""Ends what waits too long for a client: requests that do not come.

No timer is set for each call: those that wait are looked at together, once a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call

T = TypeVar("T")

START_SECONDS: Final = 30.0
BYTES_A_SECOND: Final = 32 * 1024
LOOK_SECONDS: Final = 1.0


def seconds_for(size: int) -> float:
    """Return how long a message or file of so many bytes may take to come."""
    return START_SECONDS + size / BYTES_A_SECOND


@dataclass(slots=True, eq=False)
class Waiting:
    """What a task waits for.

    Attributes:
        task: The task; it is cancelled when this takes too long.
        until: When that is, on the clock of the event loop.
        call: The call that it belongs to.
        unseen: The bytes of a message that may have come without our seeing them; they are held for the call
            once it has waited for a moment.
        ending: What the call is ended with.
    """

    task: asyncio.Task[Any]
    until: float
    call: Call
    unseen: int = 0
    ending: RpcError | None = None


class SlowClients:
    """The tasks that wait for clients."""

    def __init__(self) -> None:
        self._waiting: dict[Waiting, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, call: Call, seconds: float, unseen: int = 0) -> Waiting:
        """Watch this task until `end`; cancel it once it has waited for so many seconds."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - who waits for a client is a task
        waiting = Waiting(task, loop.time() + seconds, call, unseen)
        self._waiting[waiting] = None
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look)
        return waiting

    def end(self, waiting: Waiting) -> None:
        """Watch it no more."""
        self._waiting.pop(waiting, None)

    async def within(self, call: Call, seconds: float, reading: Awaitable[T], unseen: int = 0) -> T:
        """Await what a client sends.

        Raises:
            RpcError: DEADLINE_EXCEEDED if that takes too long, UNAVAILABLE if there is no room for it.
        """
        waiting = self.begin(call, seconds, unseen)
        try:
            return await reading
        except asyncio.CancelledError:
            if waiting.ending is None:
                raise
            waiting.task.uncancel()
            raise waiting.ending from None
        finally:
            self._waiting.pop(waiting, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for waiting in [*self._waiting]:
            if now >= waiting.until:
                text = "the message took too long to come"
                self._cancel(waiting, RpcError(Code.DEADLINE_EXCEEDED, text))
            elif waiting.unseen:
                try:
                    waiting.call.hold(waiting.unseen)
                    waiting.unseen = 0
                except RpcError as error:
                    error.__traceback__ = None
                    self._cancel(waiting, error)
        self._timer = loop.call_later(LOOK_SECONDS, self._look) if self._waiting else None

    def _cancel(self, waiting: Waiting, ending: RpcError) -> None:
        waiting.ending = ending
        del self._waiting[waiting]
        waiting.task.cancel()
