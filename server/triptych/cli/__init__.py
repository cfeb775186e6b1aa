"""The command line: `triptych serve` and `triptych token`."""

from __future__ import annotations

import click

from triptych.cli.serve import serve
from triptych.cli.token import token


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(package_name="triptych")
def main() -> None:
    """One API server for users, projects and documents, over gRPC, gRPC-Web, Connect and REST.

    Each option of each command can also be given as an environment variable, TRIPTYCH_ and its name in
    capitals; the option wins.
    """


main.add_command(serve)
main.add_command(token)
