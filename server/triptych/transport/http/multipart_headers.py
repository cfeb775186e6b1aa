"""What the headers of a part of a form say: its names, and how its content is encoded."""

from __future__ import annotations

import binascii
import contextlib
import email.utils
import re
from collections.abc import Callable, Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final, TypeAlias

from triptych.transport.http.multipart_parts import MalformedError

_PARAMETER: Final = re.compile(r';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"[ \t]*(?=;|$)|([^;]*))')
_PIECE: Final = re.compile(r"filename\*(?:([0-9]+)\*?)?")
_ESCAPED: Final = re.compile(r'\\(["\\])')
_FOLDERS: Final = re.compile(r"(?:[A-Za-z]:|\\)\\(?:.*\\)?")  # as old Windows browsers send them
_MAX_ENCODED_WORDS: Final = 2000  # characters: looking for encoded words costs the square of them
# How texts may be encoded; other names are of what nobody sends.
_CHARSETS: Final = {
    "": "utf-8",
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}

Decoder: TypeAlias = Callable[[bytes], bytes]


def parameters(header: str) -> dict[str, str]:
    """Return the parameters of a header, by names in lower case; the first one of each name."""
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(header):
        found.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) if quoted else plain.strip())
    return found


def file_names(disposition: Mapping[str, str]) -> tuple[str, ...]:
    """Return how the parameters of a Content-Disposition name a file, the plain name first; none is empty.

    RFC 7578 knows plain names in UTF-8 only. There are also those with the encoded words of RFC 2047, in
    other encodings, and `filename*` of RFC 2231, which .NET, PowerShell and old clients send.
    """
    found = [_FOLDERS.sub("", _decoded_words(_guessed(disposition.get("filename", ""))))]
    with contextlib.suppress(ValueError):  # its pieces are not numbered as they should be
        for _, value in email.utils.decode_params([("", ""), *_pieces(disposition)])[1:]:
            charset, text = (value[0] or "", value[2]) if isinstance(value, tuple) else ("", value)
            text = email.utils.unquote(text)
            encoding = _CHARSETS.get(charset.lower())
            found.append(_guessed(text) if encoding in (None, "utf-8") else _as(text, "cp1252"))
    return tuple(name for name in found if name)


def text(content: bytes, content_type: str, name: str) -> str:
    """Return the text that a part brings.

    Args:
        content: Its content.
        content_type: Its content type; empty if it has none.
        name: The name of the part, for the error.

    Raises:
        MalformedError: It is in no encoding that is known, or not in the one that it is said to be in.
    """
    charset = parameters(content_type).get("charset", "").lower()
    encoding = _CHARSETS.get(charset)
    if encoding is None:
        raise MalformedError(f"{name[:100]} is in {charset[:100]}, and texts are taken in UTF-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise MalformedError(f"{name[:100]} is not valid {(charset or 'UTF-8').upper()}") from None


class Base64:
    """Undoes the base64 of RFC 2045, section 6.8, piece by piece."""

    def __init__(self) -> None:
        self._kept = b""
        self._ended = False

    def decode(self, piece: bytes) -> bytes:
        """Return what the next piece adds.

        Raises:
            MalformedError: It is not base64.
        """
        data = self._kept + piece.translate(None, b" \t\r\n")
        whole = len(data) // 4 * 4
        self._kept = data[whole:]
        if (data and self._ended) or (self._kept.startswith(b"=")):
            raise _not_base64()
        self._ended = data[:whole].endswith(b"=")
        try:
            return binascii.a2b_base64(data[:whole], strict_mode=True)
        except binascii.Error:
            raise _not_base64() from None

    def finish(self) -> None:
        """Check that all of it has come.

        Raises:
            MalformedError: It has not.
        """
        if self._kept:
            raise _not_base64()


def transfer_decoder(encoding: str) -> Base64 | None:
    """Return what undoes a Content-Transfer-Encoding; None if there is nothing to undo.

    Raises:
        MalformedError: It is not known here.
    """
    match encoding.lower():
        case "" | "7bit" | "8bit" | "binary":
            return None
        case "base64":
            return Base64()
    shown = f"Content-Transfer-Encoding {encoding[:100]}"
    raise MalformedError(f"one of its parts has the {shown}, and only base64 and binary are taken")


def part_name(disposition: Mapping[str, str]) -> str:
    """Return the name of a part; empty if it has none."""
    return _guessed(disposition.get("name", ""))


def _pieces(disposition: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return `filename*`, or else the pieces `filename*0`, `filename*1` and so on, in their order.

    Of others, each version of Python makes something else.

    Raises:
        ValueError: There are others, there is a number twice, or one of thousands of digits.
    """
    numbered: dict[int, tuple[str, str]] = {}
    for name, value in disposition.items():
        if not name.startswith("filename*"):
            continue
        match = _PIECE.fullmatch(name)
        number = int(match[1] or -1) if match else None
        if number is None or number in numbered:
            raise ValueError(name)
        numbered[number] = name, value
    if -1 in numbered and len(numbered) > 1:
        raise ValueError("a whole name, and pieces")
    return [piece for _, piece in sorted(numbered.items())]


def _decoded_words(name: str) -> str:
    if "=?" not in name or len(name) > _MAX_ENCODED_WORDS:
        return name
    try:
        decoded = str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, ValueError):  # it only looks encoded
        return name
    return decoded.encode("utf-8", "replace").decode()  # some encodings can spell half of a pair


def _guessed(latin: str) -> str:
    """Return a text that came in UTF-8, or in what clients that do not know better send."""
    try:
        return _as(latin, "utf-8", "strict")
    except UnicodeDecodeError:
        return _as(latin, "cp1252")


def _as(latin: str, encoding: str, errors: str = "replace") -> str:
    return latin.encode("latin-1", "replace").decode(encoding, errors)


def _not_base64() -> MalformedError:
    return MalformedError("one of its parts is said to be in base64, and is not")
