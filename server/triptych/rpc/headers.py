"""The headers of a request, as the pipeline and the services read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol


class Headers(Protocol):
    """Headers in the order they came, names in lower case. Binary ones (`-bin`) are base64.

    A value that is not UTF-8 has U+FFFD for what cannot be read: a header that nobody reads may hold any
    bytes (RFC 9110, section 5.5).
    """

    @property
    def distinct(self) -> bool:
        """Whether no name comes twice. False does not mean that one does."""
        ...

    def get(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        ...

    def all(self, name: str) -> list[str]:
        """Return all headers of that lower-case name."""
        ...

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield names and values."""
        ...


class HttpHeaders:
    """Headers as HTTP has them: bytes, decoded when somebody asks.

    Attributes:
        raw: Names, in lower case, and values, in the order they came.
        first: The first value of each name; where each call asks, a look into it is cheaper than `get`.
        distinct: Whether no name comes twice.
    """

    __slots__ = ("distinct", "first", "raw")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw
        self.first = dict(reversed(raw))
        self.distinct = len(self.first) == len(raw)

    def get(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        value = self.first.get(name.encode())
        return None if value is None else value.decode("utf-8", "replace")

    def joined(self, name: bytes) -> bytes | None:
        """Return the headers of that lower-case name as one list (RFC 9110, section 5.3), or None."""
        if self.distinct:
            return self.first.get(name)
        return b", ".join(value for key, value in self.raw if key == name) if name in self.first else None

    def all(self, name: str) -> list[str]:
        """Return all headers of that lower-case name."""
        wanted = name.encode()
        return [value.decode("utf-8", "replace") for key, value in self.raw if key == wanted]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield names and values."""
        for name, value in self.raw:
            yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")


class TextHeaders:
    """Headers that are text already.

    Args:
        items: Names, in lower case, and values, in the order they came.
    """

    __slots__ = ("_items",)

    distinct: Final = False

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self._items = items

    def get(self, name: str) -> str | None:
        """Return the first header of that lower-case name, or None."""
        for key, value in self._items:
            if key == name:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """Return all headers of that lower-case name."""
        return [value for key, value in self._items if key == name]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield names and values."""
        return iter(self._items)
