"""How many statements each rpc makes once its caller is known: round trips, to a database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from connectrpc.protocol import ProtocolType

from support.api import Api, ConnectTransport
from support.apps import make_app
from support.counting import CountingStore
from support.stores import NewStore
from support.world import World, new_world
from triptych.clock import SystemClock
from triptych.ids import RandomIds
from triptych.services import PUBLISHED

# At most, with the caller known.
STATEMENTS = {
    "GetAuthenticatedUser": 1,
    "GetUser": 1,
    "CreatePersonalAccessToken": 3,
    "GetPersonalAccessToken": 1,
    "ListPersonalAccessTokens": 1,
    "DeletePersonalAccessToken": 2,
    "CreateProject": 3,
    "CreateProjects": 3,
    "CreateProjectFromEnvironment": 4,
    "GetProject": 1,
    "ListProjects": 2,
    "UpdateProject": 4,
    "UpdateProjects": 4,
    "DeleteProject": 3,
    "DeleteProjects": 3,
    "ListDocuments": 2,
    "CreateDocument": 4,
    "GetDocument": 1,
    "UpdateDocument": 3,
    "TrashDocument": 2,
    "UntrashDocument": 2,
}
BULK = 100


class Calls:
    """A server over a store that counts, and callers of it."""

    def __init__(self, store: CountingStore, world: World, ada: Api, max: Api, mia: Api) -> None:
        self.store = store
        self.world = world
        self.ada, self.max, self.mia = ada, max, mia

    async def statements(self, call: Awaitable[Any]) -> Sequence[str]:
        """Return the statements of a call."""
        self.store.statements.clear()
        await call
        return list(self.store.statements)

    async def projects(self, count: int) -> Sequence[str]:
        """Make projects of max's that a group may change which mia is in; return their ids."""
        group = await self.world.group(self.world.users["mia"])
        made = await self.max.CreateProjects(projects=[{"name": "p", "initializer": {}}] * count)
        ids = [each.id for each in made.created_projects]
        async with self.store.read() as tx:
            records = await tx.projects.get_many(ids)
        for record in records.values():
            changed = replace(record, admin_group_ids=frozenset({group.id}), version=record.version + 1)
            await self.world.put("projects", changed)
        return ids

    async def document(self) -> str:
        """Make a document of max's; return its id."""
        made = await self.max.CreateDocument(title="t", file_name="t.md", payload=b"# T")
        id: str = made.document.id
        return id

    async def prebuilds(self) -> dict[str, Any]:
        """Return a configuration of prebuilds that names a class and an executor."""
        made = await self.world.environment_class()
        executor = {"id": self.world.users["ada"].id, "principal": "PRINCIPAL_USER"}
        return {"enabled": True, "environment_class_ids": [made.id], "executor": executor}


@pytest.fixture
async def calls(new_store: NewStore) -> AsyncIterator[Calls]:
    async with AsyncExitStack() as stack:
        store = CountingStore(await stack.enter_async_context(new_store()))
        app = make_app(store=store)  # type: ignore[arg-type]
        later: list[Callable[[], Awaitable[None]]] = []
        app._jobs.run_once = later.append  # type: ignore[assignment, method-assign] # until all is counted
        await app.start()
        stack.push_async_callback(app.stop)
        transport = ConnectTransport(f"http://127.0.0.1:{app.http_port}", ProtocolType.CONNECT, "json")
        clock = SystemClock()
        world = await new_world(store, clock, RandomIds(clock), transport)  # type: ignore[arg-type]
        callers = [await world.as_(world.users[name]) for name in ("ada", "max", "mia")]
        for caller in callers:
            await caller.GetAuthenticatedUser()
        yield Calls(store, world, *callers)
        for work in later:
            await work()


async def _asked(calls: Calls) -> Mapping[str, tuple[Api, Mapping[str, Any]]]:
    """Return, for each rpc, who makes a call of it that has the most to look up, and the request."""
    world, ada, max, mia = calls.world, calls.ada, calls.max, calls.mia
    prebuilds = await calls.prebuilds()
    project, doomed = await calls.projects(2)
    changed, doomed_too = await calls.projects(BULK), await calls.projects(BULK)
    classes = await world.environment_class()
    environment = await world.environment(world.users["max"], environment_class_id=classes.id)
    await mia.CreatePersonalAccessToken(user_id=world.users["mia"].id)
    [token, *_] = (await mia.ListPersonalAccessTokens()).personal_access_tokens
    document, trashed = await calls.document(), await calls.document()
    await max.TrashDocument(document_id=trashed)
    for _ in range(3):
        await max.GetDocument(document_id=document)  # views are there to be written
    create = {"name": "p", "initializer": {}, "prebuild_configuration": prebuilds}
    return {
        "GetAuthenticatedUser": (mia, {}),
        "GetUser": (mia, {"user_id": world.users["ada"].id}),
        "CreatePersonalAccessToken": (ada, {"user_id": world.users["mia"].id}),
        "GetPersonalAccessToken": (mia, {"personal_access_token_id": token.id}),
        "ListPersonalAccessTokens": (mia, {}),
        "DeletePersonalAccessToken": (mia, {"personal_access_token_id": token.id}),
        "CreateProject": (mia, create),
        "CreateProjects": (mia, {"projects": [create] * BULK}),
        "CreateProjectFromEnvironment": (mia, {"name": "p", "environment_id": environment.id}),
        "GetProject": (mia, {"project_id": project}),
        "ListProjects": (mia, {"count": {"include": True}}),
        "UpdateProject": (mia, {"project_id": project, "prebuild_configuration": prebuilds}),
        "UpdateProjects": (
            mia,
            {"projects": [{"project_id": id, "prebuild_configuration": prebuilds} for id in changed]},
        ),
        "DeleteProject": (mia, {"project_id": doomed}),
        "DeleteProjects": (mia, {"project_ids": list(doomed_too)}),
        "ListDocuments": (max, {"page_size": 1}),
        "CreateDocument": (max, {"title": "t", "file_name": "t.md", "payload": b"# T"}),
        "GetDocument": (max, {"document_id": document}),
        "UpdateDocument": (max, {"document_id": document, "title": "u"}),
        "TrashDocument": (max, {"document_id": document}),
        "UntrashDocument": (max, {"document_id": trashed}),
    }


async def test_statements_of_each_rpc(calls: Calls) -> None:
    asked = await _asked(calls)
    assert {method.name for each in PUBLISHED for method in each.desc.methods} == set(asked)
    made = {}
    for rpc, (api, fields) in asked.items():
        await api.GetAuthenticatedUser()  # the caller is known again, whatever tokens the last call made
        statements = await calls.statements(getattr(api, rpc)(**fields))
        # A database that is slow to tell who else changed callers has them looked up again.
        made[rpc] = [each for each in statements if each != "store.credential"]
    assert {rpc: each for rpc, each in made.items() if len(each) > STATEMENTS[rpc]} == {}
    assert {rpc: len(each) for rpc, each in made.items()} == STATEMENTS, "at most, and so many indeed"


async def test_pages_that_follow_make_no_more_statements(calls: Calls) -> None:
    for _ in range(5):
        await calls.document()
    first = await calls.max.ListDocuments(page_size=2)
    second = await calls.max.ListDocuments(page_size=2, page_token=first.pagination.next_page_token)
    for token in (second.pagination.next_page_token, second.pagination.prev_page_token):
        made = await calls.statements(calls.max.ListDocuments(page_size=2, page_token=token))
        assert made == ["documents.page"]
    for id in [each.id for each in first.items]:
        await calls.max.TrashDocument(document_id=id)
    made = await calls.statements(
        calls.max.ListDocuments(page_size=2, page_token=second.pagination.prev_page_token)
    )
    assert made == ["documents.page", "documents.page"], "the list begins here"


async def test_an_unknown_caller_is_found_with_one_statement_and_then_known(calls: Calls) -> None:
    world = calls.world
    bot = await world.as_(await world.service_account("bot"))
    request = {"user_id": world.users["ada"].id}
    assert await calls.statements(bot.GetUser(**request)) == ["store.credential", "users.get"]
    assert await calls.statements(bot.GetUser(**request)) == ["users.get"]
    await world.user("new")
    assert await calls.statements(bot.GetUser(**request)) == ["store.credential", "users.get"]


async def test_calls_that_only_read_cost_no_transaction(calls: Calls) -> None:
    for rpc, (api, fields) in (await _asked(calls)).items():
        before = calls.store.alone
        await getattr(api, rpc)(**fields)
        is_read = rpc.startswith(("Get", "List"))
        assert calls.store.alone - before == is_read, rpc
