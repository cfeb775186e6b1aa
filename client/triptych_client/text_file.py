"""Text files as people's editors and shells write them."""

from __future__ import annotations

import codecs
from typing import Final

# The mark of UTF-32 begins with the one of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(data: bytes) -> str:
    """Return the text of a file without the byte order mark that may tell how it is encoded; UTF-8 else.

    Raises:
        UnicodeDecodeError: It is not encoded so.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    return data.decode()
