"""A synchronous client that looks like an asynchronous one, so that one test serves both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf.wkt import StringValue

_END: Final = object()


class InThread:
    """Runs what a synchronous object does in a thread: its methods are awaited, its iterators are async."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if not callable(attribute):
            return InThread(attribute)
        if name.startswith("iter_") or name in {"server_stream", "bidi_stream"}:
            return lambda *args, **kwargs: _each(attribute(*_plain(args), **kwargs))

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await asyncio.to_thread(attribute, *_plain(args), **kwargs)

        return call


def _plain(args: tuple[Any, ...]) -> list[Any]:
    """Return the arguments with async iterators of values as plain ones."""
    loop = asyncio.get_running_loop()
    return [_pulled(arg, loop) if inspect.isasyncgen(arg) else arg for arg in args]


def _pulled(values: AsyncIterator[Any], loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    while (value := asyncio.run_coroutine_threadsafe(_next(values), loop).result(30)) is not _END:
        yield value


async def _next(values: AsyncIterator[Any]) -> Any:
    return await anext(values, _END)


async def _each(values: Iterator[Any]) -> AsyncIterator[Any]:
    while (value := await asyncio.to_thread(next, values, _END)) is not _END:
        yield value


def method(name: str, kind: StreamType = StreamType.UNARY) -> MethodInfo[StringValue, StringValue]:
    """Return a method that only the tests' server has."""
    return MethodInfo(
        name=name,
        service_name="triptych.test.v1.TestService",
        input=StringValue,
        output=StringValue,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=kind,
    )
