"""Text for a terminal: what it shows must be what the text says, and as wide as it is counted."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import IO, Any, Final

# Controls of C1, and what is invisible or changes the direction or the line: a terminal obeys it.
_INVISIBLE: Final = (
    "\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPED: Final = re.compile(f"[\x00-\x1f{_INVISIBLE}]")
# The soft hyphen and the joiners are a part of words in many languages; elsewhere nobody would see them, and
# between pictures a joiner changes how wide these are.
_IN_WORDS: Final = "\xad\u200c\u200d"
_OF_WORDS: Final = ("L", "M")
_CONTROL_IN_JSON: Final = re.compile(f"[{_INVISIBLE}]")
_NO_WIDTH: Final = "\u200c\u200d"
# Vowels and final consonants of Hangul, which stand in the place of the consonant before them.
_JOINED_JAMO: Final = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
_LATIN_1: Final = 0xFF
_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def is_terminal(stream: IO[Any] | None) -> bool:
    """Tell whether a stream is a terminal; a process may be started without the stream."""
    return stream is not None and stream.isatty()


def escape(text: str) -> str:
    r"""Write control characters as `\n` or `\x1b`: a name must not move the cursor or hide what follows."""
    return _ESCAPED.sub(lambda match: match[0] if _is_in_word(match) else _escaped(match[0]), text)


def escape_json(text: str) -> str:
    r"""Write as `\u009b` what JSON itself lets through. The text means the same."""
    return _CONTROL_IN_JSON.sub(lambda match: json.dumps(match[0])[1:-1], text)


def blank(text: str) -> str:
    """Put a blank in the place of each control character, as fields between tabs need; the rest is text."""
    return _CONTROL.sub(" ", text)


def width(text: str) -> int:
    """Return how many columns a text takes: East Asian wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def cut(text: str, columns: int) -> str:
    """Return the text, with an ellipsis for its end if it takes more columns than there are."""
    if width(text) <= columns:
        return text
    room = columns - 1
    for index, char in enumerate(text):
        room -= _char_width(char)
        if room < 0:
            return text[:index] + "…"
    return text


def cut_start(text: str, columns: int) -> str:
    """Return the text, with an ellipsis for its start if it takes more columns than there are."""
    return cut(text[::-1], columns)[::-1]


def pad(text: str, columns: int) -> str:
    """Return the text with blanks up to a number of columns."""
    return text + " " * (columns - width(text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me") or char in _NO_WIDTH or _JOINED_JAMO.match(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _is_in_word(match: re.Match[str]) -> bool:
    """Tell whether it is a joiner or a soft hyphen between two characters of words."""
    around = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return match[0] in _IN_WORDS and all(
        each != "" and unicodedata.category(each).startswith(_OF_WORDS) for each in around
    )


def _escaped(char: str) -> str:
    code = ord(char)
    return _NAMED.get(char) or (f"\\x{code:02x}" if code <= _LATIN_1 else json.dumps(char)[1:-1])
