"""Reads YAML as values that know their lines.

The JSON-like rules of YAML 1.2 hold: only true, false, null and decimal numbers are not text, so that dates
stay text and `no` is a word. Anchors and aliases (a short file could unfold into a huge one), tags, further
documents, repeated keys and keys that are not text are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from yaml import events
from yaml.reader import ReaderError

from triptych.seed.errors import file_error
from triptych.seed.nodes import Event, Node, build, number

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(text: str, file: str) -> Node | None:
    """Read a YAML file; None if there is nothing in it.

    Raises:
        SeedError: The text is not YAML, or uses what is refused here.
    """
    try:
        steps = _events(file, yaml.parse(text, Loader=yaml.CSafeLoader))
        first = next(steps, None)
        root = None if first is None else build(file, steps, first)
        next(steps, None)  # there may be a second document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise file_error(file, f"not valid YAML: {error.problem}", line=line, column=column) from None
    except ReaderError as error:
        line = text.encode().count(b"\n", 0, error.position) + 1
        raise file_error(file, f"not valid YAML: {error.reason}", line=line) from None
    return root


def _events(file: str, parsed: Iterator[yaml.Event]) -> Iterator[Event]:
    documents = 0
    for event in parsed:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case events.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise file_error(file, "a second document is not allowed", line=line)
            case events.ScalarEvent(anchor=None, tag=None):
                yield Event(line, "scalar", _scalar(event))
            case events.SequenceStartEvent(anchor=None, tag=None):
                yield Event(line, "list")
            case events.MappingStartEvent(anchor=None, tag=None):
                yield Event(line, "mapping")
            case events.SequenceEndEvent() | events.MappingEndEvent():
                yield Event(line, "end")
            case events.NodeEvent():
                text = "anchors (&), aliases (*) and tags (!) are not allowed"
                raise file_error(file, text, line=line)


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text: str = event.value
    is_plain, _ = event.implicit
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    value = number(text)
    return text if value is None else value
