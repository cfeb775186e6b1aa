"""Calls of any rpc: deadlines and retries around single attempts.

The methods of the services are made of these. Use them for the rpcs of other services on the same server.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.attempt import Attempt
from triptych_client.connect_wire import AsyncConnectWire, ConnectWire
from triptych_client.errors import ApiError
from triptych_client.metadata import HeaderItems, Metadata, merged
from triptych_client.retry import Attempts, RetryPolicy, Timing
from triptych_client.settings import seconds

if TYPE_CHECKING:
    from triptych_client.channel_wire import AsyncChannelWire, ChannelWire

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDefaults:
    """What every call of a client has in common.

    Attributes:
        headers: Sent with each call, unless the call gives its own of the same name.
        timeout: The seconds that a call may take if it does not say; None for no end.
        retries: When to try again.
        timing: Where time and chance come from.
    """

    headers: list[tuple[str, str]] = field(repr=False)
    timeout: float | None
    retries: RetryPolicy
    timing: Timing

    def attempts(self, method: MethodInfo[Req, Res], timeout: float | None) -> Attempts:
        """Start the clock of a call; its timeout is the default if None."""
        given = self.timeout if timeout is None else timeout
        return Attempts(self.retries, self.timing, method, seconds(given))

    def only_attempt(
        self,
        method: MethodInfo[Req, Res],
        timeout: float | None,
        headers: HeaderItems | None,
        metadata: Metadata | None,
    ) -> Attempt[Req, Res]:
        """Return the one attempt at a stream.

        Raises:
            DeadlineExceededError: The timeout is not positive.
        """
        left = self.attempts(method, timeout).start()
        sent = merged(self.headers, headers)
        return Attempt(method=method, timeout=left, headers=sent, metadata=metadata or Metadata())


class Calls:
    """Makes calls, and waits for them.

    The arguments that all of its methods share:

    - method: What is called.
    - timeout: The seconds that the call may take, retries included: the client's default if None, no end if
      infinite. The server is told how long each attempt has.
    - headers: More headers; one that the client would send by itself is replaced.
    - metadata: Filled with headers and trailers of the response when the call ends, also with an error.

    All raise ApiError. Streams are never tried again.
    """

    def __init__(self, wire: ConnectWire | ChannelWire, defaults: CallDefaults) -> None:
        self._wire = wire
        self._defaults = defaults

    def unary(
        self,
        method: MethodInfo[Req, Res],
        request: Req,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
        use_get: bool = False,
    ) -> Res:
        """Send one request for one response, in the URL if `use_get` (Connect only)."""
        attempts = self._defaults.attempts(method, timeout)
        sent, metadata = merged(self._defaults.headers, headers), metadata or Metadata()
        while True:
            attempt = Attempt(
                method=method, timeout=attempts.start(), headers=sent, metadata=metadata, use_get=use_get
            )
            try:
                return self._wire.unary(attempt, request)
            except ApiError as error:
                wait = attempts.wait(error)
            self._defaults.timing.sleep(wait)

    def client_stream(
        self,
        method: MethodInfo[Req, Res],
        requests: Iterator[Req],
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Res:
        """Send many requests for one response."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return self._wire.client_stream(attempt, requests)

    def server_stream(
        self,
        method: MethodInfo[Req, Res],
        request: Req,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Iterator[Res]:
        """Send one request for many responses."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return self._wire.server_stream(attempt, request)

    def bidi_stream(
        self,
        method: MethodInfo[Req, Res],
        requests: Iterator[Req],
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Iterator[Res]:
        """Send many requests for many responses."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return self._wire.bidi_stream(attempt, requests)


class AsyncCalls:
    """Makes calls in coroutines. The arguments are those of Calls.

    A stream is a generator: close it (contextlib.aclosing) to end the call early.
    """

    def __init__(self, wire: AsyncConnectWire | AsyncChannelWire, defaults: CallDefaults) -> None:
        self._wire = wire
        self._defaults = defaults

    async def unary(
        self,
        method: MethodInfo[Req, Res],
        request: Req,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
        use_get: bool = False,
    ) -> Res:
        """Send one request for one response, in the URL if `use_get` (Connect only)."""
        attempts = self._defaults.attempts(method, timeout)
        sent, metadata = merged(self._defaults.headers, headers), metadata or Metadata()
        while True:
            attempt = Attempt(
                method=method, timeout=attempts.start(), headers=sent, metadata=metadata, use_get=use_get
            )
            try:
                return await self._wire.unary(attempt, request)
            except ApiError as error:
                wait = attempts.wait(error)
            await self._defaults.timing.async_sleep(wait)

    async def client_stream(
        self,
        method: MethodInfo[Req, Res],
        requests: AsyncIterator[Req],
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Res:
        """Send many requests for one response."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return await self._wire.client_stream(attempt, requests)

    def server_stream(
        self,
        method: MethodInfo[Req, Res],
        request: Req,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> AsyncGenerator[Res]:
        """Send one request for many responses."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return self._wire.server_stream(attempt, request)

    def bidi_stream(
        self,
        method: MethodInfo[Req, Res],
        requests: AsyncIterator[Req],
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> AsyncGenerator[Res]:
        """Send many requests for many responses."""
        attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
        return self._wire.bidi_stream(attempt, requests)
