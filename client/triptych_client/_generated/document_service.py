"""DocumentService of factify.api.v1beta. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType

from triptych_api.factify.api.v1beta.document_pb import Document
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
from triptych_client.calls import AsyncCalls, Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async

LIST_DOCUMENTS: Final = MethodInfo(
    name="ListDocuments",
    service_name="factify.api.v1beta.DocumentService",
    input=ListDocumentsRequest,
    output=ListDocumentsResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
LIST_DOCUMENTS_PAGES: Final = Paging[ListDocumentsRequest, ListDocumentsResponse, Document](
    items=lambda page: page.items, nested=False
)
CREATE_DOCUMENT: Final = MethodInfo(
    name="CreateDocument",
    service_name="factify.api.v1beta.DocumentService",
    input=CreateDocumentRequest,
    output=CreateDocumentResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
GET_DOCUMENT: Final = MethodInfo(
    name="GetDocument",
    service_name="factify.api.v1beta.DocumentService",
    input=GetDocumentRequest,
    output=GetDocumentResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
UPDATE_DOCUMENT: Final = MethodInfo(
    name="UpdateDocument",
    service_name="factify.api.v1beta.DocumentService",
    input=UpdateDocumentRequest,
    output=UpdateDocumentResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
TRASH_DOCUMENT: Final = MethodInfo(
    name="TrashDocument",
    service_name="factify.api.v1beta.DocumentService",
    input=TrashDocumentRequest,
    output=TrashDocumentResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
UNTRASH_DOCUMENT: Final = MethodInfo(
    name="UntrashDocument",
    service_name="factify.api.v1beta.DocumentService",
    input=UntrashDocumentRequest,
    output=UntrashDocumentResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)


class DocumentService:
    """DocumentService serves documents."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListDocumentsResponse:
        """Lists documents.

        Listed are the documents that the caller owns, that are shared with the caller
        or the caller's organization, organization and public documents of the
        caller's organization, and, for its administrators, all of them. Public
        documents of others are found by GetDocument only. Different filters combine
        with AND. Listing notes no view.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(
            LIST_DOCUMENTS,
            ListDocumentsRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[Document]:
        """Yield what ListDocuments lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate(
            LIST_DOCUMENTS_PAGES,
            lambda page: self.list_documents(page, timeout=timeout, headers=headers),
            ListDocumentsRequest() if request is None else request,
            page_size,
        )

    def create_document(
        self,
        request: CreateDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Creates a document with its first version from a file.

        Over REST also as multipart/form-data, with the file as the part `payload`.
        The format is told by the content first, by name and content type where that
        cannot tell (csv, markdown). Another format is INVALID_ARGUMENT, a file that is
        too large RESOURCE_EXHAUSTED, and so is what goes beyond the quotas of the
        organization, for the number and the size of documents. The status is
        `processing` at first; the content is checked in the background. All or
        nothing; not idempotent.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(CREATE_DOCUMENT, request, timeout=timeout, headers=headers)

    def get_document(
        self, request: GetDocumentRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetDocumentResponse:
        """Gets a document and notes that the caller viewed it.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(GET_DOCUMENT, request, timeout=timeout, headers=headers)

    def update_document(
        self,
        request: UpdateDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateDocumentResponse:
        """Changes the title or the description.

        Needs the role collaborator.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(UPDATE_DOCUMENT, request, timeout=timeout, headers=headers)

    def trash_document(
        self,
        request: TrashDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> TrashDocumentResponse:
        """Moves a document to the trash: drops everything it was shared as and makes it private.

        The owner and administrators of the owner's organization may, and still see it. Does nothing to
        a document that is there already.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(TRASH_DOCUMENT, request, timeout=timeout, headers=headers)

    def untrash_document(
        self,
        request: UntrashDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UntrashDocumentResponse:
        """Takes a document out of the trash; neither sharing nor access level come back.

        Does nothing to a document that is not there.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(UNTRASH_DOCUMENT, request, timeout=timeout, headers=headers)


class AsyncDocumentService:
    """DocumentService serves documents."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def list_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListDocumentsResponse:
        """Lists documents.

        Listed are the documents that the caller owns, that are shared with the caller
        or the caller's organization, organization and public documents of the
        caller's organization, and, for its administrators, all of them. Public
        documents of others are found by GetDocument only. Different filters combine
        with AND. Listing notes no view.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            LIST_DOCUMENTS,
            ListDocumentsRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[Document]:
        """Yield what ListDocuments lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate_async(
            LIST_DOCUMENTS_PAGES,
            lambda page: self.list_documents(page, timeout=timeout, headers=headers),
            ListDocumentsRequest() if request is None else request,
            page_size,
        )

    async def create_document(
        self,
        request: CreateDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Creates a document with its first version from a file.

        Over REST also as multipart/form-data, with the file as the part `payload`.
        The format is told by the content first, by name and content type where that
        cannot tell (csv, markdown). Another format is INVALID_ARGUMENT, a file that is
        too large RESOURCE_EXHAUSTED, and so is what goes beyond the quotas of the
        organization, for the number and the size of documents. The status is
        `processing` at first; the content is checked in the background. All or
        nothing; not idempotent.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(CREATE_DOCUMENT, request, timeout=timeout, headers=headers)

    async def get_document(
        self, request: GetDocumentRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetDocumentResponse:
        """Gets a document and notes that the caller viewed it.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(GET_DOCUMENT, request, timeout=timeout, headers=headers)

    async def update_document(
        self,
        request: UpdateDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateDocumentResponse:
        """Changes the title or the description.

        Needs the role collaborator.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(UPDATE_DOCUMENT, request, timeout=timeout, headers=headers)

    async def trash_document(
        self,
        request: TrashDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> TrashDocumentResponse:
        """Moves a document to the trash: drops everything it was shared as and makes it private.

        The owner and administrators of the owner's organization may, and still see it. Does nothing to
        a document that is there already.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(TRASH_DOCUMENT, request, timeout=timeout, headers=headers)

    async def untrash_document(
        self,
        request: UntrashDocumentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UntrashDocumentResponse:
        """Takes a document out of the trash; neither sharing nor access level come back.

        Does nothing to a document that is not there.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(UNTRASH_DOCUMENT, request, timeout=timeout, headers=headers)
