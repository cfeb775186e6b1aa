"""Methods that only the tests mount: every call kind, every code, and what goes wrong inside a method."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from protobuf import Message
from protobuf.wkt import StringValue, Timestamp

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Kind, Method

SERVICE = "triptych.test.v1.TestService"


async def unary(request: StringValue, call: Call) -> StringValue:
    """Echo; `code:<name>` fails, `sleep` waits for the deadline, `boom` raises what is not expected."""
    if request.value.startswith("code:"):
        raise RpcError(Code[request.value.removeprefix("code:").upper()], "as asked for")
    if request.value == "sleep":
        await asyncio.Event().wait()
    if request.value == "boom":
        raise ZeroDivisionError("secret inner text")
    call.response_headers.append(("x-echo", call.header("x-ask") or ""))
    return StringValue(value=request.value)


async def echo_time(request: Timestamp, call: Call) -> Timestamp:
    """Echo an instant."""
    return Timestamp(seconds=request.seconds, nanos=request.nanos)


async def client_streaming(requests: AsyncIterator[StringValue], call: Call) -> StringValue:
    """Join what comes."""
    return StringValue(value=",".join([request.value async for request in requests]))


async def server_streaming(request: StringValue, call: Call) -> AsyncIterator[StringValue]:
    """Send each letter; fail after that if the last one is `!`."""
    for letter in request.value:
        yield StringValue(value=letter)
    if request.value.endswith("!"):
        raise RpcError(Code.DATA_LOSS, "as asked for")


async def bidi_streaming(requests: AsyncIterator[StringValue], call: Call) -> AsyncIterator[StringValue]:
    """Echo each message."""
    async for request in requests:
        yield StringValue(value=request.value.upper())


def _method(name: str, kind: Kind, function: Any, message: type[Message] = StringValue) -> Method:
    return Method(
        service=SERVICE,
        name=name,
        kind=kind,
        input=message,
        output=message,
        no_side_effects=True,
        needs_token=False,
        function=function,
    )


TEST_METHODS = [
    _method("Unary", "unary", unary),
    _method("Time", "unary", echo_time, Timestamp),
    _method("ClientStreaming", "client_streaming", client_streaming),
    _method("ServerStreaming", "server_streaming", server_streaming),
    _method("BidiStreaming", "bidi_streaming", bidi_streaming),
]
