"""The file that a request brings: in the message, or beside it as a part of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triptych.documents.background import off_loop
from triptych.documents.formats import FormatError, named_format, source_format
from triptych.errors import Reason, invalid_field
from triptych.rpc.upload import Upload

_FIELD: Final = "payload"
_MAX_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class File:
    """A file of a format that is taken."""

    chunks: tuple[bytes, ...]
    size: int
    name: str
    source_format: str


async def read_file(payload: bytes, file_name: str, upload: Upload | None) -> File:
    """Return the file of a request.

    Args:
        payload: The content, as in the message.
        file_name: Its name, as in the message.
        upload: The file that came beside the message; it wins. So do its names, if they tell a format.

    Raises:
        RpcError: INVALID_ARGUMENT if there is no file, or its format is not taken.
    """
    upload = upload or Upload((payload,), (), "")
    size = sum(map(len, upload.chunks))
    if not size:
        raise invalid_field(_FIELD, "must be a file that is not empty", Reason.MISSING_REQUIRED_FIELD)
    names = [*upload.file_names, *([file_name] if file_name else [])]
    name = next(filter(named_format, names), names[0] if names else "")
    if len(name) > _MAX_NAME:
        raise invalid_field(_FIELD, f"has a name of more than {_MAX_NAME} characters")
    if "\0" in name:
        raise invalid_field(_FIELD, "has a name with the character NUL, which databases do not keep")
    try:
        format = await off_loop(size, source_format, upload.chunks, name, upload.content_type)
    except FormatError as error:
        raise invalid_field(_FIELD, str(error)) from None
    return File(upload.chunks, size, name, format)
