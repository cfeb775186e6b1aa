"""`triptych token`: make, list and delete personal access tokens of a running server."""

from __future__ import annotations

from typing import Final

import click
from protobuf.wkt import Duration

from triptych_api.gitpod.v1 import user_service_pb as rpc
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_client.cli.cells import TIME, time, to_seconds
from triptych_client.cli.confirm import confirm, yes_option
from triptych_client.cli.connection import connect
from triptych_client.cli.durations import DurationType
from triptych_client.cli.listing import limit_option, limited, page_size
from triptych_client.cli.options import ClientGroup, output
from triptych_client.cli.table import Column

_COLUMNS: Final = (
    Column("ID", lambda token: token.id),
    Column("USER", lambda token: token.user_id),
    Column("ACCESS", lambda token: "read-only" if token.read_only else "read-write"),
    Column("EXPIRES", lambda token: time(token.expires_at), least=TIME, shorten=to_seconds),
    Column("LAST USED", lambda token: time(token.last_used), least=TIME, shorten=to_seconds),
    Column("DESCRIPTION", lambda token: token.description, least=8),
)


@click.group(cls=ClientGroup)
def token() -> None:
    """Make, list and delete personal access tokens of a running server."""


@token.command()
@click.option("--user", help="Id of the user; the caller if left out.")
@click.option("--description", default="", show_default=False, help="What the token is for.")
@click.option(
    "--valid-for",
    type=DurationType(bare=False),
    default="30d",
    help="How long it is accepted, as 12h, 2w or 90d; at most 90 days.",
)
@click.option("--read-only", is_flag=True, help="Refuse changes made with it.")
def create(user: str | None, description: str, valid_for: float, read_only: bool) -> None:
    """Make a token and print its secret, which cannot be seen again."""
    valid = Duration.from_seconds(valid_for)
    with connect() as client:
        if user is None:
            me = client.users.get_authenticated_user(rpc.GetAuthenticatedUserRequest()).user
            user = me.id if me else ""
        response = client.users.create_personal_access_token(
            rpc.CreatePersonalAccessTokenRequest(
                user_id=user, description=description, valid_for=valid, read_only=read_only
            )
        )
        output().line(response, response.token)


@token.command(name="list")
@click.option(
    "--user", "users", multiple=True, metavar="ID", help="Only tokens of this user; may be repeated."
)
@limit_option
def list_tokens(users: tuple[str, ...], limit: int | None) -> None:
    """List tokens, newest first. In a pipe, as lines of id, owner, access, expiry, last use, description."""
    request = rpc.ListPersonalAccessTokensRequest()
    if users:
        request.filter = rpc.ListPersonalAccessTokensRequest.Filter(user_ids=list(users))
    with connect() as client:
        found = client.users.iter_personal_access_tokens(request, page_size=page_size(limit))
        output("tsv").items(limited(found, limit, "tokens"), _COLUMNS)


@token.command()
@click.argument("token_id")
def get(token_id: str) -> None:
    """Show what is known of a token, never its secret."""
    with connect() as client:
        request = rpc.GetPersonalAccessTokenRequest(personal_access_token_id=token_id)
        found = client.users.get_personal_access_token(request).pat
        output().item(found or PersonalAccessToken(), _COLUMNS)


@token.command()
@click.argument("token_id")
@yes_option
def delete(token_id: str, yes: bool) -> None:
    """Delete a token by its id, for good; asks first on a terminal, and needs --yes elsewhere."""
    with connect() as client:
        confirm(f"Delete token {token_id}?", yes=yes)
        request = rpc.DeletePersonalAccessTokenRequest(personal_access_token_id=token_id)
        client.users.delete_personal_access_token(request)
