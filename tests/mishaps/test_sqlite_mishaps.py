"""What befalls the file of a server that runs, as its callers see it."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.processes import ANY_PORT, Served, run
from mishaps.servers import Watched, watched
from support.api import CallError
from support.http import new_http_client
from triptych.documents.typeid import decode
from triptych.store.checks import check_data
from triptych.store.sqlite import SqliteStore

pytestmark = pytest.mark.long

Serve = Callable[..., Awaitable[Served]]
UNAVAILABLE = dict.fromkeys(("grpc", "grpc-web", "connect", "connect-json", "rest"), "unavailable")
OK = dict.fromkeys(UNAVAILABLE, "ok")
TOKEN = "a-token-of-the-test"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triptych.db"


@pytest.fixture
async def server(path: Path) -> AsyncIterator[Watched]:
    async with watched(f"sqlite:{path}") as server:
        yield server


@contextmanager
def disk_full(pid: int) -> Iterator[None]:
    """Let a process write nothing to a file but its first page, as on a disk that is full."""
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


async def test_a_disk_that_is_full_is_told_and_got_over_over_every_transport(server: Watched) -> None:
    kept = await server.create()
    await server.processed(kept)
    before = await server.titles()
    with disk_full(os.getpid()):
        assert await server.create_everywhere() == UNAVAILABLE
        await server.becomes(ready=False)
        assert await server.titles() == before, "reads go on, and nothing is half written"
    await server.becomes(ready=True)
    assert await server.create_everywhere() == OK
    assert len(await server.titles()) == len(before) + len(OK)


async def test_a_large_file_on_a_disk_that_gets_full_leaves_nothing(server: Watched, path: Path) -> None:
    kept = await server.create()
    await server.processed(kept)
    [held] = sizes(path)
    with disk_full(os.getpid()):
        with pytest.raises(CallError) as caught:
            await server.one.CreateDocument(title="large", payload=os.urandom(3 << 20), file_name="a.csv")
        assert caught.value.code == "unavailable"
    await server.becomes(ready=True)
    assert sizes(path) == [held], "no pieces of it are left"
    assert len(await server.titles()) == 1


def sizes(path: Path) -> list[tuple[int, int, int]]:
    """Return how many documents, versions and pieces of contents a file has."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("documents", "document_versions", "contents")
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        return connection.execute(f"SELECT {counts}").fetchall()


async def test_a_file_that_another_locks_is_waited_for_until_the_deadline(
    server: Watched, path: Path
) -> None:
    kept = await server.create()
    await server.processed(kept)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for name in ("grpc", "connect", "rest"):
            caller = server.callers[name]
            object.__setattr__(caller, "timeout", 0.3)
            with pytest.raises(CallError) as caught:
                await server.create(caller)
            assert caught.value.code in {"aborted", "deadline_exceeded"}
            object.__setattr__(caller, "timeout", None)
        assert len(await server.titles()) == 1, "reads do not wait"
        waiting = asyncio.create_task(server.create())
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
        await waiting
    assert len(await server.titles()) == 2


async def test_a_file_that_another_keeps_for_itself_is_no_store_to_start_with(
    path: Path, serve: Serve
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE a (b)")
        code, out, err = await run("serve", *ANY_PORT, "--store", f"sqlite:{path}")
    assert (code, out) == (1, "")
    assert "locked" in err or "another process" in err
    assert "Traceback" not in err


async def test_a_server_process_goes_on_when_its_disk_has_room_again(path: Path, serve: Serve) -> None:
    served = await serve("--store", f"sqlite:{path}", TRIPTYCH_TOKEN=TOKEN)
    headers = {"authorization": f"Bearer {TOKEN}"}
    project = {"name": "p", "initializer": {}}
    create = "/gitpod.v1.ProjectService/CreateProject"
    async with new_http_client(base_url=served.url, headers=headers) as http:
        with disk_full(served.process.pid):
            refused = await http.post(create, json=project)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            listed = await http.post("/gitpod.v1.ProjectService/ListProjects", json={})
            assert listed.json().get("projects", []) == []
        accepted = await http.post(create, json=project)
        assert accepted.status_code == 200, accepted.text
        listed = await http.post("/gitpod.v1.ProjectService/ListProjects", json={})
        assert len(listed.json()["projects"]) == 1


def opened_apart(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, check_same_thread=False))


async def test_a_backup_of_a_server_that_writes_is_a_store(server: Watched, path: Path) -> None:
    kept = await server.create()
    writing = [asyncio.create_task(server.create()) for _ in range(20)]
    copy = path.with_name("copy.db")
    with opened_apart(path) as source, opened_apart(copy) as target:
        await asyncio.to_thread(source.backup, target)
    await asyncio.gather(*writing)
    store = SqliteStore(copy)
    await store.start()
    try:
        assert await store.verify() == []
        async with store.read() as tx:
            assert [fault async for fault in check_data(tx)] == []
            assert await tx.documents.get(decode("doc", kept)) is not None
    finally:
        await store.close()
