"""One request message in, one response out, over HTTP: what Connect's plain unary calls and REST share."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeVar

from protobuf import Message

from triptych.errors import Code, RpcError, too_large
from triptych.rpc.call import Call
from triptych.rpc.pipeline import Pipeline
from triptych.transport.http.asgi import Receive

ResultT = TypeVar("ResultT")


async def run_unary(
    pipeline: Pipeline,
    call: Call,
    receive: Receive,
    read: Callable[[], Awaitable[Message]],
    write: Callable[[Message], bytes],
) -> bytes | RpcError:
    """Run a unary call and return the body of its response, or the error that the client is to see.

    Args:
        pipeline: What every call goes through.
        call: The call; cut off at its deadline.
        receive: The request; watched for the client going away while the method runs.
        read: Reads the request message. Called once the headers have been looked at.
        write: Writes the response message.
    """
    try:
        if call.deadline is None:
            body = await _run(pipeline, call, receive, read, write)
        else:
            async with asyncio.timeout_at(call.deadline):
                body = await _run(pipeline, call, receive, read, write)
    except Exception as error:
        return _error(pipeline.finish(call, error))
    except asyncio.CancelledError as error:
        pipeline.finish(call, error)
        raise
    pipeline.finish(call, None)
    return body


async def read_body(receive: Receive, limit: int) -> bytes:
    """Read the whole body of a request.

    Raises:
        RpcError: RESOURCE_EXHAUSTED beyond `limit` bytes, CANCELED if the client goes away before the end.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise client_gone()
        chunk = event.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        if not event.get("more_body"):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


def client_gone() -> RpcError:
    """Return the error of a call whose client went away; only the log sees it."""
    return RpcError(Code.CANCELED, "the client went away")


async def _run(
    pipeline: Pipeline,
    call: Call,
    receive: Receive,
    read: Callable[[], Awaitable[Message]],
    write: Callable[[Message], bytes],
) -> bytes:
    await pipeline.start(call)
    request = await read()
    body = write(await _unless_gone(pipeline.unary(call, request), receive))
    call.response_bytes = len(body)
    return body


@types.coroutine
def _unless_gone(work: Coroutine[Any, None, ResultT], receive: Receive) -> Generator[Any, None, ResultT]:
    """Await the work, and end it when the client goes away.

    Most methods never wait for anything: the watch starts when the work first does, so that they do not pay
    for it. That is seen by stepping the work by hand, as `await` does.
    """
    try:
        waiting_for = work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return] # what a coroutine returns
    working = asyncio.current_task()
    watching = asyncio.create_task(_cancel_when_gone(working, receive))
    try:
        while True:
            try:
                yield waiting_for
            except BaseException as error:
                waiting_for = work.throw(error)
            else:
                waiting_for = work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return] # what a coroutine returns
    except asyncio.CancelledError:
        if watching.done() and working is not None and working.uncancel() == 0:
            raise client_gone() from None
        raise
    finally:
        watching.cancel()


async def _cancel_when_gone(working: asyncio.Task[Any] | None, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if working is not None:
        working.cancel()


def _error(error: RpcError | None) -> RpcError:
    return error or RpcError(Code.INTERNAL, "internal error")
