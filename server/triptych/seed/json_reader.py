"""Reads JSON as values that know their lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from triptych.seed.errors import file_error
from triptych.seed.nodes import Event, Node, build, number

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s:,"\[\]{}]+|[\[\]{}\n]')


def read_json(text: str, file: str, first_line: int = 1) -> Node | None:
    """Read a JSON file, or the line of a file that `first_line` tells; None if there is nothing in it.

    Raises:
        SeedError: The text is not JSON, is nested too deeply, or repeats a key.
    """
    if not text.strip():
        return None
    try:
        json.loads(text, parse_int=str)  # a long integer is slow to make
    except json.JSONDecodeError as error:
        line, text = first_line - 1 + error.lineno, f"not valid JSON: {error.msg.removesuffix(' at')}"
        raise file_error(file, text, line=line, column=error.colno) from None
    except RecursionError:  # which is told with its line below
        pass
    events = _events(text, file, first_line)
    return build(file, events, next(events))


def _events(text: str, file: str, line: int) -> Iterator[Event]:
    """Take JSON apart that is known to be well-formed, at least as deep as anybody reads it."""
    for token in _TOKEN.findall(text):
        match token[0]:
            case "\n":
                line += 1
            case "{":
                yield Event(line, "mapping")
            case "[":
                yield Event(line, "list")
            case "}" | "]":
                yield Event(line, "end")
            case '"' | "t" | "f" | "n":
                yield Event(line, "scalar", json.loads(token))
            case _:
                if (value := number(token)) is None:
                    raise file_error(file, "not valid JSON: NaN, or a number that large", line=line)
                yield Event(line, "scalar", value)
