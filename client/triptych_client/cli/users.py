"""`triptych users`: who the caller is, and who others are."""

from __future__ import annotations

from typing import Final

import click

from triptych_api.gitpod.v1.user_pb import User
from triptych_api.gitpod.v1.user_service_pb import GetAuthenticatedUserRequest, GetUserRequest
from triptych_client.cli.cells import TIME, short, time
from triptych_client.cli.connection import connect
from triptych_client.cli.options import ClientGroup, output
from triptych_client.cli.table import Column

_COLUMNS: Final = (
    Column("ID", lambda user: user.id),
    Column("NAME", lambda user: user.name, least=8),
    Column("EMAIL", lambda user: user.email, least=8),
    Column("STATUS", lambda user: short(user.status)),
    Column("CREATED", lambda user: time(user.created_at), least=TIME),
)


@click.group(cls=ClientGroup)
def users() -> None:
    """Show users."""


@users.command()
def me() -> None:
    """Show the user that the token belongs to."""
    with connect() as client:
        _show(client.users.get_authenticated_user(GetAuthenticatedUserRequest()).user)


@users.command()
@click.argument("user_id")
def get(user_id: str) -> None:
    """Show a user of the caller's organization."""
    with connect() as client:
        _show(client.users.get_user(GetUserRequest(user_id=user_id)).user)


def _show(user: User | None) -> None:
    output().item(user or User(), _COLUMNS)
