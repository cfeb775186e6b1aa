"""The values of a file in the form of a Seed message, each with its line, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from triptych.codec.faults import quoted
from triptych.seed.errors import file_error, naming

_MAX_DEPTH = 50  # an item needs 10
_MAX_DIGITS = 400  # longer than any number that a field can hold
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
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

    def line_of(self, path: str) -> int:
        """Return the line of the field at a path of .proto names, or of the last step to it that there is."""
        node = self
        for name, index, quoted_key in _STEP.findall(path):
            match node.value:
                case list() as items if index and int(index) < len(items):
                    node = items[int(index)]
                case dict() as members:
                    names = (name, camel(name))
                    for key, member in members.items():
                        if quoted(key) == quoted_key if quoted_key else key in names:
                            node = member
                            break
                    else:
                        break
                case _:
                    break
        return node.line


class Event(NamedTuple):
    """A step of a parser through a file: a mapping, a list or their end, or a scalar."""

    line: int
    kind: Literal["mapping", "list", "end", "scalar"]
    value: str | int | float | bool | None = None


def number(text: str) -> int | float | None:
    """Return a number as JSON writes it; None if it is none, or larger than any that a field can hold."""
    found = _NUMBER.fullmatch(text)
    if not found or len(text) > _MAX_DIGITS:
        return None
    value = int(text) if found[1] is found[2] is None else float(text)
    return None if abs(value) == float("inf") else value


def camel(name: str) -> str:
    """Return a .proto name in lowerCamelCase."""
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def build(file: str, events: Iterator[Event], first: Event, depth: int = _MAX_DEPTH) -> Node:
    """Return the value that begins with the event that was taken first.

    Raises:
        SeedError: It is nested too deeply, or has a key twice or one that is no text.
    """
    if depth == 0:
        raise file_error(file, f"nested more than {_MAX_DEPTH} levels deep", line=first.line)
    if first.kind == "scalar":
        return Node(first.line, first.value)
    if first.kind == "list":
        return Node(first.line, [build(file, events, event, depth - 1) for event in _inside(events)])
    members: dict[str, Node] = {}
    for key in _inside(events):
        if not isinstance(key.value, str):
            raise file_error(file, "a key must be text", line=key.line)
        if key.value in members:
            raise file_error(file, f"{naming(key.value)} is given more than once", line=key.line)
        node = build(file, events, next(events), depth - 1)
        members[key.value] = Node(key.line, node.value)
    return Node(first.line, members)


def _inside(events: Iterator[Event]) -> Iterator[Event]:
    """Return the first events of what is in the mapping or list that just began."""
    while (event := next(events)).kind != "end":
        yield event
