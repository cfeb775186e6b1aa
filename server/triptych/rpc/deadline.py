"""The interceptor that ends a call at its deadline."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Generator
from typing import Any

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Exchange, Handler

# The loop's clock ticks in milliseconds: a timer may fire up to one tick early.
_TICK = 0.001


class Deadline:
    """Refuses calls whose deadline has passed, and ends the others when it passes."""

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method."""

        async def deadline(call: Call, exchange: Exchange) -> None:
            if call.deadline is None:
                await proceed(call, exchange)
                return
            now = asyncio.get_running_loop().time
            if now() >= call.deadline - _TICK:
                raise _deadline_exceeded()
            try:
                await _until(call.deadline, proceed(call, exchange))
            except asyncio.CancelledError:
                if now() >= call.deadline - _TICK:
                    raise _deadline_exceeded() from None
                raise

        return deadline


@types.coroutine
def _until(deadline: float, work: Awaitable[None]) -> Generator[Any, Any, None]:
    """Await the work, and cancel it at the deadline.

    Unlike `asyncio.timeout_at`, it needs no task before the work first waits: most calls never do, and those
    are answered without one.
    """
    steps = work.__await__()
    waiting_for: Any = None
    cancel_next = False

    def expire() -> None:
        nonlocal cancel_next
        if waiting_for is None:  # it only let others run
            cancel_next = True
        else:
            waiting_for.cancel()

    try:
        waiting_for = next(steps)
    except StopIteration:
        return
    timer = asyncio.get_running_loop().call_at(deadline, expire)
    try:
        while True:
            try:
                yield waiting_for
            except BaseException as error:
                waiting_for = steps.throw(error)
            else:
                if cancel_next:
                    cancel_next = False
                    waiting_for = steps.throw(asyncio.CancelledError())
                else:
                    waiting_for = next(steps)
    except StopIteration:
        return
    finally:
        timer.cancel()


def _deadline_exceeded() -> RpcError:
    return RpcError(Code.DEADLINE_EXCEEDED, "the deadline of the call has passed")
