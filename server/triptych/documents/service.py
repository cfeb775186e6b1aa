"""factify.api.v1beta.DocumentService."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

from triptych.backend import Backend
from triptych.clock import timestamp
from triptych.codec.composed import Composed, Composer
from triptych.documents import changes
from triptych.documents.background import RunInBackground, ViewNotes, process_until_done
from triptych.documents.files import read_file
from triptych.documents.lists import BEGINNING, Cursor, fingerprint, query_of, read_page
from triptych.documents.messages import DOCUMENT, DocumentMessages
from triptych.rpc.call import Call
from triptych.rpc.upload import Upload
from triptych.store.base import Transaction
from triptych.store.errors import OutcomeUnknownError
from triptych_api.factify.api.v1beta.document_service_pb import (
    CreateDocumentRequest,
    CreateDocumentResponse,
    GetDocumentRequest,
    GetDocumentResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    TrashDocumentRequest,
    TrashDocumentResponse,
    UntrashDocumentRequest,
    UntrashDocumentResponse,
    UpdateDocumentRequest,
    UpdateDocumentResponse,
)
from triptych_api.factify.api.v1beta.pagination_pb import Pagination

_DEFAULT_SIZE: Final = 50
_DOCUMENT: Final = Composer(GetDocumentResponse, "document", DOCUMENT)
_DOCUMENTS: Final = Composer(ListDocumentsResponse, "items", DOCUMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings:
    """What documents need to know of the server.

    Attributes:
        public_url: Where browsers find the server, as `https://documents.example.org`.
    """

    public_url: str


class DocumentService:
    """Documents."""

    def __init__(
        self, backend: Backend, settings: DocumentSettings, run_in_background: RunInBackground
    ) -> None:
        """Make the service.

        Args:
            backend: What all services share.
            settings: What it needs to know of the server.
            run_in_background: Runs a coroutine function some time later, and logs what it raises.
        """
        self._backend = backend
        self._run_in_background = run_in_background
        self._messages = DocumentMessages(backend.kept, settings.public_url)
        self._views = ViewNotes(backend.store, run_in_background)

    async def list_documents(
        self, request: ListDocumentsRequest, call: Call
    ) -> Composed[ListDocumentsResponse]:
        """Return a page of documents."""
        caller = call.caller
        query = query_of(request, caller)
        bound = fingerprint(query)
        tokens = self._backend.page_tokens
        cursor = BEGINNING
        if request.page_token:
            cursor = Cursor.of(tokens.open(call, bound, request.page_token, "page_token"))
        await self._views.write_those_of(caller.subject.id)
        async with self._backend.store.read(snapshot=False) as tx:
            page = await read_page(tx, query, cursor, request.page_size or _DEFAULT_SIZE)
        documents, details = page.documents, page.details
        columns = self._messages.parts(documents, details.names, caller)
        columns.append(self._messages.last_views(documents, details.viewed_at))
        fits = page.fitting(columns, self._backend.max_reply)
        if len(documents[fits]) < len(documents):
            page = page.cut(fits)
            columns = [column[fits] for column in columns]
        pagination = Pagination(
            next_page_token=tokens.seal(call, bound, page.next.values()) if page.next else "",
            prev_page_token=tokens.seal(call, bound, page.previous.values()) if page.previous else "",
            has_more=page.next is not None,
        )
        return Composed(_DOCUMENTS, columns, {"pagination": pagination})

    async def create_document(self, request: CreateDocumentRequest, call: Call) -> CreateDocumentResponse:
        """Create a document with its first version, and have its content checked in the background."""
        file = await read_file(request.payload, request.file_name, call.extension(Upload))
        origin, version_id = self._backend.origin(call), self._backend.ids.new()

        async def create(tx: Transaction) -> CreateDocumentResponse:
            document = await changes.new_document(
                tx,
                origin,
                version_id,
                file,
                title=request.title,
                description=request.description,
                access_level=request.access_level,
                quota=self._backend.documents,
            )
            return CreateDocumentResponse(document=await self._messages.changed(tx, document, call.caller))

        process_later = partial(process_until_done, self._backend.store, version_id)
        try:
            response = await self._backend.write(call, create)
        except (OutcomeUnknownError, asyncio.CancelledError):
            self._run_in_background(process_later)  # it may be there all the same
            raise
        self._run_in_background(process_later)
        return response

    async def get_document(self, request: GetDocumentRequest, call: Call) -> Composed[GetDocumentResponse]:
        """Return a document and note the view: the answer tells this one, not the one before."""
        caller, now = call.caller, self._backend.clock.now()
        async with self._backend.store.read(snapshot=False) as tx:
            document, name = await changes.shown(tx, request.document_id, caller)
        names = {} if name is None else {document.creator.id: name}
        columns = self._messages.parts((document,), names, caller)
        columns.append((DOCUMENT.field("last_viewed_at", timestamp(now)),))
        self._views.note(caller.subject.id, document.id, now)
        return Composed(_DOCUMENT, columns)

    async def update_document(self, request: UpdateDocumentRequest, call: Call) -> UpdateDocumentResponse:
        """Change the title or the description."""
        now = self._backend.clock.now()

        async def update(tx: Transaction) -> UpdateDocumentResponse:
            document = await changes.update(tx, request, call.caller, now, self._backend.documents)
            return UpdateDocumentResponse(document=await self._messages.changed(tx, document, call.caller))

        return await self._backend.write(call, update)

    async def trash_document(self, request: TrashDocumentRequest, call: Call) -> TrashDocumentResponse:
        """Move a document to the trash."""
        now = self._backend.clock.now()
        await self._backend.write(call, lambda tx: changes.trash(tx, request.document_id, call.caller, now))
        return TrashDocumentResponse()

    async def untrash_document(self, request: UntrashDocumentRequest, call: Call) -> UntrashDocumentResponse:
        """Take a document out of the trash."""
        now = self._backend.clock.now()
        await self._backend.write(call, lambda tx: changes.untrash(tx, request.document_id, call.caller, now))
        return UntrashDocumentResponse()
