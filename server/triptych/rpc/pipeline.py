"""What happens to every call, whatever its transport and kind, in one order.

observe -> limit -> catch unexpected errors -> deadline -> authenticate
        -> read and parse -> authorise -> validate -> the service's method

An interceptor stands around the call and knows its headers only: all of them have started before a transport
reads a byte of the body. A check sees each request message once it is parsed. Reading and parsing are the
transport's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from protobuf import Message

from triptych.errors import RpcError
from triptych.rpc.call import Call


class Interceptor(Protocol):
    """Stands around every call."""

    async def start(self, call: Call) -> None:
        """Act on the headers.

        Raises:
            RpcError: The call goes no further.
        """
        ...

    def finish(self, call: Call, error: BaseException | None) -> BaseException | None:
        """Act on the end of the call: return what it ended with, which may be another error than given.

        It is called for each interceptor of a call that was started, also for those whose own start was not
        reached because one before it raised.
        """
        ...


class Check(Protocol):
    """Looks at every request message."""

    def __call__(self, call: Call, request: Message) -> None:
        """Let the message pass.

        Raises:
            RpcError: The call goes no further.
        """
        ...


class Pipeline:
    """The interceptors, outermost first, and the checks, in order."""

    def __init__(self, interceptors: Sequence[Interceptor], checks: Sequence[Check]) -> None:
        self._starts = tuple(interceptor.start for interceptor in interceptors)
        self._finishes = tuple(interceptor.finish for interceptor in reversed(interceptors))
        self._checks = tuple(checks)

    async def start(self, call: Call) -> None:
        """Start a call, before its body is read. Whatever comes of it, `finish` must follow, once.

        Raises:
            RpcError: The call is refused.
        """
        for start in self._starts:
            await start(call)

    def finish(self, call: Call, error: BaseException | None) -> RpcError | None:
        """End a call and tell what the client is to see; None if it succeeded."""
        for finish in self._finishes:
            error = finish(call, error)
        if error is None or isinstance(error, RpcError):
            return error
        raise error

    async def unary(self, call: Call, request: Message) -> Message:
        """Check the request and run a unary method."""
        self._check(call, request)
        response: Message = await call.method.function(request, call)
        return response

    async def client_streaming(self, call: Call, requests: AsyncIterator[Message]) -> Message:
        """Run a client-streaming method, checking each request as the method takes it."""
        response: Message = await call.method.function(self._checked(call, requests), call)
        return response

    def server_streaming(self, call: Call, request: Message) -> AsyncIterator[Message]:
        """Check the request and run a server-streaming method."""
        self._check(call, request)
        responses: AsyncIterator[Message] = call.method.function(request, call)
        return responses

    def bidi_streaming(self, call: Call, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        """Run a bidirectional method, checking each request as the method takes it."""
        responses: AsyncIterator[Message] = call.method.function(self._checked(call, requests), call)
        return responses

    def _check(self, call: Call, request: Message) -> None:
        for check in self._checks:
            check(call, request)

    async def _checked(self, call: Call, requests: AsyncIterator[Any]) -> AsyncIterator[Message]:
        async for request in requests:
            self._check(call, request)
            yield request
