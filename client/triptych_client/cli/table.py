"""Tables of aligned columns that fit a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from triptych_client.cli.terminal import cut, escape, pad, width

_GAP: Final = "  "
_NEVER_CUT: Final = 0
_MEASURED: Final = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        header: What stands above it.
        text: Returns the cell of an item, control characters and all.
        least: How many columns of the terminal it keeps when there is too little room; 0 if it is never cut.
        cut: How it is cut.
        shorten: What tables leave out of each cell, whatever room there is.
    """

    header: str
    text: Callable[[Any], str]
    least: int = _NEVER_CUT
    cut: Callable[[str, int], str] = cut
    shorten: Callable[[str], str] = str


def table(columns: tuple[Column, ...], items: Iterable[Any], room: int | None) -> Iterator[str]:
    """Return the lines of a table: a header, and a line for each item; none if there are no items.

    The widths follow from the first 100 items, so that a long list is shown while it is read.

    Args:
        columns: The columns.
        items: What to show; they may come page by page.
        room: How many columns the terminal has; None for as many as it takes.
    """
    rows = ([escape(column.shorten(column.text(item))) for column in columns] for item in items)
    first = list(islice(rows, _MEASURED))
    if not first:
        return
    headers = [column.header for column in columns]
    widths = [max(map(width, cells)) for cells in zip(headers, *first, strict=True)]
    if room is not None:
        _fit(columns, widths, room)
    for row in chain([headers], first, rows):
        cells = [
            pad(column.cut(cell, columns_) if column.least else cell, columns_)
            for cell, column, columns_ in zip(row, columns, widths, strict=True)
        ]
        yield _GAP.join(cells).rstrip()


def _fit(columns: tuple[Column, ...], widths: list[int], room: int) -> None:
    """Take room from the widest column that can be cut, as long as it is needed."""
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    while excess > 0:
        spare = [
            (size, index)
            for index, (column, size) in enumerate(zip(columns, widths, strict=True))
            if column.least and size > column.least
        ]
        if not spare:
            return
        widths[max(spare)[1]] -= 1
        excess -= 1
