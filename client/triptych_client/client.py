"""The clients: one that waits in its thread, one for asyncio."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, Self, TypeVar

from triptych_client._generated.services import AsyncServices, Services
from triptych_client.async_calls import AsyncCalls
from triptych_client.call_defaults import CallDefaults
from triptych_client.calls import Calls
from triptych_client.connect_wire import AsyncConnectWire, ConnectWire
from triptych_client.documents import AsyncDocuments, Documents
from triptych_client.metadata import HeaderItems
from triptych_client.retry import NO_RETRIES, RetryPolicy, Timing
from triptych_client.settings import HttpVersion, Pem, Protocol, WireSettings, default_headers, wire_settings

if TYPE_CHECKING:
    import grpc

    from triptych_client.channel_wire import AsyncChannelWire, ChannelWire

DEFAULT_URL: Final = "http://127.0.0.1:8080"
DEFAULT_MAX_MESSAGE: Final = 64 * 1024 * 1024
_DEFAULT_RETRIES: Final = RetryPolicy()
_SYSTEM: Final = Timing()

Channel = TypeVar("Channel")


class _BaseClient(ABC, Generic[Channel]):
    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        protocol: Protocol = "connect",
        json: bool = False,
        timeout: float | None = 30,
        retries: RetryPolicy | None = _DEFAULT_RETRIES,
        headers: HeaderItems | None = None,
        tls_ca: Pem | None = None,
        tls_cert: Pem | None = None,
        tls_key: Pem | None = None,
        http_version: HttpVersion | None = None,
        max_message: int | None = DEFAULT_MAX_MESSAGE,
        channel: Channel | None = None,
        timing: Timing = _SYSTEM,
    ) -> None:
        """Make a client. It connects when the first call is made.

        Args:
            base_url: Where the server is; without a scheme, http is meant. If it has a path, that comes
                before those of the rpcs. The proxies of the environment are used (HTTP_PROXY, HTTPS_PROXY,
                ALL_PROXY, NO_PROXY), but not for this machine.
            token: The caller's token. None takes it from TRIPTYCH_TOKEN, or else from the file that
                TRIPTYCH_TOKEN_FILE names; empty, or no variable, sends none.
            protocol: "connect", "grpc-web" or "grpc".
            json: Whether messages travel as JSON; else in binary.
            timeout: The seconds that a call may take if it does not say; None for no end.
            retries: When to try again; None for never.
            headers: Sent with each call. An `authorization` counts more than the token.
            tls_ca: The PEM certificates that the server's must be signed by; those of the system if None.
            tls_cert: The PEM certificate to show to the server, and its chain.
            tls_key: The PEM key of that certificate.
            http_version: None takes 2 for gRPC, which takes no other, and else 1.1, or over TLS the best that
                both sides have.
            max_message: The largest response in bytes, decompressed, or the largest message of a stream; None
                for any. A channel has a limit of its own.
            channel: A channel of grpcio (for AsyncClient, of grpc.aio) to make the calls on, over gRPC; what
                else is told of the connection does not count. It is not closed with the client.
            timing: Where time and chance come from.

        Raises:
            ValueError: An argument makes no sense.
            OSError: A file cannot be read.
        """
        defaults = CallDefaults(
            headers=default_headers(token, headers),
            timeout=timeout,
            retries=retries or NO_RETRIES,
            timing=timing,
        )
        if channel is not None:
            self._open_channel(channel, defaults)
            return
        settings = wire_settings(
            base_url,
            protocol=protocol,
            json=json,
            http_version=http_version,
            max_message=max_message,
            tls_ca=tls_ca,
            tls_cert=tls_cert,
            tls_key=tls_key,
        )
        self._open(settings, defaults)

    @abstractmethod
    def _open(self, settings: WireSettings, defaults: CallDefaults) -> None: ...

    @abstractmethod
    def _open_channel(self, channel: Channel, defaults: CallDefaults) -> None: ...


class Client(_BaseClient["grpc.Channel"], Services):
    """A client that waits in the thread that calls. Threads may share one; its connections are used again.

    It has an attribute for each service, as `Services` lists them.

    Attributes:
        documents: factify.api.v1beta.DocumentService, and uploads.
    """

    def _open(self, settings: WireSettings, defaults: CallDefaults) -> None:
        self._use(ConnectWire(settings), defaults)

    def _open_channel(self, channel: grpc.Channel, defaults: CallDefaults) -> None:
        from triptych_client.channel_wire import ChannelWire  # noqa: PLC0415 - grpcio is slow to import

        self._use(ChannelWire(channel), defaults)

    def _use(self, wire: ConnectWire | ChannelWire, defaults: CallDefaults) -> None:
        self._wire = wire
        self._use_calls(Calls(wire, defaults))
        self.documents: Documents = Documents(self.calls)

    def close(self) -> None:
        """Close the connections. The client can make no more calls."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_BaseClient["grpc.aio.Channel"], AsyncServices):
    """A client for asyncio. Tasks may share one; its connections are used again.

    It has an attribute for each service, as `AsyncServices` lists them.

    Attributes:
        documents: factify.api.v1beta.DocumentService, and uploads.
    """

    def _open(self, settings: WireSettings, defaults: CallDefaults) -> None:
        self._use(AsyncConnectWire(settings), defaults)

    def _open_channel(self, channel: grpc.aio.Channel, defaults: CallDefaults) -> None:
        from triptych_client.channel_wire import AsyncChannelWire  # noqa: PLC0415 - grpcio is slow to import

        self._use(AsyncChannelWire(channel), defaults)

    def _use(self, wire: AsyncConnectWire | AsyncChannelWire, defaults: CallDefaults) -> None:
        self._wire = wire
        self._use_calls(AsyncCalls(wire, defaults))
        self.documents: AsyncDocuments = AsyncDocuments(self.calls)

    async def close(self) -> None:
        """Close the connections. The client can make no more calls."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
