"""What one server changes of tokens and users is obeyed by all workers of all servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.stores import cluster  # noqa: F401 # a fixture
from tools.postgresql import Cluster
from triptych.auth.authenticate import digest
from triptych.clock import SystemClock
from triptych.ids import RandomIds
from triptych.store.base import Store, Transaction
from triptych.store.opening import make_store
from triptych.store.records import Role, Token, User
from triptych.users.subjects import reference
from triptych_api.gitpod.v1.user_pb import UserStatus
from workers.servers import Connection, serving, until

pytestmark = pytest.mark.process

SECRET = "the secret of somebody else"


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the name of a store that is empty."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'store.db'}"
    running: Cluster = request.getfixturevalue("cluster")
    return running.url(await running.database())


async def add_user(store: Store) -> tuple[User, Token]:
    """Add an administrator, and a token."""
    clock = SystemClock()
    ids = RandomIds(clock)

    async def add(tx: Transaction) -> tuple[User, Token]:
        first = await tx.users.first_active_administrator()
        assert first is not None
        user = replace(first, id=ids.new(), name="Max", role=Role.ADMINISTRATOR)
        token = Token(
            id=ids.new(),
            organization_id=user.organization_id,
            owner=reference(user),
            creator=reference(user),
            digest=digest(SECRET),
            description="",
            created_at=clock.now(),
        )
        await tx.users.add(user)
        await tx.tokens.add(token)
        return user, token

    return await store.write(add)


async def test_changes_are_obeyed_everywhere(tmp_path: Path, url: str) -> None:
    with serving(tmp_path, url) as one, serving(tmp_path, url) as other:
        store = make_store(url)
        await store.start()
        try:
            user, token = await add_user(store)
            async with AsyncExitStack() as stack:
                everywhere = {
                    f"{name} {worker}": connection
                    for name, server in (("one", one), ("other", other))
                    for worker, connection in (
                        await stack.enter_async_context(server.connections(secret=SECRET))
                    ).items()
                }
                assert len(everywhere) == 4

                async def known(connection: Connection) -> bool:
                    return (await connection.get_user()).status_code == 200

                async def unknown(connection: Connection) -> bool:
                    return (await connection.get_user()).status_code == 401

                async def sees_tokens_of_others(connection: Connection) -> bool:
                    path = "/gitpod.v1.UserService/ListPersonalAccessTokens"
                    response = await connection.post(path, {})
                    assert response.status_code == 200, response.text
                    return len(response.json()["personalAccessTokens"]) == 2

                async def sees_its_own(connection: Connection) -> bool:
                    return not await sees_tokens_of_others(connection)

                async def become(seen: Callable[[Connection], Awaitable[bool]]) -> None:
                    async def by_all() -> bool:
                        return all([await seen(each) for each in everywhere.values()])

                    await until(by_all)

                async def change(**values: Any) -> None:
                    changed = replace(user, **values)
                    await store.write(lambda tx: tx.users.put(changed))

                await become(sees_tokens_of_others)
                await change(role=Role.MEMBER)
                await become(sees_its_own)
                await change(status=UserStatus.SUSPENDED)
                await become(unknown)
                await change()
                await become(known)
                # Through one of the workers, as a client does.
                deleted = await everywhere["one 1"].post(
                    "/gitpod.v1.UserService/DeletePersonalAccessToken", {"personalAccessTokenId": token.id}
                )
                assert deleted.status_code == 200, deleted.text
                await become(unknown)
        finally:
            await store.close()
