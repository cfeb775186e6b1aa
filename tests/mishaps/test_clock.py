"""A clock that goes back, under a server that runs and under one that is started again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mishaps.servers import Watched, watched
from support.api import Api
from triptych.app.jobs import periodic_jobs
from triptych.app.store_watch import StoreWatch
from triptych.auth.last_uses import LastUses
from triptych.clock import DAY, NANOS, SystemClock
from triptych.discovery.health import HealthService

pytestmark = pytest.mark.long

_YEAR = 365 * DAY
_BACK = 3 * _YEAR


class TurnedClock(SystemClock):
    """The machine's clock, which may be turned back."""

    def __init__(self) -> None:
        self.back = 0

    def now(self) -> int:
        return super().now() - self.back


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def server(
    request: pytest.FixtureRequest, tmp_path: Path, clock: TurnedClock
) -> AsyncIterator[Watched]:
    """Run a server over each store; over PostgreSQL only where tests of it are asked for."""
    store = {"memory": "memory", "sqlite": f"sqlite:{tmp_path / 'clock.db'}"}.get(request.param)
    if store is None:
        cluster = request.getfixturevalue("cluster")
        store = cluster.url(await cluster.database())
    async with watched(store, clock) as server:
        yield server


async def test_calls_go_on_over_every_transport_when_the_clock_goes_back(
    server: Watched, clock: TurnedClock
) -> None:
    before = [await server.create(caller) for caller in server.callers.values()]
    first = await server.one.ListDocuments(page_size=2)
    clock.back = _BACK
    after = [await server.create(caller) for caller in server.callers.values()]
    assert await server.ready()
    ids = [*before, *after]
    assert sorted(ids) == ids, "ids go on in order"
    for caller in server.callers.values():
        for id in ids:
            await server.processed(id)
            assert (await caller.GetDocument(document_id=id)).document.id == id
        found = await documents(caller)
        assert sorted(found) == ids, "each is there once"
    # A page that was begun before goes on where it was.
    rest = await server.one.ListDocuments(page_size=100, page_token=first.pagination.next_page_token)
    assert not {item.id for item in first.items} & {item.id for item in rest.items}


async def test_what_there_was_is_changed_when_the_clock_has_gone_back(
    server: Watched, clock: TurnedClock
) -> None:
    id = await server.create()
    await server.processed(id)
    clock.back = _BACK
    for caller in server.callers.values():
        changed = await caller.UpdateDocument(document_id=id, title="another")
        assert changed.document.title == "another"
        await caller.TrashDocument(document_id=id)
        await caller.UntrashDocument(document_id=id)
        assert (await caller.GetDocument(document_id=id)).document.title == "another"
    user = (await server.one.GetAuthenticatedUser()).user.id
    pat = await server.one.CreatePersonalAccessToken(description="new", user_id=user)
    assert (await Api(server.one.transport, pat.token).GetAuthenticatedUser()).user.id == user


async def test_jobs_of_all_servers_are_done_when_the_clock_has_gone_back(
    server: Watched, clock: TurnedClock
) -> None:
    store = server.app._store
    jobs = periodic_jobs(store, clock, LastUses(), StoreWatch(store, HealthService(())))
    shared = ("count popularity", "process what was left")
    for back in (0, _BACK):
        clock.back = back
        for job in jobs:
            await job.work()
        for name in shared:
            now = clock.now()
            assert not await store.claim(name, now, now + 900 * NANOS), "it was claimed just now"


async def test_a_server_that_starts_with_a_clock_that_went_back_serves_what_there_is(
    tmp_path: Path, clock: TurnedClock
) -> None:
    store = f"sqlite:{tmp_path / 'clock.db'}"
    async with watched(store, clock) as server:
        before = await server.create()
    clock.back = _BACK
    async with watched(store, clock) as server:
        assert await server.ready()
        after = await server.create()
        await server.processed(before)
        await server.processed(after)
        assert set(await documents(server.one)) == {before, after}
        await server.one.UpdateDocument(document_id=before, title="another")
    clock.back = 0
    async with watched(store, clock) as server:
        assert set(await documents(server.one)) == {before, after}


async def documents(caller: Api) -> list[str]:
    """Return the ids of all documents, page by page."""
    found, token = [], ""
    while True:
        page = await caller.ListDocuments(page_size=3, page_token=token)
        found += [document.id for document in page.items]
        token = page.pagination.next_page_token
        if not token:
            return found
