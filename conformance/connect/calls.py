"""One call of a conformance client: made as the request says, cancelled when it says so."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any, Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf import DescMethod, Oneof
from protobuf.wkt import Any as PackedMessage

from triptych_api.connectrpc.conformance.v1 import config_pb, service_pb
from triptych_api.connectrpc.conformance.v1.client_compat_pb import ClientCompatRequest, ClientResponseResult
from triptych_api.connectrpc.conformance.v1.service_pb import ConformancePayload, Error, Header
from triptych_client.async_calls import AsyncCalls
from triptych_client.calls import Calls
from triptych_client.errors import ApiError
from triptych_client.metadata import Metadata


def _method_info(method: DescMethod) -> MethodInfo[Any, Any]:
    return MethodInfo(
        name=method.name,
        service_name=method.parent.type_name,
        input=method.input.type,
        output=method.output.type,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY,
    )


_METHODS: Final = {method.name: _method_info(method) for method in service_pb.desc().services[0].methods}


class _Call:
    """What a call in a coroutine and one in a thread have in common."""

    def __init__(self, request: ClientCompatRequest) -> None:
        self._request = request
        self._method = _METHODS[request.method or ""]
        self._full_duplex = request.stream_type is config_pb.StreamType.FULL_DUPLEX_BIDI_STREAM
        self._delay = request.request_delay_ms / 1000
        self._metadata = Metadata()
        self._payloads: list[ConformancePayload] = []
        self._sent = 0

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "headers": [(h.name, value) for h in self._request.request_headers for value in h.value],
            "metadata": self._metadata,
        }
        if self._request.has_field("timeout_ms"):
            options["timeout"] = self._request.timeout_ms / 1000
        return options

    def _messages(self) -> Iterator[Any]:
        for request in self._request.request_messages:
            yield request.unpack(self._method.input)
            self._sent += 1

    def _keep(self, response: Any) -> None:
        self._payloads.append(response.payload or ConformancePayload())

    def _result(self, error: Error | None) -> ClientResponseResult:
        return ClientResponseResult(
            response_headers=_headers(self._metadata.headers),
            payloads=self._payloads,
            error=error,
            response_trailers=_headers(self._metadata.trailers),
            num_unsent_requests=len(self._request.request_messages) - self._sent,
        )


class AsyncCall(_Call):
    """A call in a coroutine. It is cancelled as any task is."""

    def __init__(self, calls: AsyncCalls, request: ClientCompatRequest) -> None:
        super().__init__(request)
        self._calls = calls
        self._answered = asyncio.Semaphore(0)
        self._task: asyncio.Task[None] | None = None
        self._cancel_before_close = False
        self._cancel_after_close: float | None = None
        self._cancel_after_responses = 0
        match request.cancel and request.cancel.cancel_timing:
            case Oneof(field="before_close_send"):
                self._cancel_before_close = True
            case Oneof(field="after_num_responses", value=int(number)):
                self._cancel_after_responses = number
            case Oneof(field="after_close_send_ms", value=int(milliseconds)):
                self._cancel_after_close = milliseconds / 1000
            case _ if request.cancel is not None:
                self._cancel_after_close = 0

    async def result(self) -> ClientResponseResult:
        """Make the call and tell how it went."""
        self._task = asyncio.create_task(self._make())
        try:
            await self._task
        except ApiError as failure:
            return self._result(_error(failure))
        except asyncio.CancelledError:
            return self._result(Error(code=config_pb.Code.CANCELED, message="cancelled"))
        return self._result(None)

    async def _make(self) -> None:
        options = self._options()
        match self._request.stream_type:
            case config_pb.StreamType.UNARY:
                get = self._request.use_get_http_method
                self._keep(await self._calls.unary(self._method, self._single(), use_get=get, **options))
            case config_pb.StreamType.CLIENT_STREAM:
                self._keep(await self._calls.client_stream(self._method, self._requests(), **options))
            case config_pb.StreamType.SERVER_STREAM:
                await self._receive(self._calls.server_stream(self._method, self._single(), **options))
            case _:
                await self._receive(self._calls.bidi_stream(self._method, self._requests(), **options))

    def _single(self) -> Any:
        (request,) = self._messages()
        self._closed()
        return request

    async def _requests(self) -> AsyncIterator[Any]:
        for request in self._messages():
            await asyncio.sleep(self._delay)
            yield request
            if self._full_duplex:
                await self._answered.acquire()
        if self._cancel_before_close:
            self._cancel()
            await asyncio.Event().wait()
        self._closed()

    def _closed(self) -> None:
        if self._cancel_after_close is not None:
            asyncio.get_running_loop().call_later(self._cancel_after_close, self._cancel)

    async def _receive(self, responses: Any) -> None:
        async with aclosing(responses):
            async for response in responses:
                self._keep(response)
                self._answered.release()
                if len(self._payloads) == self._cancel_after_responses:
                    self._cancel()

    def _cancel(self) -> None:
        assert self._task is not None
        self._task.cancel()


class SyncCall(_Call):
    """A call in a thread. It cannot be cancelled."""

    def __init__(self, calls: Calls, request: ClientCompatRequest) -> None:
        super().__init__(request)
        self._calls = calls
        self._answered = threading.Semaphore(0)
        self._over = False

    def result(self) -> ClientResponseResult:
        """Make the call and tell how it went."""
        try:
            self._make()
        except ApiError as failure:
            return self._result(_error(failure))
        finally:
            self._over = True
            self._answered.release()
        return self._result(None)

    def _make(self) -> None:
        options = self._options()
        match self._request.stream_type:
            case config_pb.StreamType.UNARY:
                (request,) = self._messages()
                get = self._request.use_get_http_method
                self._keep(self._calls.unary(self._method, request, use_get=get, **options))
            case config_pb.StreamType.CLIENT_STREAM:
                self._keep(self._calls.client_stream(self._method, self._requests(), **options))
            case config_pb.StreamType.SERVER_STREAM:
                (request,) = self._messages()
                self._receive(self._calls.server_stream(self._method, request, **options))
            case _:
                self._receive(self._calls.bidi_stream(self._method, self._requests(), **options))

    def _requests(self) -> Iterator[Any]:
        for request in self._messages():
            time.sleep(self._delay)
            yield request
            if self._full_duplex:
                self._answered.acquire()
            if self._over:
                return

    def _receive(self, responses: Iterator[Any]) -> None:
        for response in responses:
            self._keep(response)
            self._answered.release()


def _error(failure: ApiError) -> Error:
    details = [d if isinstance(d, PackedMessage) else PackedMessage.pack(d) for d in failure.details]
    return Error(code=config_pb.Code[failure.code.name], message=failure.message, details=details)


def _headers(pairs: list[tuple[str, str]]) -> list[Header]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return [Header(name=name, value=value) for name, value in values.items()]
