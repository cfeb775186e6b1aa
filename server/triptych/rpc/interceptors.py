"""The interceptors that need nothing but the call: observe, catch unexpected errors, deadline, limit."""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter_ns
from typing import Protocol

from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych.store.base import ReadOnlyError

_logger = logging.getLogger("triptych")


class CallLog(Protocol):
    """Writes down how calls ended."""

    def write(self, call: Call, nanoseconds: int) -> None:
        """Note a call that took so long; `call.code` says how it ended."""
        ...


class CallMetrics(Protocol):
    """Counts calls."""

    def start(self, call: Call) -> None:
        """Count a call that begins."""
        ...

    def finish(self, call: Call, nanoseconds: int) -> None:
        """Count a call that ended and took so long."""
        ...


class Observe:
    """Notes how each call ended and how long it took."""

    def __init__(self, log: CallLog, metrics: CallMetrics) -> None:
        self._log = log
        self._metrics = metrics

    async def start(self, call: Call) -> None:
        """Count the call in."""
        self._metrics.start(call)

    def finish(self, call: Call, error: BaseException | None) -> BaseException | None:
        """Write the call down and count it out."""
        if isinstance(error, RpcError):
            call.error = error
        nanoseconds = perf_counter_ns() - call.started
        self._log.write(call, nanoseconds)
        self._metrics.finish(call, nanoseconds)
        return error


class CatchUnexpected:
    """Turns whatever is not meant for the client into an error that says nothing of the server's inside."""

    async def start(self, call: Call) -> None:
        """Raise what the transport found in the headers, or what the method answers to every call."""
        refusal = call.refusal or call.method.refusal
        if refusal is not None:
            raise refusal

    def finish(self, call: Call, error: BaseException | None) -> BaseException | None:
        """Log an unexpected exception in full and answer INTERNAL."""
        if error is None or isinstance(error, RpcError):
            return error
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return RpcError(Code.CANCELED, "the client went away")
        if isinstance(error, ReadOnlyError):
            return RpcError(Code.PERMISSION_DENIED, "the access token is read-only")
        _logger.error(
            "unexpected error in %s, request id %s", call.method.path, call.request_id, exc_info=error
        )
        return RpcError(Code.INTERNAL, "internal error")


class Deadline:
    """Refuses calls whose deadline has passed, and names that as the end of those it cut off.

    Transports cut a call off, by cancelling it or by TimeoutError.
    """

    async def start(self, call: Call) -> None:
        """Refuse a call that is too late already."""
        if call.deadline is not None and _passed(call.deadline):
            raise _deadline_exceeded()

    def finish(self, call: Call, error: BaseException | None) -> BaseException | None:
        """Tell a call that ran out of time from one whose client went away."""
        if isinstance(error, asyncio.CancelledError | TimeoutError) and call.deadline is not None:
            return _deadline_exceeded() if _passed(call.deadline) else error
        return error


class ConcurrencyLimit:
    """Refuses calls while as many as the limit are running.

    Calls that need no token get half of it: a stream of the health service may last for ever, and whoever
    reaches the port could keep out all others with a thousand of them.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._anonymous_limit = (limit + 1) // 2
        self._running = 0
        self._anonymous = 0

    async def start(self, call: Call) -> None:
        """Count the call, or refuse it."""
        self._running += 1
        if not call.method.needs_token:
            self._anonymous += 1
            if self._anonymous > self._anonymous_limit:
                raise _busy(self._anonymous_limit, "calls without a token")
        if self._running > self._limit:
            raise _busy(self._limit, "calls")

    def finish(self, call: Call, error: BaseException | None) -> BaseException | None:
        """Count the call out."""
        self._running -= 1
        if not call.method.needs_token:
            self._anonymous -= 1
        return error


def _busy(limit: int, what: str) -> RpcError:
    text = f"the server is busy with {limit} {what}, try again later"
    return RpcError(Code.UNAVAILABLE, text, reason=Reason.SERVICE_UNAVAILABLE)


def _passed(deadline: float) -> bool:
    # The loop's clock ticks in milliseconds: a timer may fire up to one tick early.
    return asyncio.get_running_loop().time() >= deadline - 0.001


def _deadline_exceeded() -> RpcError:
    return RpcError(Code.DEADLINE_EXCEEDED, "the deadline of the call has passed")
