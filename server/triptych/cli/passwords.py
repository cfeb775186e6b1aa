"""Passwords of databases, which no command line should hold."""

from __future__ import annotations

import click
from click.core import ParameterSource

from triptych.store.opening import has_password


def refuse_password(store: str) -> None:
    """Refuse a password on the command line, which others on this machine can see.

    Raises:
        click.UsageError: There is one.
    """
    source = click.get_current_context().get_parameter_source("store")
    if source is ParameterSource.COMMANDLINE and has_password(store):
        raise click.UsageError(
            "--store must hold no password, as others see it: use TRIPTYCH_STORE, PGPASSWORD or ~/.pgpass"
        )
