"""What one store exports, any other imports: nothing is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from store.builders import uuid
from support.stores import NewStore, memory_store
from triptych.clock import SystemClock
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import load_seed_file
from triptych.seed.export import export_lines
from triptych.store.base import Store, Transaction
from triptych.store.checks import check_data
from triptych.store.records import DocumentVersion, User
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus

EXAMPLE = Path(__file__).parents[2] / "examples" / "seed.yaml"
LAST = 253_402_300_799_999_999_999


async def load(store: Store, file: Path) -> None:
    clock = SystemClock()
    await load_seed_file(file, store, RandomIds(clock), clock, RequestValidator(), 10**7)


async def exported(store: Store) -> list[Any]:
    async with store.read() as tx:
        return [json.loads(line) async for line in export_lines(tx)]


async def change(tx: Transaction) -> None:
    """Make of the example what no seed file of old could say."""
    [first, second] = await tx.documents.following("", 2)
    [user, *_] = await tx.users.following("", 1)
    before = DocumentVersion(
        id=uuid(1),
        document_id=first.id,
        creator=first.creator,
        created_at=0,
        source_format="pdf",
        file_name="old.pdf",
        size=3_000_000,
        title="Once",
        description="",
        content_hash=b"hash",
        processing_status=ProcessingStatus.FAILED,
    )
    await tx.document_versions.add(before)
    await tx.contents.write(uuid(1), [Random(1).randbytes(3_000_000)])
    await tx.documents.put(
        replace(first, version=7, updated_at=LAST, is_demo=True),
        replace(second, trashed_at=-1, access_level=AccessLevel.PUBLIC, creator=first.creator),
    )
    [token, *_] = await tx.tokens.following("", 1)
    await tx.tokens.put(replace(token, last_used=LAST - 1, expires_at=LAST))
    [project, *_] = await tx.projects.following("", 1)
    await tx.projects.put(
        replace(project, version=3, updated_at=5, admin_group_ids=frozenset([uuid(2), uuid(3)]))
    )
    # An administrator with a lesser id, who came later.
    await tx.users.add(User(id=uuid(0), organization_id=user.organization_id, name="Later", created_at=1))


async def first_administrator(store: Store) -> User | None:
    async with store.read(snapshot=False) as tx:
        return await tx.users.first_active_administrator()


@pytest.mark.parametrize("there", ["to memory", "from memory"])
async def test_an_export_makes_the_same_store_again(new_store: NewStore, tmp_path: Path, there: str) -> None:
    ways = (new_store, memory_store) if there == "to memory" else (memory_store, new_store)
    file = tmp_path / "export.ndjson"
    async with ways[0]() as source, ways[1]() as target:
        await load(source, EXAMPLE)
        await source.write(change)
        lines = await exported(source)
        file.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        await load(target, file)
        assert await exported(target) == lines
        assert await first_administrator(target) == await first_administrator(source)
        async with target.read() as tx:
            assert [fault async for fault in check_data(tx)] == []
            [version] = (await tx.document_versions.get_many([uuid(1)])).values()
            assert version.title == "Once"
            assert b"".join([chunk async for chunk in tx.contents.chunks(uuid(1))]) == Random(1).randbytes(
                3_000_000
            )


async def test_what_does_not_fit_is_told(store: Store) -> None:
    await load(store, EXAMPLE)

    async def lose(tx: Transaction) -> None:
        [first, second] = await tx.documents.following("", 2)
        await tx.contents.delete(first.current_version_id)
        await tx.document_versions.delete(second.current_version_id)

    await store.write(lose)
    async with store.read() as tx:
        faults = [fault async for fault in check_data(tx)]
    assert len(faults) == 2
    assert "its version" in faults[0]
    assert "its content has 0 bytes" in faults[1]
