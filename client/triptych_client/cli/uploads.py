"""Uploads of files, with a bar that shows how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triptych_api.factify.api.v1beta.document_pb import AccessLevel, Document
from triptych_client import Client
from triptych_client.cli.failures import CommandFailed
from triptych_client.cli.options import settings
from triptych_client.cli.progress import Bar
from triptych_client.cli.terminal import cut, escape

_SLOWEST: Final = 1 << 16  # bytes a second
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


def upload_all(client: Client, uploads: Sequence[Upload]) -> Iterator[Document]:
    """Create the documents, one after the other, with a bar on a terminal.

    Each may take a second more than other calls for each 64 KiB.

    Raises:
        CommandFailed: A file cannot be read.
        ApiError: A call failed.
    """
    sizes = [upload.file.stat().st_size for upload in uploads]
    before = 0
    with Bar("Sending", sum(sizes)) as bar:
        for upload, size in zip(uploads, sizes, strict=True):
            bar.label = cut(escape(upload.file.name), _LABEL)
            bar.reach(before)
            try:
                response = client.documents.upload_document(
                    upload.file,
                    title=upload.title,
                    file_name=upload.file.name if upload.file.suffix else upload.title,
                    description=upload.description,
                    access_level=upload.access,
                    progress=lambda sent, before=before: bar.reach(before + sent),  # type: ignore[misc]
                    timeout=settings()["timeout"] + size / _SLOWEST,
                )
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise CommandFailed(f"{escape(upload.file.name)}: {reason}") from None
            before += size
            yield response.document or Document()
