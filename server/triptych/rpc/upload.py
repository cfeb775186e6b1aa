"""A file that came beside a request message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """An extension of calls: the file that was a part of a form.

    Attributes:
        chunks: The content, in the pieces that it came in.
        file_names: What the client names it, in the order of their worth; none may be empty.
        content_type: What the client says that it is; empty if it does not.
    """

    chunks: tuple[bytes, ...]
    file_names: tuple[str, ...]
    content_type: str
