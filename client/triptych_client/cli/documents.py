"""`triptych documents`: documents, and the files that they are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from triptych_api.factify.api.v1beta import document_service_pb as rpc
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, Document
from triptych_client.cli.cells import TIME, short, time, to_seconds
from triptych_client.cli.confirm import confirm, one_or_many, yes_option
from triptych_client.cli.connection import connect
from triptych_client.cli.document_filters import filter_options, set_filters
from triptych_client.cli.listing import limit_option, limited, page_size
from triptych_client.cli.options import ClientGroup, output
from triptych_client.cli.progress import Bar
from triptych_client.cli.requests import EnumChoice, from_option
from triptych_client.cli.table import Column
from triptych_client.cli.uploads import STDIN, Upload, source_of, upload_all

_COLUMNS: Final = (
    Column("ID", lambda document: document.id),
    Column("TITLE", lambda document: document.title, least=8),
    Column("FORMAT", lambda document: document.source_format),
    Column("ACCESS", lambda document: short(document.access_level)),
    Column("STATUS", lambda document: short(document.processing_status)),
    Column("CREATED", lambda document: time(document.created_at), least=TIME, shorten=to_seconds),
)
_FILE: Final = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_FILE_OR_STDIN: Final = click.Path(
    exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path
)
_ACCESS: Final = EnumChoice(AccessLevel)
_access_option = click.option("--access", type=_ACCESS, help="Who may view it. [default: organization]")
_description_option = click.option("--description", help="A description.")


@click.group(cls=ClientGroup)
def documents() -> None:
    """List, get, create, update and trash documents."""


@documents.command(name="list")
@from_option(rpc.ListDocumentsRequest)
@filter_options
@limit_option
def list_documents(request: rpc.ListDocumentsRequest | None, limit: int | None, **filters: Any) -> None:
    """List documents, newest first."""
    request = request or rpc.ListDocumentsRequest()
    set_filters(request, **filters)
    with connect() as client:
        found = client.documents.iter_documents(request, page_size=page_size(limit))
        output().items(limited(found, limit, "documents"), _COLUMNS)


@documents.command()
@click.argument("document_id")
def get(document_id: str) -> None:
    """Show a document, and note that the caller viewed it."""
    with connect() as client:
        _show(client.documents.get_document(rpc.GetDocumentRequest(document_id=document_id)).document)


@documents.command()
@click.argument("files", metavar="FILE...", type=_FILE_OR_STDIN, nargs=-1, required=True)
@click.option("--title", help="The title. [default: the name of the file]")
@click.option("--file-name", metavar="NAME", help="The name of the file. [default: its own; - has none]")
@_description_option
@_access_option
def create(
    files: tuple[Path, ...],
    title: str | None,
    file_name: str | None,
    description: str | None,
    access: AccessLevel | None,
) -> None:
    """Create a document from each file: pdf, docx, xlsx, csv or markdown; - is stdin.

    Stops at the first that fails.
    """
    if len(files) > 1 and (title is not None or file_name is not None):
        raise click.UsageError("--title and --file-name go with one file.")
    if len(files) > 1:
        _create_each(files, description, access)
        return
    with source_of(files[0], file_name or title) as source:
        upload = Upload(source, title or file_name or files[0].name, file_name, description, access)
        with connect() as client:
            (document,) = upload_all(client, [upload])
            _show(document)


@documents.command()
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@_description_option
@_access_option
def upload(files: tuple[Path, ...], description: str | None, access: AccessLevel | None) -> None:
    """Create a document from each file, titled by the file's name. Stops at the first that fails."""
    _create_each(files, description, access)


@documents.command()
@click.argument("document_id")
@from_option(rpc.UpdateDocumentRequest)
@click.option("--title", help="The title.")
@click.option("--description", help="A description; empty clears.")
def update(
    document_id: str, request: rpc.UpdateDocumentRequest | None, title: str | None, description: str | None
) -> None:
    """Change what the options name, and nothing else."""
    if request is None and title is None and description is None:
        raise click.UsageError("There is nothing to change: give an option.")
    request = request or rpc.UpdateDocumentRequest()
    request.document_id = document_id
    if title is not None:
        request.title = title
    if description is not None:
        request.description = description
    with connect() as client:
        _show(client.documents.update_document(request).document)


@documents.command()
@click.argument("document_ids", metavar="DOCUMENT_ID...", nargs=-1, required=True)
@yes_option
def trash(document_ids: tuple[str, ...], yes: bool) -> None:
    """Move documents to the trash, which ends their sharing for good.

    Asks first on a terminal, and needs --yes elsewhere.
    """
    with connect() as client:
        confirm(f"Move {one_or_many('document', document_ids)} to the trash and end all sharing?", yes=yes)
        with Bar("Moving to the trash", len(document_ids)) as progress:
            for document_id in document_ids:
                client.documents.trash_document(rpc.TrashDocumentRequest(document_id=document_id))
                progress.update(1)


@documents.command()
@click.argument("document_ids", metavar="DOCUMENT_ID...", nargs=-1, required=True)
def untrash(document_ids: tuple[str, ...]) -> None:
    """Take documents out of the trash."""
    with connect() as client, Bar("Taking out of the trash", len(document_ids)) as progress:
        for document_id in document_ids:
            client.documents.untrash_document(rpc.UntrashDocumentRequest(document_id=document_id))
            progress.update(1)


def _create_each(files: tuple[Path, ...], description: str | None, access: AccessLevel | None) -> None:
    if STDIN in files:
        raise click.UsageError("- goes alone, with --file-name.")
    uploads = [Upload(file, file.name, None, description, access) for file in files]
    done: list[Document] = []
    with connect() as client:
        try:
            done.extend(upload_all(client, uploads))
        finally:
            output().items(done, _COLUMNS)


def _show(document: Document | None) -> None:
    output().item(document or Document(), _COLUMNS)
