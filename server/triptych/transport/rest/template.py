"""Path templates, as google/api/http.proto describes them under "Path template syntax"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias
from urllib.parse import quote

LITERAL_CHARACTERS: Final = "!$&'()+,;=@-._~"
"""What a literal may hold beside letters and digits.

It is what RFC 3986 allows in a path segment, without `*` and `:`, which the grammar uses. Other characters
"should be percent-encoded before the matching".
"""


class Wildcard(Enum):
    """A segment that matches more than one text."""

    ONE = "*"
    """Matches one segment, which is not empty."""

    REST = "**"
    """Matches zero or more segments, up to the end; they may be empty."""


Segment: TypeAlias = str | Wildcard
"""A literal, decoded, or a wildcard."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A field that takes its value from a part of the path.

    Attributes:
        path: The names of the field and of those that it is in, the outermost first.
        start: The first of its segments.
        end: The segment after its last one.
    """

    path: tuple[str, ...]
    start: int
    end: int

    @property
    def name(self) -> str:
        """The path of the field, as `book.name`."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was parsed; `str` writes it down again.

    Attributes:
        segments: The segments, those of variables included.
        variables: The variables, in order.
        verb: The custom verb after the colon, decoded; "" if there is none.
    """

    segments: tuple[Segment, ...]
    variables: tuple[Variable, ...] = ()
    verb: str = ""

    def __str__(self) -> str:
        parts: list[str] = []
        done = 0
        for variable in self.variables:
            parts += map(_written, self.segments[done : variable.start])
            own = "/".join(map(_written, self.segments[variable.start : variable.end]))
            parts.append(f"{{{variable.name}}}" if own == "*" else f"{{{variable.name}={own}}}")
            done = variable.end
        parts += map(_written, self.segments[done:])
        verb = f":{_written(self.verb)}" if self.verb else ""
        return f"/{'/'.join(parts)}{verb}"

    def shape(self) -> str:
        """Write the template without its variables: what has the same shape matches the same paths."""
        return str(Template(self.segments, verb=self.verb))

    def is_multiple(self, variable: Variable) -> bool:
        """Tell whether a variable "contains multiple path segments", which changes how it is decoded."""
        own = self.segments[variable.start : variable.end]
        return len(own) > 1 or own[0] is Wildcard.REST


def _written(segment: Segment) -> str:
    return quote(segment, safe=LITERAL_CHARACTERS) if isinstance(segment, str) else segment.value
