"""What commands print: tables for people, JSON and tabs for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import click
import orjson
from protobuf import Message

from triptych_client.cli.failures import CommandFailed
from triptych_client.cli.table import Column, table
from triptych_client.cli.terminal import blank, escape, escape_json, is_terminal, pad, width

Format: TypeAlias = Literal["auto", "table", "json", "ndjson", "tsv"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Output:
    """Prints messages.

    Attributes:
        format: How. `auto` is `table` on a terminal and `json` in a pipe.
        piped: What `auto` is in a pipe.
    """

    format: Format
    piped: Format = "json"

    def items(self, items: Iterable[Message], columns: tuple[Column, ...]) -> None:
        """Print a list: a table, an array, or a line for each item, while they come."""
        match self._chosen():
            case "json":
                lines = _array(items)
            case "ndjson":
                lines = map(_compact, items)
            case "tsv":
                lines = ("\t".join(blank(column.text(item)) for column in columns) for item in items)
            case _:
                lines = table(columns, items, _room())
        for line in lines:
            _print(line)

    def item(self, message: Message, columns: tuple[Column, ...]) -> None:
        """Print one message: a line for each field, an object, or the cells of its columns."""
        match self._chosen():
            case "json":
                _print(_indented(message))
            case "ndjson":
                _print(_compact(message))
            case "tsv":
                self.items([message], columns)
            case _:
                for line in _fields(message):
                    _print(line)

    def line(self, message: Message, text: str) -> None:
        """Print what the message is about, and the message only if JSON is asked for."""
        match self.format:
            case "json":
                _print(_indented(message))
            case "ndjson":
                _print(_compact(message))
            case _:
                _print(escape(text))

    def _chosen(self) -> Format:
        if self.format != "auto":
            return self.format
        return "table" if is_terminal(sys.stdout) else self.piped


def _print(line: str) -> None:
    # A terminal that cannot show a character gets it spelled out, not an exception.
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        click.echo(line.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandFailed(f"the output cannot be written: {error.strerror}") from None


def _room() -> int | None:
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def _value(message: Message) -> Any:
    return orjson.loads(message.to_json(always_emit_implicit=True))


def _compact(message: Message) -> str:
    return escape_json(message.to_json(always_emit_implicit=True))


def _indented(message: Message) -> str:
    return escape_json(orjson.dumps(_value(message), option=orjson.OPT_INDENT_2).decode())


def _array(items: Iterable[Message]) -> Iterator[str]:
    """Return the lines of an array; each item is printed when the next one is known."""
    before = None
    for item in items:
        if before is None:
            yield "["
        else:
            yield before + ","
        before = "  " + _indented(item).replace("\n", "\n  ")
    yield "[]" if before is None else before + "\n]"


def _fields(message: Message) -> Iterator[str]:
    pairs = [(path, text) for path, text in _leaves("", _value(message)) if text]
    room = max((width(path) for path, _ in pairs), default=0)
    for path, text in pairs:
        yield f"{pad(path, room)}  {text}"


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Return the path and the text of each value that holds no others."""
    match value:
        case dict() if value and all(each is True or each is False for each in value.values()):
            yield path, " ".join(escape(key) for key, each in value.items() if each)
        case dict() if value:
            for key, each in value.items():
                yield from _leaves(f"{path}.{escape(key)}" if path else escape(key), each)
        case list() if value and not isinstance(value[0], (dict, list)):
            yield path, " ".join(escape(str(each)) for each in value)
        case list() if value:
            for index, each in enumerate(value):
                yield from _leaves(f"{path}[{index}]", each)
        case bool():
            yield path, "yes" if value else "no"
        case _:
            yield path, "" if value in ({}, []) else escape(str(value))
