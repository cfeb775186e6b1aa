"""Uploads of files, with a bar that shows how far they are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import click

from triptych_api.factify.api.v1beta.document_pb import AccessLevel, Document
from triptych_client import Client
from triptych_client.cli.failures import CommandFailed
from triptych_client.cli.options import settings
from triptych_client.cli.progress import Bar
from triptych_client.cli.terminal import cut, escape

_SLOWEST: Final = 1 << 16  # bytes a second
_LABEL: Final = 24

STDIN: Final = Path("-")
"""What stands for stdin among files."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A document to create.

    Attributes:
        file: What it holds: the path of a file, or one that is open.
        title: The title.
        file_name: The name of the file; None for its own.
        description: A description; None for none.
        access: Who may view it; None for the default of the server.
    """

    file: Path | BinaryIO
    title: str
    file_name: str | None
    description: str | None
    access: AccessLevel | None


def upload_all(client: Client, uploads: Sequence[Upload]) -> Iterator[Document]:
    """Create the documents, one after the other, with a bar on a terminal.

    Each may take a second more than other calls for each 64 KiB.

    Raises:
        CommandFailed: A file cannot be read.
        ApiError: A call failed.
    """
    sizes = [_size(upload.file) for upload in uploads]
    before = 0
    with Bar("Sending", sum(sizes)) as bar:
        for upload, size in zip(uploads, sizes, strict=True):
            name = _name(upload)
            bar.label = cut(escape(name), _LABEL)
            bar.reach(before)
            try:
                response = client.documents.upload_document(
                    upload.file,
                    title=upload.title,
                    file_name=name,
                    description=upload.description,
                    access_level=upload.access,
                    progress=lambda sent, before=before: bar.reach(before + sent),  # type: ignore[misc]
                    timeout=settings()["timeout"] + size / _SLOWEST,
                )
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise CommandFailed(f"{escape(name)}: {reason}") from None
            before += size
            yield response.document or Document()


@contextmanager
def source_of(file: Path, name: str | None) -> Iterator[Path | BinaryIO]:
    """Return a file to send: all of stdin for `-`, so that its size is known and it can be sent again.

    Args:
        file: Its path, or STDIN.
        name: What stdin is to be called.

    Raises:
        click.UsageError: It is stdin, and that has no name or is closed.
    """
    if file != STDIN:
        yield file
        return
    if not name:
        raise click.UsageError("stdin has no name: give --file-name, or --title.")
    if sys.stdin is None:
        raise click.UsageError("stdin is closed.")
    with TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield copy


def _size(file: Path | BinaryIO) -> int:
    return (file.stat() if isinstance(file, Path) else os.fstat(file.fileno())).st_size


def _name(upload: Upload) -> str:
    """Return the name of the file; the title where the name does not tell a format, as that of a pipe."""
    if upload.file_name is not None:
        return upload.file_name
    return upload.file.name if isinstance(upload.file, Path) and upload.file.suffix else upload.title
