"""What commands that list have in common: --limit, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

import click

from triptych_client.cli.progress import counted

T = TypeVar("T")

_LARGEST_PAGE: Final = 100

limit_option = click.option("--limit", type=click.IntRange(min=1), help="Print no more than this many.")


def page_size(limit: int | None) -> int:
    """Return how many items to ask for at once: no more than are printed."""
    return min(limit or _LARGEST_PAGE, _LARGEST_PAGE)


def limited(items: Iterable[T], limit: int | None, what: str) -> Iterator[T]:
    """Pass on as many items as are to be printed, and tell how many came; `what` is their plural."""
    return counted(islice(items, limit), what)
