"""The command line: `triptych serve`, and the client's commands, which are imported by their name only."""

from __future__ import annotations

import os

import click

from triptych.cli.lazy import LazyGroup

# What the core of grpcio writes to stderr by itself is no log line, and tells nothing of ours. It reads the
# variable when it is imported, as the commands do.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

_COMMANDS = {
    "serve": ("triptych.cli.serve", "Serve until SIGTERM or Ctrl-C."),
    "store": ("triptych.cli.store", "Migrate, check, export and import a store that lasts."),
    "projects": ("triptych_client.cli.projects", "List, get, create, update and delete projects."),
    "documents": ("triptych_client.cli.documents", "List, get, create, update and trash documents."),
    "users": ("triptych_client.cli.users", "Show users."),
    "token": ("triptych_client.cli.token", "Make, list and delete personal access tokens."),
    "descriptors": ("triptych_client.cli.descriptors", "List the .proto files, and write a descriptor set."),
    "completion": ("triptych.cli.completion", "Print the script that completes commands in a shell."),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(package_name="triptych")
def main() -> None:
    """One API server for users, projects and documents, over gRPC, gRPC-Web, Connect and REST.

    Options of `serve`, and those that say how the other commands reach a server, can also be given as
    environment variables, which the help of each command names; the option wins.

    Exit codes: 0 if all went well; 1 if a call failed or the server could not start; 2 for what cannot be
    understood.
    """
