"""Calls of any rpc: deadlines and retries around single attempts.

The methods of the services are made of these. Use them for the rpcs of other services on the same server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from connectrpc.method import MethodInfo
from protobuf import Message

from triptych_client.attempt import Attempt
from triptych_client.call_defaults import CallDefaults
from triptych_client.connect_wire import ConnectWire
from triptych_client.errors import ApiError
from triptych_client.form import Form
from triptych_client.metadata import HeaderItems, Metadata, merged
from triptych_client.request_fields import checked_request

if TYPE_CHECKING:
    from triptych_client.channel_wire import ChannelWire

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)


class Calls:
    """Makes calls, and waits for them.

    The arguments that all of its methods share:

    - method: What is called.
    - timeout: The seconds that the call may take, retries included: the client's default if None, no end if
      infinite. The server is told how long each attempt has.
    - headers: More headers; one that the client would send by itself is replaced.
    - metadata: Filled with headers and trailers of the response when the call ends, also with an error.

    All raise ApiError, and TypeError for a request that is not the method's message. Streams are never tried
    again, nor are forms with a file that cannot be read again.
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
        request = checked_request(method.input, request)
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
        request = checked_request(method.input, request)
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
