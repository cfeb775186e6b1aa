"""How commands ask before something is gone for good."""

from __future__ import annotations

import sys

import click

from triptych_client.cli.terminal import escape, is_terminal

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


def one_or_many(noun: str, ids: tuple[str, ...]) -> str:
    """Return what a question is about: the only one by its id, many by their number."""
    return f"{noun} {ids[0]}" if len(ids) == 1 else f"{len(ids)} {noun}s"
