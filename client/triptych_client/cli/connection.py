"""How a command reaches the server."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click

from triptych_client import ApiError, Client
from triptych_client.cli.failures import CommandFailed
from triptych_client.cli.options import given, settings
from triptych_client.settings import read_token


@contextmanager
def connect(*, anonymous: bool = False) -> Iterator[Client]:
    """Return a client for the options of the command that runs; errors of its calls end the command.

    Args:
        anonymous: Whether the calls do without a token.

    Raises:
        click.UsageError: An option cannot be used.
        CommandFailed: A call failed.
    """
    options = settings()
    token = _token(options["token"], options["token_file"])
    if not token and not anonymous:
        raise click.UsageError("Missing option '--token' (or --token-file, or TRIPTYCH_TOKEN).")
    if (options["tls_cert"] is None) != (options["tls_key"] is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    # A call blocks in native code, where Python's own handler would have to wait for its end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        client = Client(
            options["server"],
            token=token or "",
            protocol=options["protocol"],
            timeout=options["timeout"],
            tls_ca=options["tls_ca"],
            tls_cert=options["tls_cert"],
            tls_key=options["tls_key"],
        )
    except (ValueError, OSError) as error:
        raise click.UsageError(_in_options(str(error))) from None
    with client:
        try:
            yield client
        except ApiError as error:
            raise CommandFailed.from_api(error) from None


def _token(token: str | None, token_file: str | None) -> str | None:
    """Return the token that --token or --token-file gives; the one on the command line counts."""
    if token_file is not None and (not token or (given("token_file") and not given("token"))):
        try:
            return read_token(token_file)
        except (ValueError, OSError) as error:
            raise click.UsageError(f"--token-file cannot be used: {error}") from None
    if given("token") and given("token_file"):
        raise click.UsageError("--token and --token-file do not go together.")
    return token


def _in_options(text: str) -> str:
    """Return a text about the arguments of the client as one about the options."""
    text = text.replace("base_url", "--server")
    return re.sub(r"\btls_(ca|cert|key)\b", r"--tls-\1", text)
