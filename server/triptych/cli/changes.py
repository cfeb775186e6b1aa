"""What commands that list, change or delete have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import click

from triptych.cli.terminal import escape, is_terminal

T = TypeVar("T")

MOST_AT_ONCE: Final = 100
"""How many projects one call takes."""

limit_option = click.option("--limit", type=click.IntRange(min=1), help="Print no more than this many.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is gone for good, unless nobody is there to answer.

    Args:
        question: What to ask, control characters and all.
        yes: Whether --yes was given.

    Raises:
        click.Abort: The answer is no.
    """
    if not yes and is_terminal(sys.stdin):
        click.confirm(escape(question), abort=True, err=True)


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Return the items in as many calls as they need."""
    for start in range(0, len(items), MOST_AT_ONCE):
        yield items[start : start + MOST_AT_ONCE]
