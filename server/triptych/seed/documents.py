"""Document items as records: their files, with whom they are shared and who viewed them."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from protobuf import Oneof
from protobuf.wkt import Timestamp

from triptych.clock import instant
from triptych.documents.changes import new_document
from triptych.documents.examine import examine
from triptych.documents.files import File, read_file
from triptych.errors import RpcError, invalid_field
from triptych.seed.references import References
from triptych.seed.versions import restore_document
from triptych.store.base import Transaction
from triptych.store.records import DocumentRole, Grant, Origin, View
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument


async def document_file(message: SeedDocument, folder: Path, max_upload: int) -> File:
    """Return the content of a document as a request would have brought it.

    Args:
        message: The document.
        folder: The folder of the seed file.
        max_upload: The most bytes that it may have.

    Raises:
        RpcError: There is no such file, or one outside the folder; it is too large, or of no format that is
            taken.
    """
    content = message.content or Oneof("text", "")
    name = message.file_name
    if content.field == "path":
        data = _read(folder, str(content.value), max_upload)
        name = name or Path(str(content.value)).name
    else:
        data = content.value if isinstance(content.value, bytes) else content.value.encode()
        _check_size(content.field, len(data), max_upload)
    try:
        return await read_file(data, name, None)
    except RpcError as error:
        raise invalid_field(content.field, error.violations[0].description) from None


async def write_document(
    tx: Transaction,
    references: References,
    message: SeedDocument,
    origin: Origin,
    version_id: str,
    file: File | None,
) -> None:
    """Write a document as if it had been created, and its content been checked.

    Args:
        tx: Where to write it.
        references: Finds users and service accounts.
        message: The document.
        origin: Its id, its owner and when it was created.
        version_id: The id of its version.
        file: Its content; None if the message tells its versions.

    Raises:
        RpcError: A viewer or somebody whom it is shared with does not exist, or is given twice.
    """
    grants = await _grants(tx, message, origin.created_at)
    viewers = {f"views[{index}].viewer_id": view.viewer_id for index, view in enumerate(message.views)}
    _require_different(viewers)
    views = [
        View(origin.id, viewer.id, instant(view.viewed_at or Timestamp()))
        for viewer, view in zip(await references.subjects(viewers), message.views, strict=True)
    ]
    if file is None:
        await restore_document(tx, references, message, origin, grants)
    else:
        await new_document(
            tx,
            origin,
            version_id,
            file,
            title=message.title,
            description=message.description,
            access_level=message.access_level,
            grants=grants,
            examination=examine(file.source_format, file.chunks),
        )
    if views:
        await tx.views.put(*views)


async def _grants(tx: Transaction, message: SeedDocument, created_at: int) -> list[Grant]:
    recipients = {
        f"grants[{index}].recipient_id": grant.recipient_id for index, grant in enumerate(message.grants)
    }
    _require_different(recipients)
    ids = {id.lower() for id in recipients.values()}
    known = {*(await tx.references(ids)).subjects, *await tx.organizations.get_many(ids)} if ids else ids
    for field, id in recipients.items():
        if id.lower() not in known:
            raise invalid_field(field, f"no user, service account or organization {id} exists")
    return [
        Grant(
            recipient_id=grant.recipient_id.lower(),
            role=DocumentRole(grant.role),
            granted_at=created_at if grant.granted_at is None else instant(grant.granted_at),
        )
        for grant in message.grants
    ]


def _require_different(fields: Mapping[str, str]) -> None:
    seen: set[str] = set()
    for field, id in fields.items():
        if id.lower() in seen:
            raise invalid_field(field, f"{id} is given twice")
        seen.add(id.lower())


def _read(folder: Path, path: str, max_upload: int) -> bytes:
    """Read a file below the folder of the seed file: whoever only writes that file cannot publish others."""
    try:
        found = (folder / path).resolve()
        if Path(path).is_absolute() or not found.is_relative_to(folder.resolve()):
            raise invalid_field("path", f"{path} is not inside the folder of the seed file")
        if found.exists() and not found.is_file():  # a pipe could be waited for, a device never end
            raise invalid_field("path", f"{path} is no file")
        _check_size("path", found.stat().st_size, max_upload)
        return found.read_bytes()
    except OSError as error:
        raise invalid_field("path", f"{path} cannot be read: {error.strerror}") from None
    except RuntimeError:  # symbolic links that lead to themselves, up to Python 3.12
        raise invalid_field("path", f"{path} cannot be read: {os.strerror(errno.ELOOP)}") from None
    except ValueError:  # a null character
        raise invalid_field("path", "is no path of a file") from None


def _check_size(field: str, size: int, max_upload: int) -> None:
    if size > max_upload:
        raise invalid_field(
            field, f"the content has {size} bytes, more than the {max_upload} of --max-upload"
        )
