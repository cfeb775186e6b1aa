"""The contents of document items: what stands in the seed file, or in a file that it names."""

from __future__ import annotations

from pathlib import Path

from protobuf import Oneof

from triptych.documents.files import File, read_file
from triptych.errors import RpcError
from triptych.seed.items import SeedItem
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument


async def document_file(item: SeedItem, message: SeedDocument, max_upload: int) -> File:
    """Return the content of a document as a request would have brought it.

    Args:
        item: The document.
        message: What was read of it.
        max_upload: The most bytes that it may have.

    Raises:
        SeedError: There is no such file, or one outside the folder; it is too large, or of no format that is
            taken.
    """
    content = message.content or Oneof("text", "")
    name = message.file_name
    if content.field == "path":
        data = _read(item, content.value, max_upload)
        name = name or Path(content.value).name
    else:
        data = content.value.encode()
        _check_size(item, "text", len(data), max_upload)
    try:
        return await read_file(data, name, None)
    except RpcError as error:
        raise item.place.error(content.field, error.violations[0].description) from None


def _read(item: SeedItem, path: str, max_upload: int) -> bytes:
    """Read a file below the folder of the seed file: whoever only writes that file cannot publish others."""
    folder = Path(item.place.file).parent
    try:
        found = (folder / path).resolve()
        if Path(path).is_absolute() or not found.is_relative_to(folder.resolve()):
            raise item.place.error("path", f"{path} is not inside the folder of the seed file")
        if found.exists() and not found.is_file():  # a pipe could be waited for, a device never end
            raise item.place.error("path", f"{path} is no file")
        _check_size(item, "path", found.stat().st_size, max_upload)
        return found.read_bytes()
    except OSError as error:
        raise item.place.error("path", f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RuntimeError):  # a null character; symbolic links that lead to themselves
        raise item.place.error("path", "is no path of a file") from None


def _check_size(item: SeedItem, field: str, size: int, max_upload: int) -> None:
    if size > max_upload:
        text = f"the content has {size} bytes, more than the {max_upload} of --max-upload"
        raise item.place.error(field, text)
