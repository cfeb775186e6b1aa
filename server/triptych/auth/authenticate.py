"""Who makes a call: the bearer token in its headers, looked up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from triptych.clock import Clock
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call, Caller
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Exchange, Handler
from triptych.store.base import Store, Transaction
from triptych.store.records import Role, SubjectRef, Token, User
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.user_pb import UserStatus

if TYPE_CHECKING:
    from triptych.auth.last_uses import LastUses


def digest(secret: str) -> bytes:
    """Return what is kept of a token's secret."""
    return hashlib.sha256(secret.encode()).digest()


class Authenticate:
    """The interceptor that finds out the caller, from the headers alone.

    In developer mode any text that is no stored token stands for the first active administrator.
    """

    def __init__(self, store: Store, clock: Clock, last_uses: LastUses, *, developer_mode: bool) -> None:
        self._store = store
        self._clock = clock
        self._last_uses = last_uses
        self._developer_mode = developer_mode

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method, unless it needs no token."""
        if not method.needs_token:
            return proceed

        async def authenticate(call: Call, exchange: Exchange) -> None:
            call.caller = await self._caller(_bearer_token(call))
            await proceed(call, exchange)

        return authenticate

    async def _caller(self, secret: str) -> Caller:
        async with self._store.read() as tx:
            token = await tx.tokens.by_digest(digest(secret))
            if token is None:
                if not self._developer_mode:
                    raise _unauthenticated(Reason.INVALID_API_KEY)
                administrator = await tx.users.first_active_administrator()
                if administrator is None:
                    raise _unauthenticated(Reason.INVALID_API_KEY)
                return _user_caller(administrator, read_only=False)
            now = self._clock.now()
            caller = await _token_caller(tx, token)
            if token.expires_at is not None and token.expires_at <= now:
                raise RpcError(
                    Code.UNAUTHENTICATED, "the access token has expired", reason=Reason.EXPIRED_API_KEY
                )
        self._last_uses.note(token.id, now)
        return caller


async def _token_caller(tx: Transaction, token: Token) -> Caller:
    if token.owner.principal == Principal.USER:
        user = await tx.users.get(token.owner.id)
        if user is None or user.status != UserStatus.ACTIVE:
            raise _unauthenticated(Reason.INVALID_API_KEY)
        return _user_caller(user, read_only=token.read_only)
    if await tx.service_accounts.get(token.owner.id) is None:
        raise _unauthenticated(Reason.INVALID_API_KEY)
    return Caller(token.owner, token.organization_id, administrator=False, read_only=token.read_only)


def _user_caller(user: User, *, read_only: bool) -> Caller:
    return Caller(
        SubjectRef(user.id, Principal.USER),
        user.organization_id,
        administrator=user.role is Role.ADMINISTRATOR,
        read_only=read_only,
    )


def _bearer_token(call: Call) -> str:
    values = call.headers.all("authorization")
    if not values:
        raise _unauthenticated(Reason.MISSING_API_KEY)
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token:
        raise _unauthenticated(Reason.INVALID_API_KEY)
    return token


def _unauthenticated(reason: str) -> RpcError:
    return RpcError(
        Code.UNAUTHENTICATED,
        "a valid access token is needed, as Authorization: Bearer <token>",
        reason=reason,
    )
