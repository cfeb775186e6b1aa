"""`triptych token`: make, list and delete personal access tokens of a running server."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, TypeVar, cast

import click
from connectrpc.client import ConnectClientSync
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from protobuf import Message
from protobuf.wkt import Duration, Timestamp

from triptych.cli.options import option
from triptych_api.gitpod.v1 import user_service_pb
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken

ResponseT = TypeVar("ResponseT", bound=Message)

_TIMEOUT_MS = 30_000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class UserClient:
    """Calls UserService as the command line needs it."""

    def __init__(self, server: str, secret: str) -> None:
        self._client = ConnectClientSync(server.rstrip("/"), timeout_ms=_TIMEOUT_MS, send_compression=None)
        self._headers = {"authorization": f"Bearer {secret}"}

    def call(self, request: Message, response_class: type[ResponseT]) -> ResponseT:
        """Call the rpc that the request belongs to."""
        name = type(request).__name__.removesuffix("Request")
        method: MethodInfo[Any, Any] = MethodInfo(
            name=name,
            service_name="gitpod.v1.UserService",
            input=type(request),
            output=response_class,
            idempotency_level=IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.UNARY,
        )
        try:
            response = self._client.execute_unary(request=request, method=method, headers=self._headers)
        except ConnectError as error:
            click.echo(f"triptych: {error.code.value}: {error.message}", err=True)
            sys.exit(1)
        return cast("ResponseT", response)

    def tokens(self) -> Iterator[PersonalAccessToken]:
        """List all tokens that the caller may see."""
        pagination = PaginationRequest(page_size=100)
        while True:
            request = user_service_pb.ListPersonalAccessTokensRequest(pagination=pagination)
            page = self.call(request, user_service_pb.ListPersonalAccessTokensResponse)
            yield from page.personal_access_tokens
            if page.pagination is None or not page.pagination.next_token:
                return
            pagination = PaginationRequest(page_size=100, token=page.pagination.next_token)


@click.group()
@option("--server", default="http://127.0.0.1:8080", help="Base URL of the server.")
@option("--token", required=True, help="Token to call with.")
@click.pass_context
def token(ctx: click.Context, server: str, token: str) -> None:
    """Make, list and delete personal access tokens of a running server."""
    ctx.obj = UserClient(server, token)


@token.command()
@click.option("--user", help="Id of the user; the caller if left out.")
@click.option("--description", default="", help="What the token is for.")
@click.option("--valid-for", default="30d", help="How long it is accepted, as 12h or 90d; at most 90 days.")
@click.option("--read-only", is_flag=True, help="Refuse changes made with it.")
@click.pass_obj
def create(client: UserClient, user: str | None, description: str, valid_for: str, read_only: bool) -> None:
    """Make a token and print its secret, which cannot be seen again."""
    if user is None:
        me = client.call(
            user_service_pb.GetAuthenticatedUserRequest(), user_service_pb.GetAuthenticatedUserResponse
        ).user
        user = me.id if me else ""
    request = user_service_pb.CreatePersonalAccessTokenRequest(
        user_id=user,
        description=description,
        valid_for=Duration(seconds=_seconds(valid_for)),
        read_only=read_only,
    )
    click.echo(client.call(request, user_service_pb.CreatePersonalAccessTokenResponse).token)


@token.command(name="list")
@click.pass_obj
def list_tokens(client: UserClient) -> None:
    """List tokens, newest first: id, owner, access, expiry, last use, description."""
    for item in client.tokens():
        access = "read-only" if item.read_only else "read-write"
        fields = (item.id, item.user_id, access, _time(item.expires_at), _time(item.last_used))
        description = "".join(char if char.isprintable() else " " for char in item.description)
        click.echo("\t".join((*fields, description)))


@token.command()
@click.argument("token_id")
@click.pass_obj
def delete(client: UserClient, token_id: str) -> None:
    """Delete a token by its id, for good."""
    request = user_service_pb.DeletePersonalAccessTokenRequest(personal_access_token_id=token_id)
    client.call(request, user_service_pb.DeletePersonalAccessTokenResponse)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a time such as 90m, 12h or 30d", param_hint="--valid-for")
    return int(match[1]) * _UNITS[match[2]]


def _time(timestamp: Timestamp | None) -> str:
    return timestamp.to_json().strip('"') if timestamp else "-"
