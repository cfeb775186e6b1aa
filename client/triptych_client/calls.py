"""Calls of any rpc: deadlines and retries around single attempts.

The methods of the services are made of these. Use them for the rpcs of other services on the same server.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.attempt import Attempt
from triptych_client.connect_wire import AsyncConnectWire, ConnectWire
from triptych_client.errors import ApiError
from triptych_client.form import Form
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
        """Return the one attempt at a call that cannot be tried again, as a stream.

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

    All raise ApiError. Streams are never tried again, nor are forms with a file that cannot be read again.
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
        return self._tried(
            lambda attempt: self._wire.unary(attempt, request), method, timeout, headers, metadata, use_get
        )

    @property
    def takes_forms(self) -> bool:
        """Whether the server takes forms where it is called: not over gRPC, and on no channel of grpcio."""
        return self._wire.forms is not None

    def form(
        self,
        method: MethodInfo[Any, Res],
        form: Form,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Res:
        """Post a form for one response; the path of the form is the one that REST has for the method.

        Raises:
            ValueError: Forms are not taken.
        """
        forms = self._wire.forms
        if forms is None:
            raise ValueError("forms are taken over connect and grpc-web only")
        if not form.file.repeatable:
            attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
            return forms.post(attempt, form)
        return self._tried(lambda attempt: forms.post(attempt, form), method, timeout, headers, metadata)

    def _tried(
        self,
        once: Callable[[Attempt[Req, Res]], Res],
        method: MethodInfo[Req, Res],
        timeout: float | None,
        headers: HeaderItems | None,
        metadata: Metadata | None,
        use_get: bool = False,
    ) -> Res:
        """Make attempts until one succeeds or there is no other."""
        attempts = self._defaults.attempts(method, timeout)
        sent, metadata = merged(self._defaults.headers, headers), metadata or Metadata()
        while True:
            attempt = Attempt(
                method=method, timeout=attempts.start(), headers=sent, metadata=metadata, use_get=use_get
            )
            try:
                return once(attempt)
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
        return await self._tried(
            lambda attempt: self._wire.unary(attempt, request), method, timeout, headers, metadata, use_get
        )

    @property
    def takes_forms(self) -> bool:
        """Whether the server takes forms where it is called: not over gRPC, and on no channel of grpcio."""
        return self._wire.forms is not None

    async def form(
        self,
        method: MethodInfo[Any, Res],
        form: Form,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
        metadata: Metadata | None = None,
    ) -> Res:
        """Post a form for one response; the path of the form is the one that REST has for the method.

        Raises:
            ValueError: Forms are not taken.
        """
        forms = self._wire.forms
        if forms is None:
            raise ValueError("forms are taken over connect and grpc-web only")
        if not form.file.repeatable:
            attempt = self._defaults.only_attempt(method, timeout, headers, metadata)
            return await forms.post(attempt, form)
        return await self._tried(
            lambda attempt: forms.post(attempt, form), method, timeout, headers, metadata
        )

    async def _tried(
        self,
        once: Callable[[Attempt[Req, Res]], Awaitable[Res]],
        method: MethodInfo[Req, Res],
        timeout: float | None,
        headers: HeaderItems | None,
        metadata: Metadata | None,
        use_get: bool = False,
    ) -> Res:
        """Make attempts until one succeeds or there is no other."""
        attempts = self._defaults.attempts(method, timeout)
        sent, metadata = merged(self._defaults.headers, headers), metadata or Metadata()
        while True:
            attempt = Attempt(
                method=method, timeout=attempts.start(), headers=sent, metadata=metadata, use_get=use_get
            )
            try:
                return await once(attempt)
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
