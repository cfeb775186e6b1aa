"""The interceptors that need nothing but the call: observe, and catch unexpected errors."""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter_ns
from typing import Protocol

from triptych.errors import Code, RpcError, permission_denied
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Exchange, Handler
from triptych.store.errors import (
    AlreadyExistsError,
    ConflictError,
    OutcomeUnknownError,
    ReadOnlyError,
    StoreError,
    UnavailableError,
)

_logger = logging.getLogger("triptych")


class CallLog(Protocol):
    """Writes down how calls ended."""

    def write(self, call: Call, nanoseconds: int) -> None:
        """Note a call that took so long; `call.error` says how it ended."""
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
    """Notes how each call ended and how long it took. The error of a call ends here, as `call.error`."""

    def __init__(self, log: CallLog, metrics: CallMetrics) -> None:
        self._log = log
        self._metrics = metrics

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method."""
        log, metrics = self._log, self._metrics

        async def observe(call: Call, exchange: Exchange) -> None:
            metrics.start(call)
            try:
                await proceed(call, exchange)
            except RpcError as error:
                call.error = _without_frames(error)
            finally:
                nanoseconds = perf_counter_ns() - call.started
                log.write(call, nanoseconds)
                metrics.finish(call, nanoseconds)

        return observe


class CatchUnexpected:
    """Turns whatever is not meant for the client into an error that says nothing of the server's inside."""

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method; raise what its calls are refused with."""
        refused = method.refusal

        async def catch_unexpected(call: Call, exchange: Exchange) -> None:
            try:
                refusal = call.refusal or refused
                if refusal is not None:
                    raise refusal  # noqa: TRY301 - it takes the way of all errors
                await proceed(call, exchange)
            except RpcError:
                raise
            except asyncio.CancelledError:
                # Whoever cancelled the task is told so, and nobody listens any more.
                call.error = client_gone()
                raise
            except StoreError as error:
                raise _store_failure(error, call) from None
            except Exception as error:
                _logger.exception(
                    "unexpected error in %s, request id %s", call.method.path, call.request_id, exc_info=error
                )
                raise RpcError(Code.INTERNAL, "internal error") from None

        return catch_unexpected


def client_gone() -> RpcError:
    """Return the error of a call whose client went away; only the log sees it."""
    return RpcError(Code.CANCELED, "the client went away")


def _store_failure(error: StoreError, call: Call) -> RpcError:
    """Return what a call is answered that the store failed; log what whoever runs the server should see."""
    match error:
        case ReadOnlyError():
            return permission_denied("the access token is read-only")
        case AlreadyExistsError():
            return RpcError(Code.ALREADY_EXISTS, "there is one of that id already")
        case ConflictError():
            return RpcError(Code.ABORTED, "others kept changing the same things: try again")
    _logger.error("%s failed, request id %s: %s", call.method.path, call.request_id, error)
    match error:
        case OutcomeUnknownError():
            text = "outcome unknown: the store was lost while it kept the change"
            return RpcError(Code.UNAVAILABLE, text, outcome_unknown=True)
        case UnavailableError():
            return RpcError(Code.UNAVAILABLE, "the store is not available")
    return RpcError(Code.INTERNAL, "internal error")


def _without_frames(error: RpcError) -> RpcError:
    """Return an error that keeps no frames, and so nothing of the call, alive."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error
