"""How commands ask before something is gone for good."""

from __future__ import annotations

import sys

import click

from triptych_client.cli.terminal import escape, is_terminal

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask; needed where there is no terminal.")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is gone for good; where nobody is there to answer, --yes must have been given.

    Args:
        question: What to ask, control characters and all.
        yes: Whether --yes was given.

    Raises:
        click.Abort: The answer is no.
        click.UsageError: There is no terminal to ask on.
    """
    if yes:
        return
    if not is_terminal(sys.stdin) or not is_terminal(sys.stderr):
        raise click.UsageError("There is no terminal to ask on: give --yes.")
    click.confirm(escape(question), abort=True, err=True)


def one_or_many(noun: str, ids: tuple[str, ...]) -> str:
    """Return what a question is about: the only one by its id, many by their number."""
    return f"{noun} {ids[0]}" if len(ids) == 1 else f"{len(ids)} {noun}s"
