"""Strict percent-decoding (RFC 3986, section 2.1): what is left is Unicode text."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SLASH = re.compile(r"(%2[Ff])")


class PercentError(ValueError):
    """Says what is wrong with encoded text, as a clause that can follow its name."""


def as_text(data: bytes) -> str:
    """Return what came in a request line as text; browsers and tools do send UTF-8 that is not encoded.

    Raises:
        PercentError: It is not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise PercentError("is not valid UTF-8") from None


def decode(text: str) -> str:
    """Decode all that is encoded.

    Raises:
        PercentError: A `%` has no two hexadecimal digits, or what they stand for is not UTF-8.
    """
    if "%" not in text:
        return text
    if _MALFORMED.search(text):
        raise PercentError("has a % without two hexadecimal digits after it")
    return as_text(unquote_to_bytes(text))


def decode_but_slashes(text: str) -> str:
    """Decode all but encoded slashes, which are told from others only by staying as they are.

    Raises:
        PercentError: As `decode` does.
    """
    if "%" not in text:
        return text
    pieces = _SLASH.split(text)
    pieces[::2] = map(decode, pieces[::2])
    return "".join(pieces)


def decode_form(text: str) -> str:
    """Decode a key or a value of a query, in which forms write blanks as `+`.

    Raises:
        PercentError: As `decode` does.
    """
    return decode(text.replace("+", " ") if "+" in text else text)
