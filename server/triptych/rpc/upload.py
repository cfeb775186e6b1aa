"""A file that came beside a request message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """An extension of calls: the file that was a part of a form.

    Attributes:
        chunks: The content, in the pieces that it came in.
        file_name: What the client names it; empty if it does not.
        content_type: What the client says that it is; empty if it does not.
    """

    chunks: tuple[bytes, ...]
    file_name: str
    content_type: str
