"""One way to write a check for the clients of the SDK, sync and async, with and without GET."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable, signature
from typing import Any

import pytest
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo
from gitpod.v1.pagination_pb2 import PaginationRequest
from google.protobuf.wrappers_pb2 import StringValue

TEST_METHOD = MethodInfo(
    name="Unary",
    service_name="triptych.test.v1.TestService",
    input=StringValue,
    output=StringValue,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
)


@dataclass(frozen=True)
class Service:
    """The calls of one of the SDK's generated clients, `await service.get_user(request)`.

    With `get`, those that the SDK can send by GET are; an async client has its token in `headers`.
    """

    client: Any
    get: bool = False
    headers: dict[str, str] | None = None

    def __getattr__(self, rpc: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self.client, rpc)
        by_get = {"use_get": True} if self.get and "use_get" in signature(method).parameters else {}

        async def call(request: Any, headers: dict[str, str] | None = None, **options: Any) -> Any:
            headers = {**(self.headers or {}), **(headers or {})}
            response = method(request, headers=headers, **by_get, **options)
            return await response if isawaitable(response) else response

        return call

    async def echo(self, text: str, headers: dict[str, str] | None = None, **options: Any) -> str:
        """Call the method that the server has for tests: `code:<name>` fails, other text comes back."""
        response = self.client.execute_unary(
            request=StringValue(value=text), method=TEST_METHOD, headers=headers, use_get=self.get, **options
        )
        return (await response if isawaitable(response) else response).value


@dataclass(frozen=True)
class Api:
    """Both services, for one caller."""

    user: Service
    project: Service


async def failure(response: Awaitable[Any]) -> ConnectError:
    """Return the error that a call ends with."""
    with pytest.raises(ConnectError) as caught:
        await response
    return caught.value


async def pages(call: Callable[..., Awaitable[Any]], request: Any, size: int = 0) -> list[Any]:
    """Return the responses up to the last page; the SDK leaves the tokens to its user."""
    request.pagination.CopyFrom(PaginationRequest(page_size=size))
    responses = []
    while True:
        responses.append(await call(request))
        request.pagination.token = responses[-1].pagination.next_token
        if not request.pagination.token:
            return responses
