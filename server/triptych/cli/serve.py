"""`triptych serve`: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import codecs
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click
import uvloop
from click.core import ParameterSource

from triptych.app.lifecycle import App, Server
from triptych.cli.banner import banner
from triptych.cli.options import BaseUrl, PortOption, Seconds, Size, Word, option
from triptych.cli.passwords import refuse_password
from triptych.cli.streams import open_closed_streams
from triptych.config import MIN_SECRET, Settings, SettingsError, defaults, is_secret
from triptych.observability import logs
from triptych.observability.line_writer import LineWriter
from triptych.one_port.process import OnePort
from triptych.seed import SeedError
from triptych.store.errors import StoreError
from triptych.store.opening import make_store
from triptych.transport import descriptors
from triptych.transport.sockets import ListenError

_logger = logging.getLogger("triptych")

_DEFAULTS = defaults()
_PORT = click.IntRange(0, 65535)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STDOUT = 1
_BANNER_SECONDS = 0.2
# After the grace, for what is left to be written.
_LAST_SECONDS = 5


@click.command()
@option("--http-host", default=_DEFAULTS["http_host"], help="Address or name for REST, Connect and gRPC-Web.")
@option(
    "--http-port",
    default=_DEFAULTS["http_port"],
    type=_PORT,
    cls=PortOption,
    help="Port for them; 0 picks one.",
)
@option("--grpc-host", default=_DEFAULTS["grpc_host"], help="Address or name for gRPC.")
@option(
    "--grpc-port",
    default=_DEFAULTS["grpc_port"],
    type=_PORT,
    cls=PortOption,
    help="Port for gRPC; 0 picks one.",
)
@option("--one-port", is_flag=True, help="Everything on the HTTP port, HTTP/1.1 to HTTP/3; needs an extra.")
@option("--tls-cert", type=_FILE, help="Certificate chain, PEM. Both ports then speak TLS only.")
@option("--tls-key", type=_FILE, help="Key of the certificate, PEM.")
@option("--tls-client-ca", type=_FILE, help="Roots, PEM: clients must show a certificate of theirs.")
@option(
    "--store",
    default=_DEFAULTS["store"],
    help="Where the data is kept: memory, sqlite:PATH, or postgresql://USER@HOST:PORT/DATABASE (an extra). "
    "A password is only taken from the variable, PGPASSWORD or ~/.pgpass.",
)
@option(
    "--token",
    help="Secret of the first administrator's token, of 16 characters or more. Others on this machine can "
    "see what an option says: prefer --token-file or the variable. [default: made and printed]",
)
@option("--token-file", type=_FILE, help="File with that secret; a line break at its end does not count.")
@option("--seed", type=_FILE, help="Data to start with: YAML, JSON or NDJSON.")
@option("--dev", is_flag=True, help="Accept any bearer token, as the first administrator. Loopback only.")
@option("--public-url", type=BaseUrl(), help="Where clients reach the HTTP port. [default: its address]")
@option("--cors-origin", multiple=True, help="Origin whose pages may call, or *; may be repeated.")
@option("--conformance", is_flag=True, help="Also serve what the protocol suites call: test clients with it.")
@option(
    "--reflection/--no-reflection",
    default=_DEFAULTS["reflection"],
    help="Tell gRPC clients of services and messages; they need no token for it.",
)
@option(
    "--docs/--no-docs",
    default=_DEFAULTS["docs"],
    help="Serve /docs for browsers, and the OpenAPI documents /openapi.json and /openapi/connect.json.",
)
@option("--max-upload", default=_DEFAULTS["max_upload"], type=Size(), help="Largest file, sent or seeded.")
@option(
    "--rate-limit",
    is_flag=True,
    help="Limit DocumentService as published: 1000 calls a minute for each caller, 100 of them creating.",
)
@option("--max-message", default=_DEFAULTS["max_message"], type=Size(), help="Largest message, decompressed.")
@option(
    "--max-concurrency",
    default=_DEFAULTS["max_concurrency"],
    type=click.IntRange(min=1),
    help="Most calls that run at once, half of them of one caller; more are answered UNAVAILABLE.",
)
@option(
    "--max-in-flight",
    default=_DEFAULTS["max_in_flight"],
    type=Size(),
    help="Most bytes of requests and replies held for calls; more are answered UNAVAILABLE.",
)
@option(
    "--keep-alive",
    default=_DEFAULTS["keep_alive"],
    type=Seconds(1),
    help="Seconds that a connection of the HTTP port may wait for its next request; proxies wait less.",
)
@option(
    "--project-quota",
    default=_DEFAULTS["project_quota"],
    type=click.IntRange(min=0),
    help="Most projects of an organization; 0 for as many as it likes.",
)
@option(
    "--project-bytes-quota",
    default=_DEFAULTS["project_bytes_quota"],
    type=Size(least=0),
    help="Most bytes of them together.",
)
@option(
    "--document-quota",
    default=_DEFAULTS["document_quota"],
    type=click.IntRange(min=0),
    help="Most documents of an organization; 0 for as many as it likes.",
)
@option(
    "--document-bytes-quota",
    default=_DEFAULTS["document_bytes_quota"],
    type=Size(least=0),
    help="Most bytes of them together, with their files.",
)
@option(
    "--token-quota",
    default=_DEFAULTS["token_quota"],
    type=click.IntRange(min=0),
    help="Most tokens of an organization, expired ones included; 0 for as many as it likes.",
)
@option(
    "--log-format",
    default=_DEFAULTS["log_format"],
    type=Word(["auto", "text", "json"]),
    help="Form of the log; auto is text on a terminal, else JSON.",
)
@option(
    "--log-level",
    default=_DEFAULTS["log_level"],
    type=Word(["debug", "info", "warning", "error"], {"warn": "warning"}),
    help="Least level that is logged.",
)
@option(
    "--drain-seconds",
    default=_DEFAULTS["drain_seconds"],
    type=Seconds(0),
    help="Seconds for which calls are taken once the server is told to stop, and says that it is not ready.",
)
@option(
    "--shutdown-grace",
    default=_DEFAULTS["shutdown_grace"],
    type=Seconds(0),
    help="Seconds that running calls get after that.",
)
def serve(token_file: Path | None, **options: Any) -> None:
    """Serve until SIGTERM, SIGHUP or Ctrl-C, then finish the running calls.

    Unless --store says else, the state lives in memory. Unless there is a token, or --token, --token-file or
    --seed gives one, it is made at the start and printed once. Exit codes: 0 after a stop, 1 if the server
    cannot start, 2 for options that cannot be used.
    """
    open_closed_streams()
    refuse_password(options["store"])
    options["token"] = _secret(options["token"], token_file, developer_mode=options["dev"])
    try:
        settings = Settings(**options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    try:
        uvloop.run(_serve(settings))
    except (ListenError, SeedError, StoreError) as error:
        click.echo(f"triptych: {error}", err=True)
        sys.exit(1)


def _secret(token: str | None, token_file: Path | None, *, developer_mode: bool) -> str | None:
    """Return the secret that --token or --token-file gives; the one on the command line counts.

    Raises:
        click.UsageError: Both are there, the file cannot be read, or the secret is too short.
    """
    context = click.get_current_context()
    given = {
        name: context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        for name in ("token", "token_file")
    }
    flag = "--token"
    token = token and token.removeprefix("\ufeff")
    if token_file is not None and (token is None or (given["token_file"] and not given["token"])):
        flag = "--token-file"
        try:
            data = token_file.read_bytes()
            marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            token = data.decode("utf-16" if data.startswith(marks) else "utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise click.UsageError(f"--token-file cannot be read: {getattr(error, 'strerror', '')}") from None
        if not is_secret(token):
            raise click.UsageError("--token-file must hold printable ASCII without outer blanks")
    elif all(given.values()):
        raise click.UsageError("--token and --token-file do not go together")
    if token is not None and is_secret(token) and len(token) < MIN_SECRET and not developer_mode:
        raise click.UsageError(
            f"{flag} must give {MIN_SECRET} characters or more, as anybody can guess fewer; --dev takes any"
        )
    return token


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # nohup has the process go on when its terminal is gone.
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    numbers = (signal.SIGTERM, signal.SIGINT, *hang_up)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    limit = descriptors.raise_limit()
    server = _server(settings, stop, descriptors.connections_per_port(limit))
    first = await server.start()
    if not settings.one_port:  # there, the process that serves does it
        descriptors.log_limits(limit)
    stdout = LineWriter(_STDOUT)
    name = make_store(settings.store).name
    stdout.write(banner(settings, name, server.http_port, server.grpc_port, first) + "\n")
    stdout.close(_BANNER_SECONDS)
    if stdout.dropped:
        _logger.warning("stdout cannot be written to: nobody reads where the server listens, nor a new token")
    await stop.wait()
    for number in numbers:
        # A second signal ends the process at once.
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    _end_at_last(settings.drain_seconds + settings.shutdown_grace + _LAST_SECONDS)
    await server.stop()


def _server(settings: Settings, stop: asyncio.Event, most_connections: int) -> Server:
    if settings.one_port:
        return OnePort(settings, stop.set, most_connections)
    app = App(settings, logs.configure(settings.log_format, settings.log_level))
    app.most_connections = most_connections
    return app


def _end_at_last(seconds: float) -> None:
    """End the process after some time, whatever its threads and tasks are at by then."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()
