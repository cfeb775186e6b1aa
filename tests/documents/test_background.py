"""What is left to the background survives that the store fails, or the server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from store.builders import document, document_version, put, token, uuid
from support.apps import make_app
from triptych.auth.last_uses import LastUses
from triptych.documents.background import ViewNotes, process_left
from triptych.store.errors import UnavailableError
from triptych.store.memory import MemoryStore
from triptych.store.records import View
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus

READY, FAILED = ProcessingStatus.READY, ProcessingStatus.FAILED


class Unwilling(MemoryStore):
    """A store that takes no notes for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.willing = False

    async def note_uses(self, uses: Mapping[str, int]) -> None:
        self._check()
        await super().note_uses(uses)

    async def note_views(self, views: Iterable[View]) -> None:
        self._check()
        await super().note_views(views)

    def _check(self) -> None:
        if not self.willing:
            raise UnavailableError("not now")


async def leave(store: MemoryStore, number: int, content: bytes) -> None:
    """Leave a document behind whose content was not checked."""
    version = replace(document_version(100 + number), document_id=uuid(number), size=len(content))
    await put(store, "documents", replace(document(number), current_version_id=version.id))
    await put(store, "document_versions", version)
    await store.write(lambda tx: tx.contents.write(version.id, [content[:2], content[2:]]))


async def statuses(store: MemoryStore, *numbers: int) -> list[ProcessingStatus]:
    async with store.read() as tx:
        documents = await tx.documents.get_many(map(uuid, numbers))
    return [documents[uuid(number)].processing_status for number in numbers]


async def test_what_a_crash_left_is_processed(store: MemoryStore) -> None:
    await leave(store, 1, b"a,b")
    await leave(store, 2, b"\xff\xff")
    await put(store, "document_versions", document_version(50))  # its content never came
    await process_left(store, created_before=1000)
    assert await statuses(store, 1, 2) == [READY, FAILED]
    async with store.read() as tx:
        version = await tx.document_versions.get(uuid(101))
        assert version is not None
        assert version.content_hash == hashlib.sha256(b"a,b").digest()
        assert [each.id for each in await tx.document_versions.unprocessed(1000, None, 9)] == [uuid(50)]


async def test_more_than_a_batch_is_processed(store: MemoryStore) -> None:
    for number in range(1, 206):
        await leave(store, number, b"a,b")
    await process_left(store, created_before=1000)
    assert set(await statuses(store, *range(1, 206))) == {READY}


async def test_what_is_new_is_left_to_who_made_it(store: MemoryStore) -> None:
    await leave(store, 1, b"a,b")
    await process_left(store, created_before=1)
    assert await statuses(store, 1) == [ProcessingStatus.PROCESSING]


async def test_a_server_that_starts_processes_what_was_left(store: MemoryStore) -> None:
    await leave(store, 1, b"a,b")
    app = make_app(store=store)
    await app.start()
    try:
        await app._jobs.finish(5)
        assert await statuses(store, 1) == [READY]
    finally:
        await app.stop()


async def test_views_stay_noted_until_they_are_written() -> None:
    store = Unwilling()
    notes = ViewNotes(store, lambda _: None)
    notes.note(uuid(1), uuid(7), 5)
    await notes.write_those_of(uuid(1))  # whoever lists documents gets them, without these
    notes.note(uuid(1), uuid(7), 6)
    notes.note(uuid(2), uuid(7), 3)
    store.willing = True
    await notes.write_those_of(uuid(1))
    async with store.read() as tx:
        views = await tx.views.following("", 9)
    assert {(each.viewer_id, each.viewed_at) for each in views} == {(uuid(1), 6), (uuid(2), 3)}


async def test_last_uses_stay_noted_until_they_are_written() -> None:
    store, uses = Unwilling(), LastUses()
    await put(store, "tokens", token(1))
    uses.note(uuid(1), 5)
    with pytest.raises(UnavailableError):
        await uses.flush(store)
    assert uses.of(token(1)) == 5
    store.willing = True
    await uses.flush(store)
    async with store.read() as tx:
        [kept] = await tx.tokens.following("", 9)
    assert kept.last_used == 5
    assert uses.of(kept) == 5


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()
