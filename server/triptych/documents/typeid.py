"""TypeIDs: a UUID as `prefix_` and 26 digits of base32 (TypeID specification 0.3)."""

from __future__ import annotations

import base64
import re
from typing import Final, Literal, TypeAlias
from uuid import UUID

Prefix: TypeAlias = Literal["doc", "ver", "user", "bot", "org"]

_STANDARD: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648
_CROCKFORD: Final = b"0123456789abcdefghjkmnpqrstvwxyz"
_ENCODE: Final = bytes.maketrans(_STANDARD, _CROCKFORD)
_DECODE: Final = str.maketrans(_CROCKFORD.decode(), "0123456789abcdefghijklmnopqrstuv")  # as `int` has them
# 26 digits are 130 bits. With 30 zero bits before them they are whole bytes, as base32 of RFC 4648 wants.
_ZERO_BYTES: Final = bytes(4)
_ZERO_DIGITS: Final = 6
# The first digit has 3 bits: what is above 7 would not fit into a UUID.
_SUFFIX: Final = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


class TypeIdError(ValueError):
    """A text is no TypeID with the prefix that is wanted."""


def suffix(uuid: str) -> str:
    """Return the 26 digits of a UUID, lower case."""
    digits = base64.b32encode(_ZERO_BYTES + UUID(uuid).bytes)
    return digits[_ZERO_DIGITS:].translate(_ENCODE).decode()


def encode(prefix: Prefix, uuid: str) -> str:
    """Return the TypeID of a UUID."""
    return f"{prefix}_{suffix(uuid)}"


def decode(prefix: Prefix, typeid: str) -> str:
    """Return the UUID of a TypeID, as text.

    Raises:
        TypeIdError: It has another prefix, other digits or another length, or stands for more than 128 bits.
    """
    found, _, digits = typeid.partition("_")
    if found != prefix or not _SUFFIX.fullmatch(digits):
        raise TypeIdError(f"is not {prefix}_ and 26 digits of base32 that stand for 128 bits")
    text = f"{int(digits.translate(_DECODE), 32):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
