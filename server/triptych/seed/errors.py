"""What a seed file that cannot be used is answered with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from triptych.errors import RpcError, Violation

if TYPE_CHECKING:
    from triptych.seed.nodes import Node

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_MAY_BE_SECRET = re.compile(r"(tokens?\b|\W|$)")


class SeedError(Exception):
    """A seed file cannot be used.

    Its text has a line for each thing that is wrong: file, line, path of the field, what is wrong. It never
    holds the secret of a token.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a thing is.

    Attributes:
        file: The file, as it was given.
        node: What the file has there; it knows the lines.
        path: The path of the thing, as `projects[0]`.
    """

    file: str
    node: Node
    path: str = ""

    def error(self, field: str, text: str) -> SeedError:
        """Tell what is wrong with a field; an empty one means the thing itself."""
        return SeedError([self._problem(Violation(field, text))])

    def refusal(self, error: RpcError) -> SeedError:
        """Tell all that a reader, a rule or a service refused, with paths that start at the thing."""
        violations = error.violations or (Violation(error.field, error.message),)
        return SeedError(map(self._problem, violations))

    def _problem(self, violation: Violation) -> str:
        field, text = violation.field, violation.description
        line = self.node.line_of(field)
        if _MAY_BE_SECRET.match(self.path or field):  # then nothing is repeated that stands in the file
            text, *_ = text.partition(", not ")
            field, strange_key, _ = field.partition('["')
            text = f"a key {text}" if strange_key else text
        dot = "." if self.path and field and not field.startswith("[") else ""
        return ": ".join(part for part in (f"{self.file}:{line}", self.path + dot + field, text) if part)


def file_error(file: str, text: str, *, line: int | None = None, column: int | None = None) -> SeedError:
    """Tell what is wrong with a file as such, or with the syntax of a line."""
    place = ":".join(str(part) for part in (file, line, column) if part is not None)
    return SeedError([f"{place}: {text}"])


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read it.

    Raises:
        SeedError: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise file_error(str(path), f"cannot be read: {error.strerror}") from None


def naming(key: str) -> str:
    """Name a key in a text, unless it looks like none and could be a secret, as in `secret:123`."""
    return f"the key {key}" if _PLAIN_KEY.fullmatch(key) else "a key"
