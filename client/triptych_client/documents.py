"""The service of documents, with files to upload beside its rpcs."""

from __future__ import annotations

import asyncio
from typing import Final

from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.factify.api.v1beta.document_service_pb import CreateDocumentRequest, CreateDocumentResponse
from triptych_client._generated.document_service import CREATE_DOCUMENT, AsyncDocumentService, DocumentService
from triptych_client.form import Form
from triptych_client.metadata import HeaderItems
from triptych_client.upload_source import File, Progress, Source

_PATH: Final = "/v1beta/documents"


class Documents(DocumentService):
    """Calls of factify.api.v1beta.DocumentService, and uploads."""

    def upload_document(
        self,
        file: File,
        *,
        title: str | None = None,
        file_name: str | None = None,
        description: str | None = None,
        access_level: AccessLevel | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Create a document from a file, whose size only the server limits (`--max-upload`).

        The file is sent piece by piece, as a form to the REST path of CreateDocument. Over gRPC, which has no
        such path, and over a channel it is read as a whole and sent in one message, whose size is limited
        too (`--max-message`). Like every creation it is tried again only if it was refused for its rate; a
        file that is open and cannot go back is not.

        Args:
            file: The path of a file, its content, or a binary file that is open, which stays so.
            title: The title; the name of the file if left out.
            file_name: The name of the file, which helps to tell csv from markdown; its own if left out.
            description: A description.
            access_level: Who may view the document; the server's default if left out.
            progress: Is called with the bytes of the file that are sent so far, maybe in another thread. What
                it raises ends the call.
            timeout: The seconds that the call may take, retries included; else the client's default. Large
                files take their time.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            OSError: The file cannot be read.
            TypeError: It is open as text.
            ValueError: It has no name, and there is no title; or it became shorter while it was sent.
        """
        source = Source(file, progress)
        request = _request(source, title, file_name, description, access_level)
        if self._calls.takes_forms:
            form = _form(request, source)
            return self._calls.form(CREATE_DOCUMENT, form, timeout=timeout, headers=headers)
        request.payload = source.read()
        response = self._calls.unary(CREATE_DOCUMENT, request, timeout=timeout, headers=headers)
        source.sent(len(request.payload))
        return response


class AsyncDocuments(AsyncDocumentService):
    """Calls of factify.api.v1beta.DocumentService, and uploads."""

    async def upload_document(
        self,
        file: File,
        *,
        title: str | None = None,
        file_name: str | None = None,
        description: str | None = None,
        access_level: AccessLevel | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateDocumentResponse:
        """Create a document from a file, as Documents.upload_document does; the file is read in threads.

        Args:
            file: The path of a file, its content, or a binary file that is open, which stays so.
            title: The title; the name of the file if left out.
            file_name: The name of the file, which helps to tell csv from markdown; its own if left out.
            description: A description.
            access_level: Who may view the document; the server's default if left out.
            progress: Is called with the bytes of the file that are sent so far. What it raises ends the call.
            timeout: The seconds that the call may take, retries included; else the client's default. Large
                files take their time.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            OSError: The file cannot be read.
            TypeError: It is open as text.
            ValueError: It has no name, and there is no title; or it became shorter while it was sent.
        """
        source = Source(file, progress)
        request = _request(source, title, file_name, description, access_level)
        if self._calls.takes_forms:
            form = _form(request, source)
            return await self._calls.form(CREATE_DOCUMENT, form, timeout=timeout, headers=headers)
        request.payload = await asyncio.to_thread(source.read)
        response = await self._calls.unary(CREATE_DOCUMENT, request, timeout=timeout, headers=headers)
        source.sent(len(request.payload))
        return response


def _request(
    source: Source,
    title: str | None,
    file_name: str | None,
    description: str | None,
    access_level: AccessLevel | None,
) -> CreateDocumentRequest:
    title = source.name if title is None else title
    if not title:
        raise ValueError("the file has no name: give a title")
    return CreateDocumentRequest(
        title=title,
        file_name=source.name if file_name is None else file_name,
        description=description,
        access_level=access_level,
    )


def _form(request: CreateDocumentRequest, source: Source) -> Form:
    # The name goes as a text of its own, exactly; the file name of a part would have to be escaped.
    texts = {"title": request.title, "file_name": request.file_name}
    if request.has_field("description"):
        texts["description"] = request.description
    if request.has_field("access_level"):
        texts["access_level"] = request.access_level.name.lower()
    return Form(path=_PATH, texts=texts, file_field="payload", file=source)
