"""Requests from files, and the parts of requests that several commands share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar, cast

import click
import yaml
from click.shell_completion import CompletionItem
from protobuf import Message

from triptych_client.cli.message_json import read_message
from triptych_client.text_file import text_of

M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=IntEnum)


def from_option(message_class: type[Message]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option --from, which gives the whole request; other options then change it."""
    return click.option(
        "--from",
        "request",
        type=RequestFile(message_class),
        metavar="FILE",
        help=f"{message_class.desc().name} as JSON or YAML; - is stdin. Other options change it.",
    )


class RequestFile(click.ParamType[Any]):
    """A file with one message in the JSON form of protobuf, or in the same form as YAML; `-` is stdin."""

    name = "file"

    def __init__(self, message_class: type[Message]) -> None:
        self._class = message_class

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the message."""
        if isinstance(value, Message) or (ctx is not None and ctx.resilient_parsing):
            return value
        values = self._values(value, param, ctx)
        if len(values) != 1:
            self.fail(
                f"{value}: one {self._class.desc().name} is needed, {len(values)} are there", param, ctx
            )
        return self._message(values[0], value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Let the shell complete the name of a file."""
        return [CompletionItem(incomplete, type="file")]

    def _values(self, file: str, param: click.Parameter | None, ctx: click.Context | None) -> list[Any]:
        try:
            with click.open_file(file, "rb") as opened:
                return _parse(text_of(opened.read()))
        except (OSError, UnicodeDecodeError) as error:
            self.fail(f"{file}: {getattr(error, 'strerror', None) or 'not UTF-8'}", param, ctx)
        except RecursionError:
            self.fail(f"{file}: nested too deeply", param, ctx)
        except yaml.YAMLError as error:
            self.fail(f"{file}: neither JSON nor YAML: {' '.join(str(error).split())}", param, ctx)

    def _message(
        self, value: Any, place: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Message:
        try:
            return read_message(value, self._class)
        except ValueError as error:
            self.fail(f"{place}: {error}", param, ctx)


class RequestsFile(RequestFile):
    """A file with any number of messages: a list, a line of JSON for each, or a YAML document for each."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the messages."""
        if isinstance(value, list) or (ctx is not None and ctx.resilient_parsing):
            return value
        values = self._values(value, param, ctx)
        if len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        return [
            self._message(each, f"{value}: item {index}", param, ctx)
            for index, each in enumerate(values, start=1)
        ]


class EnumChoice(click.ParamType[E]):
    """A value of an enum of the contract: its name in any case, with hyphens or as the contract has it."""

    def __init__(self, enum_class: type[E]) -> None:
        self.name = "choice"
        self._prefix = re.sub("(?<=[a-z])(?=[A-Z])", "-", enum_class.__name__).lower() + "-"
        self._values = {each.name.lower().replace("_", "-"): each for each in enum_class if each}

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the names, as help shows them."""
        return f"[{'|'.join(self._values)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> E:
        """Return the value that a name means."""
        if isinstance(value, IntEnum):
            return cast("E", value)
        found = self._values.get(str(value).lower().replace("_", "-").removeprefix(self._prefix))
        if found is None:
            self.fail(f"{value!r} is none of {', '.join(self._values)}", param, ctx)
        return found

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Return the names that begin so."""
        return [CompletionItem(name) for name in self._values if name.startswith(incomplete.lower())]


class _Loader(yaml.CSafeLoader):
    """Leaves times as text, which the JSON form of protobuf wants."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _parse(text: str) -> list[Any]:
    """Return the values in a file: one JSON, one on each line, or the documents of YAML."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError:
        return [each for each in yaml.load_all(text, _Loader) if each is not None]
