"""Triptych in this process, over a store that holds the data: calls go all the way but the socket."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

from bench.connection import Transport, connection
from bench.errors import BenchError
from bench.load.http1 import Http1Request, body_of
from bench.scale.cases import DOCUMENTS, Case, Who
from bench.scale.data import TOKENS, document_id, uuid
from triptych.app.lifecycle import Application
from triptych.config import Settings
from triptych.documents import lists as documents
from triptych.documents.lists import Cursor
from triptych.observability.logs import CallLogger
from triptych.paging import PageTokens
from triptych.projects import lists as projects
from triptych.rpc.call import Call, Caller
from triptych.store.base import Store
from triptych.store.queries import Position
from triptych.store.records import SubjectRef
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.project_service_pb import ListProjectsRequest

_GET = "/factify.api.v1beta.DocumentService/GetDocument"


@dataclass(frozen=True)
class _Method:
    path: str


@dataclass(frozen=True)
class _Bound:
    """What a page token is bound to of a call."""

    method: _Method
    caller: Caller


class Connection:
    """An open connection: one call at a time."""

    def __init__(self, application: Any) -> None:
        self._transport = Transport()
        self._protocol = connection(application)
        self._protocol.connection_made(self._transport)

    async def ask(self, request: bytes) -> tuple[float, dict[str, Any]]:
        """Make a call; return the seconds that it took, and its answer.

        Raises:
            BenchError: It failed.
        """
        self._transport.start()
        began = perf_counter()
        self._protocol.data_received(request)  # type: ignore[attr-defined]
        await self._transport.answered
        took = perf_counter() - began
        response = bytes(self._transport.written)
        if not response.startswith(b"HTTP/1.1 200 "):
            raise BenchError(f"a bad answer to {request!r}: {response[:1000]!r}")
        answer: dict[str, Any] = json.loads(body_of(response) or b"{}")
        return took, answer

    def close(self) -> None:
        """Close it."""
        self._protocol.connection_lost(None)


class Service:
    """A server.

    Attributes:
        start_seconds: How long it took until it could take calls.
    """

    def __init__(self, application: Any, key: bytes, start_seconds: float) -> None:
        self._application = application
        self._tokens = PageTokens(key)
        self.start_seconds = start_seconds

    def connect(self) -> Connection:
        """Open a connection."""
        return Connection(self._application)

    def request(self, case: Case) -> bytes:
        """Return the request for a page."""
        request = case.request
        if case.start is not None:
            token = self._token(case)
            request = request | (
                {"pageToken": token} if case.path == DOCUMENTS else {"pagination": {"token": token}}
            )
        return _post(case.path, case.who, request)

    def get(self, number: int) -> bytes:
        """Return the request for a document by its number."""
        return _post(_GET, "administrator", {"documentId": document_id(number)})

    def _token(self, case: Case) -> str:
        subject = SubjectRef(uuid(1, case.who == "member"), Principal.USER)
        caller = Caller(subject, uuid(0, 1), case.who == "administrator", False)
        call = cast("Call", _Bound(_Method(case.path), caller))
        text = json.dumps(case.request)
        if isinstance(case.start, Cursor):
            query = documents.query_of(ListDocumentsRequest.from_json(text), caller)
            return self._tokens.seal(call, documents.fingerprint(query), case.start.values())
        assert isinstance(case.start, Position)
        bound = projects.fingerprint(
            projects.query_of(ListProjectsRequest.from_json(text), caller.organization_id)
        )
        return self._tokens.make(call, bound, case.start)


@asynccontextmanager
async def serving(store: Store) -> AsyncIterator[Service]:
    """Run a server over a store until the end of the block; the store is closed then."""
    log = CallLogger(io.StringIO(), text=False, level=logging.WARNING)
    began = perf_counter()
    app = Application(Settings(max_concurrency=1000), log, store=store)
    await app.load()
    application = (await app.open(8080)).http
    took = perf_counter() - began
    try:
        yield Service(application, await store.secret_key("page-tokens"), took)
    finally:
        await app.finish()


def _post(path: str, who: Who, request: dict[str, Any]) -> bytes:
    headers = {"authorization": f"Bearer {TOKENS[who]}", "content-type": "application/json"}
    return Http1Request(f"POST {path}", headers, json.dumps(request).encode()).wire()
