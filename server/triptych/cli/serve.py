"""`triptych serve`: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import click
import uvloop

from triptych.app.lifecycle import App, Server
from triptych.cli.banner import banner
from triptych.cli.options import Size, option
from triptych.config import Settings, SettingsError, defaults
from triptych.observability import logs
from triptych.one_port.process import OnePort
from triptych.seed import SeedError
from triptych.transport.sockets import ListenError

_DEFAULTS = defaults()
_PORT = click.IntRange(0, 65535)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@option("--http-host", default=_DEFAULTS["http_host"], help="Address for REST, Connect and gRPC-Web.")
@option("--http-port", default=_DEFAULTS["http_port"], type=_PORT, help="Port for them; 0 picks one.")
@option("--grpc-host", default=_DEFAULTS["grpc_host"], help="Address for gRPC.")
@option("--grpc-port", default=_DEFAULTS["grpc_port"], type=_PORT, help="Port for gRPC; 0 picks one.")
@option("--one-port", is_flag=True, help="Everything on the HTTP port, HTTP/1.1 to HTTP/3; needs an extra.")
@option("--tls-cert", type=_FILE, help="Certificate chain, PEM. Both ports then speak TLS only.")
@option("--tls-key", type=_FILE, help="Key of the certificate, PEM.")
@option("--tls-client-ca", type=_FILE, help="Roots, PEM: clients must show a certificate of theirs.")
@option("--token", help="Secret of the first administrator's token. [default: made and printed]")
@option("--seed", type=_FILE, help="Data to start with: YAML, JSON or NDJSON.")
@option("--dev", is_flag=True, help="Accept any bearer token, as the first administrator. Loopback only.")
@option("--public-url", help="Where clients reach the HTTP port. [default: its address]")
@option("--cors-origin", multiple=True, help="Origin whose pages may call, or *; may be repeated.")
@option("--conformance", is_flag=True, help="Also serve what the protocol suites call: test clients with it.")
@option(
    "--reflection/--no-reflection",
    default=_DEFAULTS["reflection"],
    help="Tell gRPC clients of services and messages; they need no token for it.",
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
    "--project-quota",
    default=_DEFAULTS["project_quota"],
    type=click.IntRange(min=0),
    help="Most projects of an organization; 0 for as many as it likes.",
)
@option(
    "--document-quota",
    default=_DEFAULTS["document_quota"],
    type=click.IntRange(min=0),
    help="Most documents of an organization; 0 for as many as it likes.",
)
@option(
    "--log-format",
    default=_DEFAULTS["log_format"],
    type=click.Choice(["auto", "text", "json"]),
    help="Form of the log; auto is text on a terminal, else JSON.",
)
@option(
    "--log-level",
    default=_DEFAULTS["log_level"],
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="Least level that is logged.",
)
@option(
    "--shutdown-grace",
    default=_DEFAULTS["shutdown_grace"],
    type=click.FloatRange(min=0),
    help="Seconds that running calls get when the server stops.",
)
def serve(**options: Any) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish the running calls.

    The state lives in memory. Unless --token or --seed gives a token, one is made at the start and printed
    once. Exit codes: 0 after a stop, 1 if the server cannot start, 2 for options that cannot be used.
    """
    try:
        settings = Settings(**options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    try:
        uvloop.run(_serve(settings))
    except (ListenError, SeedError) as error:
        click.echo(f"triptych: {error}", err=True)
        sys.exit(1)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server: Server
    if settings.one_port:
        server = OnePort(settings, on_end=stop.set)
    else:
        server = App(settings, logs.configure(settings.log_format, settings.log_level))
    first = await server.start()
    click.echo(banner(settings, server.http_port, server.grpc_port, first))
    sys.stdout.flush()
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A second signal ends the process at once.
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    await server.stop()
