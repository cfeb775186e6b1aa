"""What happens to every call, whatever its transport and kind, in one order.

observe -> catch unexpected errors -> deadline -> authenticate -> limit the rate
        -> read and parse -> authorise -> validate -> take a place -> the service's method -> write

An interceptor stands around all that follows it. It is given what follows and returns a handler that calls
it, so what it does before and what it does after stand in one function, and no end is without its start.
What is before "read" knows the headers only: no byte of the body is looked at. A check sees each request
message once it is parsed. A call takes a place among the running ones when its request has come, so that
requests which never come keep nobody out; one that takes a stream of requests takes it at its head.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

from protobuf import Message

from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.shares import Places


class Exchange(Protocol):
    """How a transport reads the requests of a call and writes its responses. What it raises ends the call."""

    async def read(self) -> Message:
        """Return the one request of a method that takes one."""
        ...

    def requests(self) -> AsyncIterator[Message]:
        """Yield the requests of a method that takes a stream."""
        ...

    async def write(self, response: Any) -> None:
        """Write a response."""
        ...


Handler: TypeAlias = Callable[[Call, Exchange], Awaitable[None]]
"""Runs a call to its end."""


class Interceptor(Protocol):
    """Stands around every call of a method."""

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Return a handler that awaits `proceed` or refuses; or `proceed`, if there is nothing to do."""
        ...


Check: TypeAlias = Callable[[Call, Message], None]
"""Lets a request message pass, or raises RpcError."""


class Checks(Protocol):
    """Makes the check of a method."""

    def __call__(self, method: Method) -> Check | None:
        """Return what looks at each request message of the method; None if there is nothing to look at."""
        ...


class Pipeline:
    """The interceptors, outermost first, and the checks, in order; last, the places of running calls."""

    def __init__(self, interceptors: Sequence[Interceptor], checks: Sequence[Checks], places: Places) -> None:
        self._places = places
        self._interceptors = tuple(interceptors)
        self._checks = tuple(checks)

    def handler(self, method: Method) -> Handler:
        """Fold the interceptors around a method.

        What they make raises nothing but cancellation: `call.error` tells how the call ended.
        """
        checks = [check for make in self._checks if (check := make(method)) is not None]
        handler = _invocation(method, checks, self._places)
        for interceptor in reversed(self._interceptors):
            handler = interceptor(handler, method)
        return handler


def _invocation(method: Method, checks: Sequence[Check], places: Places) -> Handler:
    """Return what reads the requests of a call, runs the method, and writes its responses."""
    pool, finish = places.of(method), places.finish
    one_request = method.kind in ("unary", "server_streaming")
    one_response = method.kind in ("unary", "client_streaming")

    async def invoke(call: Call, exchange: Exchange) -> None:
        call.in_flight = places.in_flight
        try:
            if one_request:
                request: Any = await exchange.read()
                for check in checks:
                    check(call, request)
            else:
                request = _checked(call, exchange, checks)
            if pool is not None:
                pool.enter(call)
            response = method.function(request, call)
            if one_response:
                await exchange.write(await response)
            else:
                await _write_all(response, exchange)
        finally:
            finish(call, pool)

    return invoke


async def _write_all(responses: Any, exchange: Exchange) -> None:
    try:
        async for response in responses:
            await exchange.write(response)
    finally:
        await responses.aclose()


async def _checked(call: Call, exchange: Exchange, checks: Sequence[Check]) -> AsyncIterator[Message]:
    async for request in exchange.requests():
        for check in checks:
            check(call, request)
        yield request
