"""YAML as plain values that know their lines.

Read by the JSON-like rules of YAML 1.2: only true, false, null and decimal numbers are not text, so that
dates stay text and `no` is a word. Anchors and aliases (a short file could unfold into a huge one), tags,
further documents, repeated keys and keys that are not text are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml import events
from yaml.reader import ReaderError

from triptych.codec.faults import quoted
from triptych.seed.errors import SeedError, file_error, naming

_MAX_DEPTH = 50  # an item needs 10
_MAX_DIGITS = 400  # longer than any number that a field can hold
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STEP = re.compile(r'\.?([^.\[\]"]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]')  # a name, an index, a quoted key


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and the line where it starts; for a value in a mapping, the line of its key."""

    line: int
    value: str | int | float | bool | list[Node] | dict[str, Node] | None

    def plain(self) -> Any:
        """Return the value without lines, as a JSON parser would."""
        match self.value:
            case list():
                return [node.plain() for node in self.value]
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
            case _:
                return self.value


def read_yaml(text: str, file: str) -> Node | None:
    """Read a YAML file; None if there is nothing in it.

    Raises:
        SeedError: The text is not YAML, or uses what is refused here.
    """
    try:
        return _Builder(file, yaml.parse(text, Loader=yaml.CSafeLoader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise file_error(file, f"not valid YAML: {error.problem}", line=line, column=column) from None
    except ReaderError as error:
        line = text.encode().count(b"\n", 0, error.position) + 1
        raise file_error(file, f"not valid YAML: {error.reason}", line=line) from None


def line_of(node: Node, path: str) -> int:
    """Return the line of the field at a path of .proto names, or of the last step to it that there is."""
    for name, index, quoted_key in _STEP.findall(path):
        match node.value:
            case list() as items if index and int(index) < len(items):
                node = items[int(index)]
            case dict() as members:
                found = members.get(name) or members.get(_camel(name))
                if quoted_key:
                    found = next((members[key] for key in members if quoted(key) == quoted_key), None)
                if found is None:
                    break
                node = found
            case _:
                break
    return node.line


class _Builder:
    def __init__(self, file: str, parsed: Iterator[yaml.Event]) -> None:
        self._file = file
        self._events = parsed

    def document(self) -> Node | None:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), events.StreamEndEvent):
            return None
        root = self._node(next(self._events), None, _MAX_DEPTH)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, events.StreamEndEvent):
            raise self._refused(after, "a second document is not allowed")
        return root

    def _node(self, event: yaml.Event, line: int | None, depth: int) -> Node:
        line = line or _line(event)
        if depth == 0:
            raise self._refused(event, f"nested more than {_MAX_DEPTH} levels deep")
        match event:
            case events.ScalarEvent(anchor=None, tag=None):
                return Node(line, _scalar(event))
            case events.SequenceStartEvent(anchor=None, tag=None):
                items = []
                while not isinstance(item := next(self._events), events.SequenceEndEvent):
                    items.append(self._node(item, None, depth - 1))
                return Node(line, items)
            case events.MappingStartEvent(anchor=None, tag=None):
                return Node(line, self._members(depth - 1))
            case _:
                raise self._refused(event, "anchors (&), aliases (*) and tags (!) are not allowed")

    def _members(self, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._node(event, None, depth)
            if not isinstance(key.value, str):
                raise self._refused(event, "a key must be text")
            if key.value in members:
                raise self._refused(event, f"{naming(key.value)} is given more than once")
            members[key.value] = self._node(next(self._events), key.line, depth)
        return members

    def _refused(self, event: yaml.Event, text: str) -> SeedError:
        return file_error(self._file, text, line=_line(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text: str = event.value
    is_plain, _ = event.implicit
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if not number or len(text) > _MAX_DIGITS:
        return text
    return int(text) if number[1] is number[2] is None else float(text)


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)
