"""A server of a test's own."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from triptych.app.lifecycle import App
from triptych.clock import Clock
from triptych.config import Settings
from triptych.observability import logs
from triptych.rpc.methods import Method, ServiceBinding
from triptych.store.base import Store


def make_app(
    methods: Sequence[Method] = (),
    bindings: Sequence[ServiceBinding] = (),
    store: Store | None = None,
    clock: Clock | None = None,
    **settings: Any,
) -> App:
    """Return a server on free ports that logs nothing; its token is `secret` unless settings say else."""
    values = {"http_port": 0, "grpc_port": 0, "token": "secret", "shutdown_grace": 1, **settings}
    call_logger = logs.CallLogger(io.StringIO(), text=False, level=100)
    return App(Settings(**values), call_logger, store=store, clock=clock, methods=methods, bindings=bindings)


@asynccontextmanager
async def running_app(
    methods: Sequence[Method] = (), bindings: Sequence[ServiceBinding] = (), **settings: Any
) -> AsyncIterator[App]:
    """Run such a server until the end of the block."""
    app = make_app(methods, bindings, **settings)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()
