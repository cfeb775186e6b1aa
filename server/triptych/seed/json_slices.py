"""A JSON file cut into the texts of its items, each with its line, so that an item is read like a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from triptych.seed.errors import SeedError, file_error

_DECODER = json.JSONDecoder(parse_int=str)  # the value is not used, and a long integer is slow to make
_BLANKS = re.compile(r"[ \t\r\n]*")


def syntax_error(file: str, error: json.JSONDecodeError, line: int | None = None) -> SeedError:
    """Tell where a file, or the given line of it, is not JSON."""
    text = f"not valid JSON: {error.msg.removesuffix(' at')}"
    return file_error(file, text, line=line or error.lineno, column=error.colno)


class JsonSlices:
    """Walks over an object of arrays.

    Every method raises SeedError where the file is not JSON.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._position = 0
        self._line = 1
        self._counted = 0  # up to where lines are counted

    def walk_object(self) -> Iterator[str]:
        """Walk over an object and after it the end of the file; stop after each key, before its value."""
        if not self._accept("{"):
            raise file_error(self._file, "must hold an object", line=self.line())
        more = not self._accept("}")
        while more:
            if self._next() != '"':
                raise self._error("Expecting a key in double quotes")
            key, _ = self.value()
            self._expect(":")
            yield key
            more = not self._accept("}")
            if more:
                self._expect(",")
        if self._next():
            raise self._error("Extra data")

    def walk_array(self) -> Iterator[tuple[int, str]]:
        """Walk over an array; return the line and the text of each element."""
        self._expect("[")
        more = not self._accept("]")
        while more:
            line = self.line()
            _, text = self.value()
            yield line, text
            more = not self._accept("]")
            if more:
                self._expect(",")

    def is_array(self) -> bool:
        """Tell whether an array comes next."""
        return self._next() == "["

    def value(self) -> tuple[Any, str]:
        """Pass over the next value, and return it and its text."""
        self._next()
        start = self._position
        try:
            value, self._position = _DECODER.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            raise syntax_error(self._file, error) from None
        except RecursionError:
            raise self._error("nested too deeply") from None
        return value, self._text[start : self._position]

    def line(self) -> int:
        """Return the line where the next value starts."""
        self._next()
        self._line += self._text.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._line

    def _next(self) -> str:
        match = _BLANKS.match(self._text, self._position)
        self._position = match.end() if match else self._position
        return self._text[self._position : self._position + 1]

    def _accept(self, mark: str) -> bool:
        found = self._next() == mark
        self._position += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._error(f"Expecting '{mark}'")

    def _error(self, text: str) -> SeedError:
        return syntax_error(self._file, json.JSONDecodeError(text, self._text, self._position))
