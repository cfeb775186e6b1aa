"""What can befall a SQLite file, and its schema."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store.builders import name_of, organization, project, put, user, uuid
from support.stores import started
from triptych.store.errors import ConflictError, StoreError, UnavailableError, UnusableError
from triptych.store.sql.migrations import Migration, missing
from triptych.store.sqlite import SqliteStore, schema
from triptych.store.sqlite import store as store_module


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "triptych.db"


async def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    async with started(SqliteStore(path)) as store:
        await put(store, "organizations", organization(1, "kept"))
        key = await store.secret_key("pages")
    async with started(SqliteStore(path)) as store:
        assert await name_of(store, 1) == "kept"
        assert await store.secret_key("pages") == key
        assert await store.migrate() == []


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"this is a letter to somebody" * 100)
    with pytest.raises(UnusableError, match="not a database"):
        await SqliteStore(path).start()
    assert path.read_bytes().startswith(b"this is a letter"), "it is left as it was"


async def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE users (id TEXT)")
        connection.commit()
    with pytest.raises(UnusableError, match="another program"):
        await SqliteStore(path).start()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("users",)]


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="no folder"):
        await SqliteStore(tmp_path / "no" / "triptych.db").start()
    with pytest.raises(StoreError):
        await SqliteStore(tmp_path).start()


async def test_a_newer_schema_is_refused(path: Path) -> None:
    async with started(SqliteStore(path)):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, 'of_the_future', '')")
        connection.commit()
    with pytest.raises(UnusableError, match=r"version 999.*newer"):
        await SqliteStore(path).start()


async def test_a_schema_that_says_something_else_is_refused(path: Path) -> None:
    async with started(SqliteStore(path)):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE schema_version SET checksum = 'other'")
        connection.commit()
    with pytest.raises(UnusableError, match="not the one"):
        await SqliteStore(path).start()


async def test_an_older_schema_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(SqliteStore(path)) as store:
        await put(store, "organizations", organization(1, "kept"))
    added = Migration(
        len(schema.MIGRATIONS) + 1, "more", "CREATE TABLE more (id TEXT);\nINSERT INTO more VALUES ('a');\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, added])
    store = SqliteStore(path)
    assert await store.migrate() == [f"{added.version:04} more"]
    assert await store.migrate() == []
    async with started(SqliteStore(path)) as store:
        assert await name_of(store, 1) == "kept"


async def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(SqliteStore(path)):
        pass
    wrong = Migration(
        len(schema.MIGRATIONS) + 1, "wrong", "CREATE TABLE more (id TEXT);\nCREATE TABLE more (id TEXT);\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, wrong])
    with pytest.raises(StoreError):
        await SqliteStore(path).migrate()
    monkeypatch.undo()
    async with started(SqliteStore(path)) as store:
        assert (await store.stats())["organizations"] == 0


def test_what_was_applied_is_compared_by_what_it_says() -> None:
    one, two = Migration(1, "one", "a"), Migration(2, "two", "b")
    assert missing([one, two], {}) == [one, two]
    assert missing([one, two], {1: one.checksum}) == [two]
    assert missing([one, two], {1: one.checksum, 2: two.checksum}) == []


START = """
import asyncio, sys
from pathlib import Path
from triptych.store.sqlite import SqliteStore
async def main():
    store = SqliteStore(Path(sys.argv[1]))
    sys.stdin.readline()
    print(len(await store.migrate()), flush=True)
    await store.start()
    print(len(await store.secret_key("pages")), (await store.secret_key("pages")).hex(), flush=True)
    await store.close()
asyncio.run(main())
"""


def test_processes_that_start_at_the_same_time_make_one_store(path: Path) -> None:
    command = [sys.executable, "-c", START, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert sorted(steps for steps, _ in said) == ["0", "0", str(len(schema.MIGRATIONS))]
    assert len({key for _, key in said}) == 1


OPEN_AND_CLOSE = """
import asyncio, sys
from pathlib import Path
from triptych.store.sqlite import SqliteStore
async def main():
    store = SqliteStore(Path(sys.argv[1]))
    for _ in range(60):
        await store.start()
        await store.secret_key("pages")
        await store.close()
asyncio.run(main())
"""


def test_a_file_that_others_open_and_close_is_waited_for(path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_CLOSE, str(path)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[1] for process in processes] == ["", "", ""]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own elsewhere")
async def test_what_runs_aside_leaves_the_processors_to_others(path: Path) -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    async with started(SqliteStore(path)) as store:
        assert await store.slow.run(priority) == 10
        assert await store._commits.run(priority) == priority() == 0


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process, as it were: a connection that is not the store's."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


async def test_a_file_that_another_holds_is_waited_for(path: Path, other: sqlite3.Connection) -> None:
    async with started(SqliteStore(path)) as store:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(put(store, "organizations", organization(1, "new")))
        async with store.read() as tx:
            assert await tx.organizations.get(uuid(1)) is None
        assert not writing.done()
        other.execute("ROLLBACK")
        await writing
        assert await name_of(store, 1) == "new"


async def test_a_file_that_another_does_not_let_go_is_a_conflict(
    path: Path, other: sqlite3.Connection
) -> None:
    async with started(SqliteStore(path)) as store:
        other.execute("BEGIN IMMEDIATE")

        async def write(tx: object) -> None:
            pytest.fail("it cannot begin")

        with pytest.raises(ConflictError):
            await store.write(write, deadline=asyncio.get_running_loop().time() + 0.01)
        await store.ping()  # it can be used: somebody does
        other.execute("ROLLBACK")
        await put(store, "organizations", organization(1, "new"))


async def test_a_disk_that_is_full_is_told_and_got_over(path: Path) -> None:
    async with started(SqliteStore(path)) as store:
        await put(store, "organizations", organization(1, "old"))
        writer = store._writer
        assert writer is not None
        [pages] = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite answers is as of a disk
        large = [project(number, "x" * 80, technical_description="y" * 8000) for number in range(50)]
        with pytest.raises(UnavailableError, match="full"):
            await put(store, "projects", *large)
        assert await name_of(store, 1) == "old"
        async with store.read() as tx:
            assert await tx.projects.following("", 1) == [], "nothing is half written"
        writer.execute("PRAGMA max_page_count = 1000000")
        await store.ping()
        await put(store, "projects", *large)


async def test_a_store_that_was_full_is_not_ready_until_it_can_be_written(path: Path) -> None:
    async with started(SqliteStore(path)) as store:
        store._failed = True
        writer = store._writer
        assert writer is not None
        writer.execute("PRAGMA query_only = 1")
        with pytest.raises(UnavailableError):
            await store.ping()
        writer.execute("PRAGMA query_only = 0")
        await store.ping()
        assert not store._failed


async def test_a_file_that_cannot_be_written_is_told(path: Path) -> None:
    async with started(SqliteStore(path)) as store:
        await put(store, "organizations", organization(1, "old"))
        writer = store._writer
        assert writer is not None
        writer.execute("PRAGMA query_only = 1")
        with pytest.raises(UnavailableError, match="readonly"):
            await put(store, "organizations", organization(1, "new"))
        assert await name_of(store, 1) == "old"
        writer.execute("PRAGMA query_only = 0")
        await put(store, "organizations", organization(1, "new"))
        assert await name_of(store, 1) == "new"


async def test_a_commit_that_was_begun_is_finished(path: Path) -> None:
    async with started(SqliteStore(path)) as store:
        commit = store._commits.run

        async def cancelled_meanwhile(work: Callable[[], Any]) -> Any:
            asyncio.get_running_loop().call_soon(writing.cancel)
            return await commit(work)

        store._commits.run = cancelled_meanwhile  # type: ignore[method-assign, assignment] # then as it does
        writing = asyncio.create_task(put(store, "organizations", organization(1, "new")))
        await asyncio.wait([writing])
        assert writing.cancelled()
        assert await name_of(store, 1) == "new"
        store._commits.run = commit  # type: ignore[method-assign]
        await put(store, "organizations", organization(1, "other"))
        assert await name_of(store, 1) == "other"


async def test_what_other_processes_change_of_callers_is_seen(path: Path) -> None:
    async with started(SqliteStore(path)) as one, started(SqliteStore(path)) as other:
        one.credentials._looked_at = 0.0
        before = one.credentials.version
        await put(other, "organizations", organization(1, "not a caller"))
        one.credentials._looked_at = 0.0
        assert one.credentials.version == before
        await put(other, "users", user(1))
        one.credentials._looked_at = 0.0
        after = one.credentials.version
        assert after > before
        await put(one, "users", user(2))
        assert one.credentials.version > after, "at once, as this process did it"


async def test_only_one_process_has_a_job(path: Path) -> None:
    async with started(SqliteStore(path)) as one, started(SqliteStore(path)) as other:
        assert await one.claim("count", 100, 200)
        assert not await other.claim("count", 150, 250)
        assert await other.claim("count", 200, 300)


async def test_a_long_search_does_not_hold_up_others(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_SLOW_THREADS", 1)
    async with started(SqliteStore(path)) as store:
        await put(store, "organizations", organization(1, "name"))
        began, end = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def long() -> str:
            loop.call_soon_threadsafe(began.set)
            asyncio.run_coroutine_threadsafe(end.wait(), loop).result()
            return "found"

        searching = asyncio.create_task(store.slow.run(long))
        await began.wait()
        assert await name_of(store, 1) == "name"
        await put(store, "organizations", organization(1, "new"))
        assert not searching.done()
        end.set()
        assert await searching == "found"
