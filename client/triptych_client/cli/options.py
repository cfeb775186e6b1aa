"""The options that all commands of the client have: how to reach the server, and how to print."""

from __future__ import annotations

from typing import Any, Final, cast

import click
from click.core import ParameterSource

from triptych_client import DEFAULT_URL
from triptych_client.cli.durations import DurationType
from triptych_client.cli.output import FORMATS, Format, Output
from triptych_client.settings import PROTOCOLS

_META: Final = "triptych_client.cli.options"
_GIVEN: Final = "triptych_client.cli.options.given"
_WHOLE: Final = 1000
_FILE: Final = click.Path(exists=True, dir_okay=False)


class _ClientOption(click.Option):
    """An option that help shows in a section of its own, and that a group and its commands share."""


class ClientCommand(click.Command):
    """A command that calls the server."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.params = [*self.params, *_options()]

    def get_short_help_str(self, limit: int = _WHOLE) -> str:
        """Return the first sentence of its help, whole unless a limit is given: shells show it."""
        return super().get_short_help_str(limit)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its own options, then those of the client."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                (shared if isinstance(parameter, _ClientOption) else own).append(record)
        for title, records in (("Options", own), ("Connection and output", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class ClientGroup(click.Group, ClientCommand):
    """A group of commands that call the server; its options may stand before or after a command's name."""

    command_class = ClientCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        ClientCommand.format_options(self, ctx, formatter)


def settings() -> dict[str, Any]:
    """Return the values of the options of the command that runs, by their name."""
    return cast("dict[str, Any]", click.get_current_context().meta[_META])


def given(name: str) -> bool:
    """Tell whether an option stands on the command line, and not in a variable."""
    return name in click.get_current_context().meta.get(_GIVEN, ())


def output(piped: Format = "json") -> Output:
    """Return the printer that --output asks for.

    Args:
        piped: What `auto` means in a pipe.
    """
    return Output(cast("Format", settings()["output"]), piped)


def _option(flag: str, variable: str, help: str, **attributes: Any) -> _ClientOption:
    return _ClientOption(
        [flag],
        envvar=variable,
        show_envvar=True,
        show_default="default" in attributes,
        expose_value=False,
        callback=_remember,
        help=help,
        **attributes,
    )


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a value for the command; what stands after its name wins over what stands before."""
    kept = ctx.meta.setdefault(_META, {})
    is_given = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    if is_given or parameter.name not in kept:
        kept[parameter.name] = value
    if is_given:
        ctx.meta.setdefault(_GIVEN, set()).add(parameter.name)


def _options() -> list[_ClientOption]:
    return [
        _option(
            "--server",
            "TRIPTYCH_SERVER",
            "Base URL of the server; without a scheme, http.",
            default=DEFAULT_URL,
        ),
        _option(
            "--token",
            "TRIPTYCH_TOKEN",
            "Token to call with. Others on this machine can see what an option says: prefer --token-file or "
            "the variable.",
        ),
        _option("--token-file", "TRIPTYCH_TOKEN_FILE", "File with the token to call with.", type=_FILE),
        _option(
            "--protocol",
            "TRIPTYCH_PROTOCOL",
            "Protocol to speak; for grpc, --server names the gRPC port.",
            type=click.Choice(list(PROTOCOLS), case_sensitive=False),
            default="connect",
        ),
        _option(
            "--timeout",
            "TRIPTYCH_TIMEOUT",
            "Time for each call, as 30s or 2m.",
            type=DurationType(),
            default="30s",
        ),
        _option(
            "--tls-ca", "TRIPTYCH_CLIENT_TLS_CA", "Roots to trust, PEM. [default: the system's]", type=_FILE
        ),
        _option("--tls-cert", "TRIPTYCH_CLIENT_TLS_CERT", "Certificate to show, PEM.", type=_FILE),
        _option("--tls-key", "TRIPTYCH_CLIENT_TLS_KEY", "Key of that certificate, PEM.", type=_FILE),
        _option(
            "--output",
            "TRIPTYCH_OUTPUT",
            "Form of what is printed; auto is a table on a terminal, JSON in a pipe.",
            type=click.Choice(FORMATS, case_sensitive=False),
            default="auto",
        ),
    ]
