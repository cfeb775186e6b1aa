"""One attempt at a call, over connectrpc's clients: Connect, gRPC-Web and gRPC."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Final, Generic, TypedDict, TypeVar, cast

from connectrpc.client import ConnectClient, ConnectClientSync, ResponseMetadata
from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.errors import ConnectError
from connectrpc.method import MethodInfo
from connectrpc.protocol import ProtocolType
from connectrpc.request import Headers
from protobuf import Message
from pyqwest import Client as HttpClient
from pyqwest import ConnectTimeout, HTTPTransport, HTTPVersion, Proxy, SyncClient, SyncHTTPTransport

from triptych_client.attempt import Attempt
from triptych_client.bounded import AsyncBoundedTransport, BoundedTransport
from triptych_client.errors import ApiError, error_of
from triptych_client.failure_texts import FailureTexts
from triptych_client.form_wire import AsyncFormWire, FormWire
from triptych_client.metadata import Metadata
from triptych_client.settings import WireSettings

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_HTTP_VERSIONS: Final = {"1.1": HTTPVersion.HTTP1, "2": HTTPVersion.HTTP2, "3": HTTPVersion.HTTP3}
# The Connect protocol has 10 digits for a deadline.
_MOST_MILLISECONDS: Final = 9_999_999_999
_MOST_TEXT: Final = 200
# The library asks the environment itself unless it is told of a proxy, if only of one that is not used.
_NO_PROXY: Final = "http://127.0.0.1"
_EVERYTHING: Final = "*,0.0.0.0/0,::/0"


class ConnectWire:
    """A connection pool of a synchronous client.

    Attributes:
        forms: Posts forms over the same connections; None where the server takes none.
    """

    def __init__(self, settings: WireSettings) -> None:
        with _checked_tls():
            self._transport = SyncHTTPTransport(**_transport_arguments(settings))
        most = settings.max_message
        http = SyncClient(self._transport if most is None else BoundedTransport(self._transport, most))
        self._client = ConnectClientSync(**_client_arguments(settings), http_client=http)
        self._texts = _texts(settings)
        self.forms = FormWire(settings.url, http, self._texts) if _has_rest(settings) else None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def unary(self, attempt: Attempt[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        with _outcome(self._texts, attempt.metadata):
            return self._client.execute_unary(request=request, **_arguments(attempt), use_get=attempt.use_get)

    def client_stream(self, attempt: Attempt[Req, Res], requests: Iterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        with _outcome(self._texts, attempt.metadata):
            return self._client.execute_client_stream(request=requests, **_arguments(attempt))

    def server_stream(self, attempt: Attempt[Req, Res], request: Req) -> Iterator[Res]:
        """Make a call of one request and many responses."""
        responses = self._client.execute_server_stream(request=request, **_arguments(attempt))
        return _each(responses, self._texts, attempt.metadata)

    def bidi_stream(self, attempt: Attempt[Req, Res], requests: Iterator[Req]) -> Iterator[Res]:
        """Make a call of many requests and many responses."""
        responses = self._client.execute_bidi_stream(request=requests, **_arguments(attempt))
        return _each(responses, self._texts, attempt.metadata)


class AsyncConnectWire:
    """A connection pool of an asynchronous client.

    Attributes:
        forms: Posts forms over the same connections; None where the server takes none.
    """

    def __init__(self, settings: WireSettings) -> None:
        with _checked_tls():
            self._transport = HTTPTransport(**_transport_arguments(settings))
        most = settings.max_message
        http = HttpClient(self._transport if most is None else AsyncBoundedTransport(self._transport, most))
        self._client = ConnectClient(**_client_arguments(settings), http_client=http)
        self._texts = _texts(settings)
        self.forms = AsyncFormWire(settings.url, http, self._texts) if _has_rest(settings) else None

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def unary(self, attempt: Attempt[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        with _outcome(self._texts, attempt.metadata):
            return await self._client.execute_unary(
                request=request, **_arguments(attempt), use_get=attempt.use_get
            )

    async def client_stream(self, attempt: Attempt[Req, Res], requests: AsyncIterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        with _outcome(self._texts, attempt.metadata):
            return await self._client.execute_client_stream(request=requests, **_arguments(attempt))

    def server_stream(self, attempt: Attempt[Req, Res], request: Req) -> AsyncGenerator[Res]:
        """Make a call of one request and many responses."""
        responses = self._client.execute_server_stream(request=request, **_arguments(attempt))
        return _each_async(responses, self._texts, attempt.metadata)

    def bidi_stream(self, attempt: Attempt[Req, Res], requests: AsyncIterator[Req]) -> AsyncGenerator[Res]:
        """Make a call of many requests and many responses."""
        responses = self._client.execute_bidi_stream(request=requests, **_arguments(attempt))
        return _each_async(responses, self._texts, attempt.metadata)


class _Arguments(TypedDict, Generic[Req, Res]):
    method: MethodInfo[Req, Res]
    headers: Headers
    timeout_ms: int | None


def _arguments(attempt: Attempt[Req, Res]) -> _Arguments[Req, Res]:
    return {
        "method": attempt.method,
        "headers": Headers(attempt.headers),
        "timeout_ms": _milliseconds(attempt.timeout),
    }


def _each(responses: Iterator[Res], texts: FailureTexts, metadata: Metadata) -> Iterator[Res]:
    response = ResponseMetadata()
    while True:
        with _outcome(texts, metadata, response):
            try:
                message = next(responses)
            except StopIteration:
                return
        yield message


async def _each_async(
    responses: AsyncIterator[Res], texts: FailureTexts, metadata: Metadata
) -> AsyncGenerator[Res]:
    response = ResponseMetadata()
    # A generator that is left early ends its request when it is closed: now, not when it is collected.
    async with aclosing(cast("AsyncGenerator[Res]", responses)):
        while True:
            with _outcome(texts, metadata, response):
                try:
                    message = await anext(responses)
                except StopAsyncIteration:
                    return
            yield message


@contextmanager
def _outcome(
    texts: FailureTexts, metadata: Metadata, response: ResponseMetadata | None = None
) -> Iterator[None]:
    """Fill the metadata, and raise an ApiError for an error of the library.

    The library tells headers by a context variable, which must not be set while a stream hands out a message.
    """
    response = response or ResponseMetadata()
    try:
        with response:
            yield
    except ConnectError as error:
        # The library turns the end of a task into an error of the call; a task must see its own end.
        if isinstance(error.__cause__, asyncio.CancelledError):
            raise error.__cause__ from None
        metadata.fill(response.headers.allitems(), response.trailers.allitems())
        raise _api_error(error, texts, metadata) from error
    metadata.fill(response.headers.allitems(), response.trailers.allitems())


def _api_error(error: ConnectError, texts: FailureTexts, metadata: Metadata) -> ApiError:
    code, message = error.code, error.message
    if isinstance(error.__cause__, ConnectTimeout):
        code, message = Code.UNAVAILABLE, "no connection in time"
    details: list[Message] = [detail._any for detail in error.details]  # noqa: SLF001 - the public way unpacks
    return error_of(code, texts.of(code, message, metadata), details, metadata)


def _milliseconds(timeout: float | None) -> int | None:
    return None if timeout is None else min(math.ceil(timeout * 1000), _MOST_MILLISECONDS)


@contextmanager
def _checked_tls() -> Iterator[None]:
    """Raise a ValueError for certificates and keys that cannot be used, in the words of our arguments."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        text = str(error)
        if "KeyMismatch" in text:
            raise ValueError("tls_key is not the key of tls_cert") from error
        if "tls_ca_cert" in text:
            raise ValueError("tls_ca holds no certificate in PEM") from error
        if "tls_cert/key" in text:
            raise ValueError("tls_cert or tls_key is not in PEM, or the key is encrypted") from error
        raise ValueError(text) from error


def _transport_arguments(settings: WireSettings) -> dict[str, Any]:
    """Return what a transport of pyqwest, of either kind, is made with."""
    return {
        "tls_ca_cert": settings.tls.ca,
        "tls_include_system_certs": settings.tls.ca is None,
        "tls_cert": settings.tls.cert,
        "tls_key": settings.tls.key,
        "http_version": _HTTP_VERSIONS[settings.http_version] if settings.http_version else None,
        "proxy": Proxy(settings.proxy or _NO_PROXY, no_proxy=None if settings.proxy else _EVERYTHING),
        # A redirect would take the token to another server.
        "follow_redirects": False,
    }


def _texts(settings: WireSettings) -> FailureTexts:
    return FailureTexts(url=settings.url, protocol=settings.protocol, proxy=settings.proxy)


def _has_rest(settings: WireSettings) -> bool:
    """Tell whether REST is served where the server is called: gRPC has a port of its own."""
    return settings.protocol is not ProtocolType.GRPC


def _client_arguments(settings: WireSettings) -> dict[str, Any]:
    return {
        "address": settings.url,
        "protocol": settings.protocol,
        "codec": _CheckedCodec(settings.codec),
        "send_compression": settings.send_compression,
        "accept_compression": settings.accept_compression,
        "read_max_bytes": settings.max_message,
    }


class _CheckedCodec:
    """A codec whose failures tell whose fault they are.

    The library takes a request that cannot be encoded for a failure of the network, which is tried again, and
    a response that cannot be decoded for a fault of the request.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.name = codec.name

    def encode(self, message: Message) -> bytes:
        """Return the bytes of a request.

        Raises:
            ConnectError: INVALID_ARGUMENT; a field does not fit.
        """
        try:
            return self._codec.encode(message)
        except Exception as error:
            raise _codec_error(Code.INVALID_ARGUMENT, "request cannot be encoded", error) from error

    def decode(self, data: bytes | bytearray, message_class: Any) -> Any:
        """Return the message of a response.

        Raises:
            ConnectError: INTERNAL; the bytes are no such message.
        """
        try:
            return self._codec.decode(data, message_class)
        except Exception as error:
            raise _codec_error(Code.INTERNAL, "response cannot be decoded", error) from error


def _codec_error(code: Code, what: str, error: Exception) -> ConnectError:
    # Texts of the codec quote what they do not like at full length.
    return ConnectError(code, f"the {what}: {str(error)[:_MOST_TEXT]}")
