"""gitpod.v1.UserService."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from triptych.backend import Backend
from triptych.clock import DAY, nanoseconds
from triptych.codec.composed import Composed, Composer
from triptych.codec.kept import Shelf
from triptych.codec.sizes import Room, most_bytes
from triptych.errors import failed_precondition, not_found, permission_denied
from triptych.rpc.call import Call, Caller
from triptych.store.base import Transaction
from triptych.store.queries import Position, TokenQuery
from triptych.store.records import SubjectRef, Token, User
from triptych.users import messages
from triptych.users.subjects import reference
from triptych.users.tokens import new_token
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.pagination_pb import PaginationResponse
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_api.gitpod.v1.user_pb import UserStatus
from triptych_api.gitpod.v1.user_service_pb import (
    CreatePersonalAccessTokenRequest,
    CreatePersonalAccessTokenResponse,
    DeletePersonalAccessTokenRequest,
    DeletePersonalAccessTokenResponse,
    GetAuthenticatedUserRequest,
    GetAuthenticatedUserResponse,
    GetPersonalAccessTokenRequest,
    GetPersonalAccessTokenResponse,
    GetUserRequest,
    GetUserResponse,
    ListPersonalAccessTokensRequest,
    ListPersonalAccessTokensResponse,
)

_DEFAULT_LIFETIME = 30 * DAY
_USER: Final = Composer(GetUserResponse, "user", messages.USER)
_OWN_USER: Final = Composer(GetAuthenticatedUserResponse, "user", messages.USER)


class UserService:
    """Users and their personal access tokens."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        # Users have no version: a part is kept for the record that it was made of.
        self._users = Shelf[User](backend.kept, lambda record: messages.USER.rest(messages.user(record)))

    async def get_authenticated_user(
        self, request: GetAuthenticatedUserRequest, call: Call
    ) -> Composed[GetAuthenticatedUserResponse]:
        """Return the caller's own profile."""
        if call.caller.subject.principal != Principal.USER:
            raise failed_precondition("the caller is a service account, which has no user profile")
        async with self._backend.store.read(snapshot=False) as tx:
            user = await tx.users.get(call.caller.id)
        if user is None:
            raise not_found("user", call.caller.id)
        return Composed(_OWN_USER, (self._users.of_values((user.id,), (user,)),))

    async def get_user(self, request: GetUserRequest, call: Call) -> Composed[GetUserResponse]:
        """Return the profile of a user of the caller's organization."""
        async with self._backend.store.read(snapshot=False) as tx:
            user = await tx.users.get(request.user_id.lower())
        if user is None or user.organization_id != call.caller.organization_id:
            raise not_found("user", request.user_id)
        return Composed(_USER, (self._users.of_values((user.id,), (user,)),))

    async def create_personal_access_token(
        self, request: CreatePersonalAccessTokenRequest, call: Call
    ) -> CreatePersonalAccessTokenResponse:
        """Create a token and return its secret, the only time that it is seen."""
        secret = self._backend.ids.secret()
        origin = self._backend.origin(call)
        expires_at = _expiry(request, call.caller, origin.created_at)

        async def create(tx: Transaction) -> None:
            await new_token(
                tx,
                origin,
                owner=await _owner(tx, call.caller, request.user_id),
                secret=secret,
                description=request.description,
                read_only=request.read_only,
                expires_at=expires_at,
                quota=self._backend.tokens,
            )

        await self._backend.write(call, create)
        return CreatePersonalAccessTokenResponse(token=secret)

    async def get_personal_access_token(
        self, request: GetPersonalAccessTokenRequest, call: Call
    ) -> GetPersonalAccessTokenResponse:
        """Return what is known of a token, expired or not."""
        async with self._backend.store.read(snapshot=False) as tx:
            token = await _visible_token(tx, call.caller, request.personal_access_token_id)
        return GetPersonalAccessTokenResponse(pat=self._message(token))

    async def list_personal_access_tokens(
        self, request: ListPersonalAccessTokensRequest, call: Call
    ) -> ListPersonalAccessTokensResponse:
        """Return a page of unexpired tokens, newest first."""
        owner_ids = _owner_filter(request, call.caller)
        bound = "".join(owner_ids or ()).encode()
        page = self._backend.page_tokens.page(call, bound, request.pagination)
        query = TokenQuery(
            organization_id=call.caller.organization_id, owner_ids=owner_ids, now=self._backend.clock.now()
        )
        async with self._backend.store.read(snapshot=False) as tx:
            tokens = await tx.tokens.page(query, page.after, page.size + 1)
        found = [self._message(token) for token in tokens[: page.size]]
        room = Room(self._backend.max_reply)
        fitting = list(takewhile(lambda each: room.take(most_bytes(each.to_binary(), [each])), found))
        shown = tokens[: len(fitting)]
        next_token = ""
        if len(tokens) > len(shown):
            position = Position(shown[-1].created_at, shown[-1].id)
            next_token = self._backend.page_tokens.make(call, bound, position)
        return ListPersonalAccessTokensResponse(
            pagination=PaginationResponse(next_token=next_token),
            personal_access_tokens=fitting,
        )

    async def delete_personal_access_token(
        self, request: DeletePersonalAccessTokenRequest, call: Call
    ) -> DeletePersonalAccessTokenResponse:
        """Delete a token for good."""

        async def delete(tx: Transaction) -> None:
            token = await _visible_token(tx, call.caller, request.personal_access_token_id)
            await tx.tokens.delete(token.id)

        await self._backend.write(call, delete)
        return DeletePersonalAccessTokenResponse()

    def _message(self, token: Token) -> PersonalAccessToken:
        return messages.personal_access_token(token, self._backend.last_uses.of(token))


def _expiry(request: CreatePersonalAccessTokenRequest, caller: Caller, now: int) -> int:
    """Return when the token that is asked for stops being accepted.

    Raises:
        RpcError: PERMISSION_DENIED if it would outlive the caller's own, and that is no administrator's.
    """
    lifetime = nanoseconds(request.valid_for) if request.valid_for else 0
    expires_at = now + (lifetime or _DEFAULT_LIFETIME)
    if caller.administrator or caller.expires_at is None or expires_at <= caller.expires_at:
        return expires_at
    if not lifetime:
        return caller.expires_at
    raise permission_denied("only administrators make tokens that outlive the one that they call with")


async def _owner(tx: Transaction, caller: Caller, user_id: str) -> SubjectRef:
    """Return whom the caller may create a token for."""
    id = user_id.lower()
    found = (await tx.references((id,))).subjects.get(id)
    if found is None or found.organization_id != caller.organization_id:
        raise not_found("user", user_id)
    if id != caller.id and not caller.administrator:
        raise permission_denied("only administrators create tokens for others")
    if isinstance(found, User) and found.status != UserStatus.ACTIVE:
        raise failed_precondition(f"user {id} is not active")
    return reference(found)


async def _visible_token(tx: Transaction, caller: Caller, token_id: str) -> Token:
    token = await tx.tokens.get(token_id.lower())
    if token is None or not _may_see(caller, token):
        raise not_found("personal access token", token_id)
    return token


def _may_see(caller: Caller, token: Token) -> bool:
    if token.owner.id == caller.id:
        return True
    return caller.administrator and token.organization_id == caller.organization_id


def _owner_filter(request: ListPersonalAccessTokensRequest, caller: Caller) -> tuple[str, ...] | None:
    """Return whose tokens to list: sorted ids, or None for the whole organization."""
    asked = {id.lower() for id in request.filter.user_ids} if request.filter else set()
    if caller.administrator:
        return tuple(sorted(asked)) or None
    return tuple(sorted(asked & {caller.id})) if asked else (caller.id,)
