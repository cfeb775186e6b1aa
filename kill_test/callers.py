"""Clients that call over each transport, and tell what they know of the outcome."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
from connectrpc.code import Code

from kill_test.ledger import Outcome
from triptych_api.factify.api.v1beta.document_pb import Document
from triptych_api.factify.api.v1beta.document_service_pb import (
    CreateDocumentRequest,
    CreateDocumentResponse,
    TrashDocumentRequest,
    TrashDocumentResponse,
    UntrashDocumentRequest,
    UntrashDocumentResponse,
    UpdateDocumentRequest,
    UpdateDocumentResponse,
)
from triptych_client import ApiError, AsyncClient

TRANSPORTS: Final = ("connect", "connect-json", "grpc-web", "grpc", "rest")

_NOT_WRITTEN: Final = "the store is not available"
_UNKNOWN: Final = "outcome unknown"
_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        outcome: What is known of the call.
        response: The response, if it is acknowledged.
        fault: What the server should not have said; empty if there is nothing to find fault with.
        told: Whether the server told that the outcome is unknown; otherwise there was no answer.
    """

    outcome: Outcome
    response: Any = None
    fault: str = ""
    told: bool = False


class Documents(Protocol):
    """The calls of documents that write."""

    async def create_document(self, request: CreateDocumentRequest) -> CreateDocumentResponse: ...

    async def update_document(self, request: UpdateDocumentRequest) -> UpdateDocumentResponse: ...

    async def trash_document(self, request: TrashDocumentRequest) -> TrashDocumentResponse: ...

    async def untrash_document(self, request: UntrashDocumentRequest) -> UntrashDocumentResponse: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one transport."""

    client: AsyncClient
    documents: Documents


@asynccontextmanager
async def caller(transport: str, http_port: int, grpc_port: int, token: str) -> AsyncIterator[Caller]:
    """Open a client.

    Args:
        transport: One of TRANSPORTS.
        http_port: The HTTP port of the server.
        grpc_port: Its port for gRPC.
        token: The caller's token.
    """
    protocol: Any = {"grpc": "grpc", "grpc-web": "grpc-web"}.get(transport, "connect")
    port = grpc_port if transport == "grpc" else http_port
    as_json = transport in {"connect-json", "rest"}
    url = f"http://127.0.0.1:{port}"
    async with AsyncClient(
        url, token=token, protocol=protocol, json=as_json, timeout=_SECONDS, retries=None
    ) as client:
        if transport != "rest":
            yield Caller(client, client.documents)
            return
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=_SECONDS, trust_env=False
        ) as http:
            yield Caller(client, _RestDocuments(http))


async def answer(call: Callable[[], Awaitable[Any]]) -> Answer:
    """Make a call, and tell what is known of it."""
    try:
        return Answer(Outcome.ACKNOWLEDGED, await call())
    except _RestError as error:
        code, text = error.status, error.text
        if code == httpx.codes.SERVICE_UNAVAILABLE and _NOT_WRITTEN not in text:
            return Answer(Outcome.UNKNOWN, told=_UNKNOWN in text)
        known = code in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.CONFLICT}
        return Answer(Outcome.REFUSED, fault="" if known else f"REST {code}: {text}")
    except httpx.TransportError:
        return Answer(Outcome.UNKNOWN)
    except ApiError as error:
        if _NOT_WRITTEN in error.message or error.code is Code.ABORTED:
            return Answer(Outcome.REFUSED)
        if _UNKNOWN in error.message:
            return Answer(Outcome.UNKNOWN, told=True)
        # These also tell that there was no answer at all.
        if error.code in {Code.UNAVAILABLE, Code.UNKNOWN, Code.CANCELED, Code.DEADLINE_EXCEEDED}:
            return Answer(Outcome.UNKNOWN)
        if not error.metadata:
            return Answer(Outcome.UNKNOWN)
        return Answer(Outcome.REFUSED, fault=str(error))


class _RestError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text


class _RestDocuments:
    """The calls of documents as REST has them; files are sent as forms."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def create_document(self, request: CreateDocumentRequest) -> CreateDocumentResponse:
        found = await self._call(
            "POST",
            "",
            data={"title": request.title},
            files={"payload": (request.file_name, request.payload)},
        )
        return CreateDocumentResponse(document=Document(id=json.loads(found)["document"]["id"]))

    async def update_document(self, request: UpdateDocumentRequest) -> UpdateDocumentResponse:
        body = {"title": request.title, "description": request.description}
        await self._call("PATCH", f"/{request.document_id}", json=body)
        return UpdateDocumentResponse()

    async def trash_document(self, request: TrashDocumentRequest) -> TrashDocumentResponse:
        await self._call("POST", f"/{request.document_id}/trash", json={})
        return TrashDocumentResponse()

    async def untrash_document(self, request: UntrashDocumentRequest) -> UntrashDocumentResponse:
        await self._call("POST", f"/{request.document_id}/untrash", json={})
        return UntrashDocumentResponse()

    async def _call(self, verb: str, path: str, **body: Any) -> str:
        response = await self._http.request(verb, f"/v1beta/documents{path}", **body)
        if response.is_error:
            raise _RestError(response.status_code, response.text)
        return response.text
