"""Calls of any rpc in coroutines: deadlines and retries around single attempts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.attempt import Attempt
from triptych_client.call_defaults import CallDefaults
from triptych_client.connect_wire import AsyncConnectWire
from triptych_client.errors import ApiError
from triptych_client.form import Form
from triptych_client.metadata import HeaderItems, Metadata, merged
from triptych_client.request_fields import checked_request

if TYPE_CHECKING:
    from triptych_client.channel_wire import AsyncChannelWire

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


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
        request = checked_request(method.input, request)
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
        request = checked_request(method.input, request)
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
