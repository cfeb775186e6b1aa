"""DocumentService of factify.api.v1beta. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf.wkt import Timestamp

from triptych_api.factify.api.v1beta.document_pb import (
    AccessLevel,
    Document,
    DocumentOwnership,
    DocumentTrashState,
    ProcessingStatus,
)
from triptych_api.factify.api.v1beta.document_service_pb import (
    CreateDocumentRequest,
    CreateDocumentResponse,
    GetDocumentRequest,
    GetDocumentResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    TimestampFilter,
    TrashDocumentRequest,
    TrashDocumentResponse,
    UntrashDocumentRequest,
    UntrashDocumentResponse,
    UpdateDocumentRequest,
    UpdateDocumentResponse,
)
from triptych_client.async_calls import AsyncCalls
from triptych_client.calls import Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async
from triptych_client.request_fields import request_of

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
        page_token: str | None = None,
        page_size: int | None = None,
        created: TimestampFilter | None = None,
        created_after: Timestamp | datetime | None = None,
        created_before: Timestamp | datetime | None = None,
        created_by_id: list[str] | tuple[str, ...] | None = None,
        access_level: list[AccessLevel] | tuple[AccessLevel, ...] | None = None,
        processing_status: list[ProcessingStatus] | tuple[ProcessingStatus, ...] | None = None,
        sort: str | None = None,
        query: str | None = None,
        ownership: list[DocumentOwnership] | tuple[DocumentOwnership, ...] | None = None,
        trash_state: list[DocumentTrashState] | tuple[DocumentTrashState, ...] | None = None,
        organization_scope: bool | None = None,
        title_contains: str | None = None,
        description_contains: str | None = None,
        source_format: list[str] | tuple[str, ...] | None = None,
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
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            page_token: The next_page_token or prev_page_token of an earlier page; empty for
                the first page.
            page_size: The most items that the page may hold: 1 to 100.
            created: Keeps what was created between two instants, both inclusive.
            created_after: Not earlier than this instant, to the nanosecond; absent means no
                bound.
            created_before: Not later than this instant, to the nanosecond; absent means no
                bound.
            created_by_id: Keeps what any of these users or bots created.
            access_level: Keeps what has any of these access levels.
            processing_status: Keeps what has any of these statuses.
            sort: The order: created_at, updated_at, name (the title, case folded by the
                Unicode rules), last_viewed_at or last_shared_at, with `-` before it for
                descending.
            query: Keeps what contains this text in its title or description, whatever the
                case.
            ownership: Keeps what the caller owns, or does not.
            trash_state: Keeps what is in the trash, or is not.
            organization_scope: If true, keeps what the caller's organization owns.
            title_contains: Keeps what contains this text in its title, whatever the case.
            description_contains: Keeps what contains this text in its description, whatever
                the case; what has no description does not match.
            source_format: Keeps what has any of these formats: pdf, docx, xlsx, csv or
                markdown.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListDocumentsRequest,
            request,
            {
                "page_token": page_token,
                "page_size": page_size,
                "created": created,
                "created.after": created_after,
                "created.before": created_before,
                "created_by_id": created_by_id,
                "access_level": access_level,
                "processing_status": processing_status,
                "sort": sort,
                "query": query,
                "ownership": ownership,
                "trash_state": trash_state,
                "organization_scope": organization_scope,
                "title_contains": title_contains,
                "description_contains": description_contains,
                "source_format": source_format,
            },
            may_be_empty=True,
        )
        return self._calls.unary(LIST_DOCUMENTS, asked, timeout=timeout, headers=headers)

    def iter_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        created: TimestampFilter | None = None,
        created_after: Timestamp | datetime | None = None,
        created_before: Timestamp | datetime | None = None,
        created_by_id: list[str] | tuple[str, ...] | None = None,
        access_level: list[AccessLevel] | tuple[AccessLevel, ...] | None = None,
        processing_status: list[ProcessingStatus] | tuple[ProcessingStatus, ...] | None = None,
        sort: str | None = None,
        query: str | None = None,
        ownership: list[DocumentOwnership] | tuple[DocumentOwnership, ...] | None = None,
        trash_state: list[DocumentTrashState] | tuple[DocumentTrashState, ...] | None = None,
        organization_scope: bool | None = None,
        title_contains: str | None = None,
        description_contains: str | None = None,
        source_format: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[Document]:
        """Yield what ListDocuments lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            page_token: The next_page_token or prev_page_token of an earlier page; empty for
                the first page.
            created: Keeps what was created between two instants, both inclusive.
            created_after: Not earlier than this instant, to the nanosecond; absent means no
                bound.
            created_before: Not later than this instant, to the nanosecond; absent means no
                bound.
            created_by_id: Keeps what any of these users or bots created.
            access_level: Keeps what has any of these access levels.
            processing_status: Keeps what has any of these statuses.
            sort: The order: created_at, updated_at, name (the title, case folded by the
                Unicode rules), last_viewed_at or last_shared_at, with `-` before it for
                descending.
            query: Keeps what contains this text in its title or description, whatever the
                case.
            ownership: Keeps what the caller owns, or does not.
            trash_state: Keeps what is in the trash, or is not.
            organization_scope: If true, keeps what the caller's organization owns.
            title_contains: Keeps what contains this text in its title, whatever the case.
            description_contains: Keeps what contains this text in its description, whatever
                the case; what has no description does not match.
            source_format: Keeps what has any of these formats: pdf, docx, xlsx, csv or
                markdown.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate(
            LIST_DOCUMENTS_PAGES,
            lambda page: self.list_documents(page, timeout=timeout, headers=headers),
            request_of(
                ListDocumentsRequest,
                request,
                {
                    "page_token": page_token,
                    "created": created,
                    "created.after": created_after,
                    "created.before": created_before,
                    "created_by_id": created_by_id,
                    "access_level": access_level,
                    "processing_status": processing_status,
                    "sort": sort,
                    "query": query,
                    "ownership": ownership,
                    "trash_state": trash_state,
                    "organization_scope": organization_scope,
                    "title_contains": title_contains,
                    "description_contains": description_contains,
                    "source_format": source_format,
                },
                may_be_empty=True,
            ),
            page_size,
        )

    def create_document(
        self,
        request: CreateDocumentRequest | None = None,
        *,
        payload: bytes | None = None,
        title: str | None = None,
        description: str | None = None,
        access_level: AccessLevel | None = None,
        payload_key: str | None = None,
        document_id: str | None = None,
        version_id: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Creates a document with its first version from a file.

        Over REST also as multipart/form-data, with the file as the part `payload`.
        The format is told by the content first, by name and content type where that
        cannot tell (csv, markdown). Another format, and a template or a file with
        macros of Word or Excel, is INVALID_ARGUMENT, a file that is too large
        RESOURCE_EXHAUSTED, and so is what goes beyond the quotas of the organization,
        for the number and the size of documents. The status is `processing` at first;
        the content is checked in the background. All or nothing; not idempotent.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            payload: The content of the file.
            title: The title, 1 to 255 characters.
            description: A description, at most 2000 characters.
            access_level: Who may view it.
            payload_key: Set by the server; refused from clients.
            document_id: Set by the server; refused from clients.
            version_id: Set by the server; refused from clients.
            file_name: The name of the file, at most 255 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateDocumentRequest,
            request,
            {
                "payload": payload,
                "title": title,
                "description": description,
                "access_level": access_level,
                "payload_key": payload_key,
                "document_id": document_id,
                "version_id": version_id,
                "file_name": file_name,
            },
            may_be_empty=False,
        )
        return self._calls.unary(CREATE_DOCUMENT, asked, timeout=timeout, headers=headers)

    def get_document(
        self,
        request: GetDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetDocumentResponse:
        """Gets a document and notes that the caller viewed it.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return self._calls.unary(GET_DOCUMENT, asked, timeout=timeout, headers=headers)

    def update_document(
        self,
        request: UpdateDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        title: str | None = None,
        description: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateDocumentResponse:
        """Changes the title or the description.

        Needs the role collaborator.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            title: The title, 1 to 255 characters.
            description: A description, at most 2000 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            UpdateDocumentRequest,
            request,
            {"document_id": document_id, "title": title, "description": description},
            may_be_empty=False,
        )
        return self._calls.unary(UPDATE_DOCUMENT, asked, timeout=timeout, headers=headers)

    def trash_document(
        self,
        request: TrashDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> TrashDocumentResponse:
        """Moves a document to the trash: drops everything it was shared as and makes it private.

        The owner and administrators of the owner's organization may, and still see it. Does nothing to
        a document that is there already.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(TrashDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return self._calls.unary(TRASH_DOCUMENT, asked, timeout=timeout, headers=headers)

    def untrash_document(
        self,
        request: UntrashDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UntrashDocumentResponse:
        """Takes a document out of the trash; neither sharing nor access level come back.

        Does nothing to a document that is not there.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(UntrashDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return self._calls.unary(UNTRASH_DOCUMENT, asked, timeout=timeout, headers=headers)


class AsyncDocumentService:
    """DocumentService serves documents."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def list_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        page_token: str | None = None,
        page_size: int | None = None,
        created: TimestampFilter | None = None,
        created_after: Timestamp | datetime | None = None,
        created_before: Timestamp | datetime | None = None,
        created_by_id: list[str] | tuple[str, ...] | None = None,
        access_level: list[AccessLevel] | tuple[AccessLevel, ...] | None = None,
        processing_status: list[ProcessingStatus] | tuple[ProcessingStatus, ...] | None = None,
        sort: str | None = None,
        query: str | None = None,
        ownership: list[DocumentOwnership] | tuple[DocumentOwnership, ...] | None = None,
        trash_state: list[DocumentTrashState] | tuple[DocumentTrashState, ...] | None = None,
        organization_scope: bool | None = None,
        title_contains: str | None = None,
        description_contains: str | None = None,
        source_format: list[str] | tuple[str, ...] | None = None,
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
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            page_token: The next_page_token or prev_page_token of an earlier page; empty for
                the first page.
            page_size: The most items that the page may hold: 1 to 100.
            created: Keeps what was created between two instants, both inclusive.
            created_after: Not earlier than this instant, to the nanosecond; absent means no
                bound.
            created_before: Not later than this instant, to the nanosecond; absent means no
                bound.
            created_by_id: Keeps what any of these users or bots created.
            access_level: Keeps what has any of these access levels.
            processing_status: Keeps what has any of these statuses.
            sort: The order: created_at, updated_at, name (the title, case folded by the
                Unicode rules), last_viewed_at or last_shared_at, with `-` before it for
                descending.
            query: Keeps what contains this text in its title or description, whatever the
                case.
            ownership: Keeps what the caller owns, or does not.
            trash_state: Keeps what is in the trash, or is not.
            organization_scope: If true, keeps what the caller's organization owns.
            title_contains: Keeps what contains this text in its title, whatever the case.
            description_contains: Keeps what contains this text in its description, whatever
                the case; what has no description does not match.
            source_format: Keeps what has any of these formats: pdf, docx, xlsx, csv or
                markdown.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListDocumentsRequest,
            request,
            {
                "page_token": page_token,
                "page_size": page_size,
                "created": created,
                "created.after": created_after,
                "created.before": created_before,
                "created_by_id": created_by_id,
                "access_level": access_level,
                "processing_status": processing_status,
                "sort": sort,
                "query": query,
                "ownership": ownership,
                "trash_state": trash_state,
                "organization_scope": organization_scope,
                "title_contains": title_contains,
                "description_contains": description_contains,
                "source_format": source_format,
            },
            may_be_empty=True,
        )
        return await self._calls.unary(LIST_DOCUMENTS, asked, timeout=timeout, headers=headers)

    def iter_documents(
        self,
        request: ListDocumentsRequest | None = None,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        created: TimestampFilter | None = None,
        created_after: Timestamp | datetime | None = None,
        created_before: Timestamp | datetime | None = None,
        created_by_id: list[str] | tuple[str, ...] | None = None,
        access_level: list[AccessLevel] | tuple[AccessLevel, ...] | None = None,
        processing_status: list[ProcessingStatus] | tuple[ProcessingStatus, ...] | None = None,
        sort: str | None = None,
        query: str | None = None,
        ownership: list[DocumentOwnership] | tuple[DocumentOwnership, ...] | None = None,
        trash_state: list[DocumentTrashState] | tuple[DocumentTrashState, ...] | None = None,
        organization_scope: bool | None = None,
        title_contains: str | None = None,
        description_contains: str | None = None,
        source_format: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[Document]:
        """Yield what ListDocuments lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            page_token: The next_page_token or prev_page_token of an earlier page; empty for
                the first page.
            created: Keeps what was created between two instants, both inclusive.
            created_after: Not earlier than this instant, to the nanosecond; absent means no
                bound.
            created_before: Not later than this instant, to the nanosecond; absent means no
                bound.
            created_by_id: Keeps what any of these users or bots created.
            access_level: Keeps what has any of these access levels.
            processing_status: Keeps what has any of these statuses.
            sort: The order: created_at, updated_at, name (the title, case folded by the
                Unicode rules), last_viewed_at or last_shared_at, with `-` before it for
                descending.
            query: Keeps what contains this text in its title or description, whatever the
                case.
            ownership: Keeps what the caller owns, or does not.
            trash_state: Keeps what is in the trash, or is not.
            organization_scope: If true, keeps what the caller's organization owns.
            title_contains: Keeps what contains this text in its title, whatever the case.
            description_contains: Keeps what contains this text in its description, whatever
                the case; what has no description does not match.
            source_format: Keeps what has any of these formats: pdf, docx, xlsx, csv or
                markdown.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate_async(
            LIST_DOCUMENTS_PAGES,
            lambda page: self.list_documents(page, timeout=timeout, headers=headers),
            request_of(
                ListDocumentsRequest,
                request,
                {
                    "page_token": page_token,
                    "created": created,
                    "created.after": created_after,
                    "created.before": created_before,
                    "created_by_id": created_by_id,
                    "access_level": access_level,
                    "processing_status": processing_status,
                    "sort": sort,
                    "query": query,
                    "ownership": ownership,
                    "trash_state": trash_state,
                    "organization_scope": organization_scope,
                    "title_contains": title_contains,
                    "description_contains": description_contains,
                    "source_format": source_format,
                },
                may_be_empty=True,
            ),
            page_size,
        )

    async def create_document(
        self,
        request: CreateDocumentRequest | None = None,
        *,
        payload: bytes | None = None,
        title: str | None = None,
        description: str | None = None,
        access_level: AccessLevel | None = None,
        payload_key: str | None = None,
        document_id: str | None = None,
        version_id: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Creates a document with its first version from a file.

        Over REST also as multipart/form-data, with the file as the part `payload`.
        The format is told by the content first, by name and content type where that
        cannot tell (csv, markdown). Another format, and a template or a file with
        macros of Word or Excel, is INVALID_ARGUMENT, a file that is too large
        RESOURCE_EXHAUSTED, and so is what goes beyond the quotas of the organization,
        for the number and the size of documents. The status is `processing` at first;
        the content is checked in the background. All or nothing; not idempotent.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            payload: The content of the file.
            title: The title, 1 to 255 characters.
            description: A description, at most 2000 characters.
            access_level: Who may view it.
            payload_key: Set by the server; refused from clients.
            document_id: Set by the server; refused from clients.
            version_id: Set by the server; refused from clients.
            file_name: The name of the file, at most 255 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateDocumentRequest,
            request,
            {
                "payload": payload,
                "title": title,
                "description": description,
                "access_level": access_level,
                "payload_key": payload_key,
                "document_id": document_id,
                "version_id": version_id,
                "file_name": file_name,
            },
            may_be_empty=False,
        )
        return await self._calls.unary(CREATE_DOCUMENT, asked, timeout=timeout, headers=headers)

    async def get_document(
        self,
        request: GetDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetDocumentResponse:
        """Gets a document and notes that the caller viewed it.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return await self._calls.unary(GET_DOCUMENT, asked, timeout=timeout, headers=headers)

    async def update_document(
        self,
        request: UpdateDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        title: str | None = None,
        description: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateDocumentResponse:
        """Changes the title or the description.

        Needs the role collaborator.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            title: The title, 1 to 255 characters.
            description: A description, at most 2000 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            UpdateDocumentRequest,
            request,
            {"document_id": document_id, "title": title, "description": description},
            may_be_empty=False,
        )
        return await self._calls.unary(UPDATE_DOCUMENT, asked, timeout=timeout, headers=headers)

    async def trash_document(
        self,
        request: TrashDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> TrashDocumentResponse:
        """Moves a document to the trash: drops everything it was shared as and makes it private.

        The owner and administrators of the owner's organization may, and still see it. Does nothing to
        a document that is there already.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(TrashDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return await self._calls.unary(TRASH_DOCUMENT, asked, timeout=timeout, headers=headers)

    async def untrash_document(
        self,
        request: UntrashDocumentRequest | None = None,
        *,
        document_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UntrashDocumentResponse:
        """Takes a document out of the trash; neither sharing nor access level come back.

        Does nothing to a document that is not there.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            document_id: `doc_` and 26 characters.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(UntrashDocumentRequest, request, {"document_id": document_id}, may_be_empty=False)
        return await self._calls.unary(UNTRASH_DOCUMENT, asked, timeout=timeout, headers=headers)
