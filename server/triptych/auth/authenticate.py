"""Who makes a call: the bearer token in its headers, looked up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from triptych.clock import Clock
from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call, Caller
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Exchange, Handler
from triptych.store.base import Credential, Store
from triptych.store.records import Role, ServiceAccount, SubjectRef, User
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.user_pb import UserStatus

if TYPE_CHECKING:
    from triptych.auth.last_uses import LastUses


_MAX_KNOWN: Final = 10_000


def digest(secret: str) -> bytes:
    """Return what is kept of a token's secret."""
    return hashlib.sha256(secret.encode()).digest()


class _Known(NamedTuple):
    """What a token was found to be.

    Attributes:
        version: The version of the store's credentials that it was read from.
    """

    version: int
    token_id: str
    expires_at: int | None
    caller: Caller


class Authenticate:
    """The interceptor that finds out the caller, from the headers alone.

    What was found of a token is kept until some token, user or service account changes. In developer mode
    any text that is no stored token stands for the first active administrator.
    """

    def __init__(self, store: Store, clock: Clock, last_uses: LastUses, *, developer_mode: bool) -> None:
        self._store = store
        self._clock = clock
        self._last_uses = last_uses
        self._developer_mode = developer_mode
        self._known: dict[bytes, _Known] = {}

    def __call__(self, proceed: Handler, method: Method) -> Handler:
        """Stand around the calls of a method, unless it needs no token."""
        if not method.needs_token:
            return proceed
        known, clock, last_uses = self._known, self._clock, self._last_uses
        credentials = self._store.credentials

        async def authenticate(call: Call, exchange: Exchange) -> None:
            given = call.headers.get("authorization")
            if given is None:
                raise _unauthenticated(Reason.MISSING_API_KEY)
            scheme, _, secret = given.partition(" ")
            if scheme.lower() != "bearer" or not (call.headers.distinct or _is_single(call)):
                raise _unauthenticated(Reason.INVALID_API_KEY)
            digest = hashlib.sha256(secret.lstrip(" ").encode()).digest()
            found = known.get(digest)
            if found is None or found.version != credentials.version:
                found = await self._find(digest, secret)
            now = clock.now()
            if found.expires_at is not None and found.expires_at <= now:
                raise RpcError(
                    Code.UNAUTHENTICATED, "the access token has expired", reason=Reason.EXPIRED_API_KEY
                )
            if found.token_id:
                last_uses.note(found.token_id, now)
            call.caller = found.caller
            call.caller_id = found.caller.subject.id
            await proceed(call, exchange)

        return authenticate

    async def _find(self, digest: bytes, secret: str) -> _Known:
        """Look a token up, and keep what it is.

        Raises:
            RpcError: UNAUTHENTICATED.
        """
        if not secret.strip(" "):
            raise _unauthenticated(Reason.INVALID_API_KEY)
        version = self._store.credentials.version
        credential = await self._store.credential(digest)
        if credential is not None:
            token = credential.token
            found = _Known(version, token.id, token.expires_at, _token_caller(credential))
        elif self._developer_mode:
            found = _Known(version, "", None, await self._first_administrator())
        else:
            raise _unauthenticated(Reason.INVALID_API_KEY)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()  # each of them is found again by its next call
        self._known[digest] = found
        return found

    async def _first_administrator(self) -> Caller:
        async with self._store.read(snapshot=False) as tx:
            administrator = await tx.users.first_active_administrator()
        if administrator is None:
            raise _unauthenticated(Reason.INVALID_API_KEY)
        return _user_caller(administrator, read_only=False)


def _token_caller(credential: Credential) -> Caller:
    token, owner = credential
    if isinstance(owner, User) and owner.status == UserStatus.ACTIVE:
        return _user_caller(owner, read_only=token.read_only, expires_at=token.expires_at)
    if not isinstance(owner, ServiceAccount):
        raise _unauthenticated(Reason.INVALID_API_KEY)
    return Caller(
        token.owner,
        token.organization_id,
        administrator=False,
        read_only=token.read_only,
        expires_at=token.expires_at,
    )


def _user_caller(user: User, *, read_only: bool, expires_at: int | None = None) -> Caller:
    return Caller(
        SubjectRef(user.id, Principal.USER),
        user.organization_id,
        administrator=user.role is Role.ADMINISTRATOR,
        read_only=read_only,
        expires_at=expires_at,
    )


def _is_single(call: Call) -> bool:
    return len(call.headers.all("authorization")) == 1


def _unauthenticated(reason: str) -> RpcError:
    return RpcError(
        Code.UNAUTHENTICATED,
        "a valid access token is needed, as Authorization: Bearer <token>",
        reason=reason,
    )
