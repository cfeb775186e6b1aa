"""What comes beside the messages of a call: headers and trailers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

HeaderItems: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]
"""Headers to send: a mapping, or pairs where a name comes more than once."""


@dataclass(slots=True)
class Metadata:
    """What came beside the messages of a call. Give one to a call to have it filled when the call ends.

    Attributes:
        headers: Pairs in the order they came, names in lower case.
        trailers: The same.
    """

    headers: list[tuple[str, str]] = field(default_factory=list)
    trailers: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """Return the first header, else the first trailer, of that lower-case name; None if there is none."""
        return next((value for key, value in (*self.headers, *self.trailers) if key == name), None)

    def fill(self, headers: Iterable[tuple[str, str]], trailers: Iterable[tuple[str, str]]) -> None:
        """Replace what is held."""
        self.headers, self.trailers = list(headers), list(trailers)


def header_pairs(headers: HeaderItems | None) -> list[tuple[str, str]]:
    """Return headers as pairs, names in lower case."""
    items = headers.items() if isinstance(headers, Mapping) else headers or ()
    return [(name.lower(), value) for name, value in items]


def merged(defaults: Iterable[tuple[str, str]], given: HeaderItems | None) -> list[tuple[str, str]]:
    """Return the given headers, and those of the defaults whose names they do not have."""
    pairs = header_pairs(given)
    names = {name for name, _ in pairs}
    return [*(pair for pair in defaults if pair[0] not in names), *pairs]
