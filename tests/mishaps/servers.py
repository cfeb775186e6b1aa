"""A server over a store that things happen to, called over every transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import grpc
import httpx
from connectrpc.protocol import ProtocolType

from support.api import Api, CallError, ConnectTransport, GrpcTransport
from support.apps import running_app
from support.http import new_http_client
from support.rest import RestTransport
from triptych.app.lifecycle import App
from triptych.clock import Clock
from triptych.store.opening import make_store

_READY = 2
NUMBERS = count(1)


@dataclass(frozen=True)
class Watched:
    """A server, and an administrator's calls to it by transport."""

    app: App
    callers: Mapping[str, Api]
    http: httpx.AsyncClient

    @property
    def one(self) -> Api:
        """A caller of whichever transport."""
        return self.callers["connect"]

    async def create(self, caller: Api | None = None) -> str:
        """Create a document; return its id."""
        title = f"document {next(NUMBERS)}"
        response = await (caller or self.one).CreateDocument(title=title, payload=b"# text", file_name="a.md")
        return str(response.document.id)

    async def processed(self, id: str) -> None:
        """Wait until a document is processed."""
        async with asyncio.timeout(60):
            while (await self.one.GetDocument(document_id=id)).document.processing_status != _READY:
                pass

    async def create_everywhere(self) -> dict[str, str]:
        """Create a document over each transport; return how that ended: "ok", or the code."""
        found = {}
        for name, caller in self.callers.items():
            try:
                await self.create(caller)
                found[name] = "ok"
            except CallError as error:
                found[name] = error.code
        return found

    async def titles(self) -> set[str]:
        """Return the titles of all documents."""
        return {document.title for document in (await self.one.ListDocuments(page_size=100)).items}

    async def ready(self) -> bool:
        """Tell whether the server says so."""
        alive = await self.http.get("/healthz")
        assert alive.status_code == 200, "that the store is away is no reason to start it again"
        return (await self.http.get("/readyz")).status_code == 200

    async def becomes(self, *, ready: bool) -> None:
        """Wait until the server says that it is ready, or is not."""
        async with asyncio.timeout(60):
            while await self.ready() is not ready:
                pass


@asynccontextmanager
async def watched(store: str, clock: Clock | None = None) -> AsyncIterator[Watched]:
    """Run a server over a store until the end of the block."""
    async with running_app(store=make_store(store), clock=clock) as app:
        url = f"http://127.0.0.1:{app.http.port}"
        async with (
            new_http_client(base_url=url) as http,
            grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
        ):
            transports = {
                "grpc": GrpcTransport(channel),
                "grpc-web": ConnectTransport(url, ProtocolType.GRPC_WEB, "proto"),
                "connect": ConnectTransport(url, ProtocolType.CONNECT, "proto"),
                "connect-json": ConnectTransport(url, ProtocolType.CONNECT, "json"),
                "rest": RestTransport(http),
            }
            yield Watched(app, {name: Api(each, "secret") for name, each in transports.items()}, http)
