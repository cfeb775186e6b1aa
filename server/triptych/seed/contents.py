"""What is in the files of documents: as a seed file tells it, or a file beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from protobuf import Oneof

from triptych.documents.files import File, read_file
from triptych.errors import RpcError, invalid_field
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument

_CHUNK: Final = 1024 * 1024


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


def version_contents(message: SeedDocument) -> Mapping[str, Sequence[bytes]]:
    """Return the contents of the versions that a document tells, by their ids, less those that are lost.

    Raises:
        RpcError: The content is given as anything but bytes.
    """
    if message.current is None or message.content is None or message.content.field != "data":
        raise invalid_field("data", "must be given with `current`")
    told = [(message.current, message.content.value), *((each, each.data) for each in message.versions)]
    return {version.id.lower(): _chunks(data) for version, data in told if data or not version.size}


def _chunks(data: bytes) -> Sequence[bytes]:
    return [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]


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
