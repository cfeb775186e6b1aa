"""Files become documents: small ones in one message, large ones as a form, which is sent piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from triptych.cli.client_options import settings
from triptych.cli.forms import create_document
from triptych.cli.progress import Bar
from triptych.cli.terminal import cut, escape
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, Document
from triptych_api.factify.api.v1beta.document_service_pb import CreateDocumentRequest
from triptych_client import Client

_LARGE: Final = 1 << 20
_LABEL: Final = 24


@dataclass(frozen=True, slots=True)
class Upload:
    """A document to create.

    Attributes:
        file: What it holds.
        title: The title.
        description: A description; None for none.
        access: Who may view it; None for the default of the server.
    """

    file: Path
    title: str
    description: str | None
    access: AccessLevel | None

    def request(self) -> CreateDocumentRequest:
        """Return the request for it, without the content."""
        return CreateDocumentRequest(
            title=self.title,
            description=self.description,
            access_level=self.access,
            file_name=self.file.name if self.file.suffix else self.title,
        )


def upload_all(client: Client, uploads: Sequence[Upload]) -> Iterator[Document]:
    """Create the documents, one after the other, with a bar on a terminal.

    Over gRPC all files go in one message each, since the gRPC port takes no forms.

    Raises:
        CommandFailed: The server refused a form.
        ApiError: It refused another call.
    """
    sizes = [upload.file.stat().st_size for upload in uploads]
    with Bar("Sending", sum(sizes)) as progress:
        for upload, size in zip(uploads, sizes, strict=True):
            progress.label = cut(escape(upload.file.name), _LABEL)
            progress.update(0)
            if size > _LARGE and settings()["protocol"] != "grpc":
                pieces = _pieces(upload.file, progress.update)
                yield create_document(settings(), upload.request(), pieces, size)
            else:
                request = upload.request()
                request.payload = upload.file.read_bytes()
                yield client.documents.create_document(request).document or Document()
                progress.update(size)


def _pieces(file: Path, done: Callable[[int], Any]) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(1 << 16):
            yield piece
            done(len(piece))
