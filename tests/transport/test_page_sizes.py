"""A page ends early before its reply outgrows what a message may have."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from protobuf import Oneof

from support.http import new_http_client
from support.world import World, new_world, subject_of
from triptych.app.lifecycle import App
from triptych.clock import SystemClock
from triptych.config import Settings
from triptych.ids import RandomIds
from triptych.observability.logs import CallLogger
from triptych.store.memory import MemoryStore
from triptych.store.records import Project
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer, GitInitializer

LIMIT = 64 * 1024
# What JSON writes in one byte, in two, and in six.
TEXTS = ["x", "ä", "\\", "\x01", "€"]


class Calls:
    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.world = world
        self.http = http

    async def post(self, path: str, request: dict[str, Any], rows: str = "") -> Any:
        answer = await self.http.post(path, json=request)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert len(answer.content) <= LIMIT or len(found[rows] if rows else next(iter(found.values()))) == 1
        return found


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    store, clock = MemoryStore(), SystemClock()
    settings = Settings(http_port=0, grpc_port=0, token="secret", max_message=LIMIT, shutdown_grace=1)
    app = App(settings, CallLogger(io.StringIO(), text=False, level=100), store=store)
    await app.start()
    world = await new_world(store, clock, RandomIds(clock), None)  # type: ignore[arg-type] # it is not called
    _, secret = await world.token(world.users["max"])
    async with new_http_client(
        base_url=f"http://127.0.0.1:{app.http.port}",
        headers={"authorization": f"Bearer {secret}", "accept-encoding": "identity"},
    ) as http:
        yield Calls(world, http)
    await app.stop()


@pytest.mark.parametrize("letter", TEXTS)
async def test_documents_are_listed_in_pages_that_fit_both_ways(calls: Calls, letter: str) -> None:
    owner = calls.world.users["max"]
    made = [await calls.world.document(owner, description=letter * 2000) for _ in range(60)]
    path = "/factify.api.v1beta.DocumentService/ListDocuments"
    seen: list[list[str]] = []
    token = ""
    while True:
        page = await calls.post(path, {"pageSize": 100, "sort": "created_at", "pageToken": token})
        seen.append([each["id"] for each in page["items"]])
        token = page["pagination"].get("nextPageToken", "")
        assert page["pagination"]["hasMore"] == bool(token)
        if not token:
            break
    assert sorted(id for ids in seen for id in ids) == sorted(made)
    assert len(seen) > 1
    back: list[str] = seen[-1]
    while token := page["pagination"].get("prevPageToken", ""):
        page = await calls.post(path, {"pageSize": 100, "sort": "created_at", "pageToken": token})
        back = [each["id"] for each in page["items"]] + back
    assert back == [id for ids in seen for id in ids]


async def test_projects_are_listed_in_pages_that_fit(calls: Calls) -> None:
    world, owner = calls.world, calls.world.users["max"]
    for size in [5000] * 30 + [2 * LIMIT, 10]:
        git = GitInitializer(remote_uri="https://example.org/" + "x" * size)
        spec = EnvironmentInitializer.Spec(spec=Oneof("git", git))
        now = world.clock.now()
        await world.put(
            "projects",
            Project(
                id=world.ids.new(),
                organization_id=world.organization_id,
                name="p",
                creator=subject_of(owner),
                created_at=now,
                updated_at=now,
                initializer=EnvironmentInitializer(specs=[spec]),
            ),
        )
    counts, token = [], ""
    while True:
        request = {"pagination": {"pageSize": 100, "token": token}}
        page = await calls.post("/gitpod.v1.ProjectService/ListProjects", request)
        counts.append(len(page["projects"]))
        token = page["pagination"].get("nextToken", "")
        if not token:
            break
    assert sum(counts) == 32
    assert 1 in counts  # the one that is larger than a reply should be
    assert len(counts) < 10


@pytest.mark.parametrize("letter", TEXTS)
async def test_tokens_are_listed_in_pages_that_fit(calls: Calls, letter: str) -> None:
    world, owner = calls.world, calls.world.users["max"]
    for _ in range(60):
        token, _ = await world.token(owner)
        await world.put("tokens", replace(token, description=letter * 1000))
    path = "/gitpod.v1.UserService/ListPersonalAccessTokens"
    seen: list[str] = []
    after, pages = "", 0
    while True:
        request = {"pagination": {"pageSize": 100, "token": after}}
        page = await calls.post(path, request, "personalAccessTokens")
        seen += [each["id"] for each in page["personalAccessTokens"]]
        pages += 1
        after = page["pagination"].get("nextToken", "")
        if not after:
            break
    assert len(seen) == len(set(seen)) == 61  # one of which the calls are made with
    assert 1 < pages < 30


async def test_changed_projects_that_do_not_fit_into_the_reply_are_not_changed(calls: Calls) -> None:
    create, update = (f"/gitpod.v1.ProjectService/{each}" for each in ("CreateProject", "UpdateProjects"))
    asked = {"name": "before", "initializer": {}, "technicalDescription": "\x01" * 3000}
    ids = [(await calls.post(create, asked))["project"]["id"] for _ in range(8)]
    changes = [{"projectId": id, "name": "after"} for id in ids]
    answer = await calls.post(update, {"projects": changes}, "updatedProjects")
    refused = [each["projectId"] for each in answer["failedProjects"]]
    assert [each["id"] for each in answer["updatedProjects"]] + refused == ids
    assert refused
    assert "no room" in answer["failedProjects"][0]["error"]
    async with calls.world.store.read() as tx:
        kept = await tx.projects.get_many(refused)
    assert {each.name for each in kept.values()} == {"before"}
