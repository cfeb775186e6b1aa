"""Versions of documents, those that wait to be processed, and the contents of all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

from triptych.store.memory.index import SortedIndex
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.queries import Position
from triptych.store.records import DocumentVersion
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus

_UNPROCESSED = "unprocessed"


class VersionRows(Rows[DocumentVersion]):
    """Versions, and those that wait to be processed."""

    __slots__ = ("unprocessed",)

    def __init__(self) -> None:
        self.unprocessed = SortedIndex[DocumentVersion](
            lambda each: (_UNPROCESSED,) if each.processing_status == ProcessingStatus.PROCESSING else (),
            lambda each: (each.created_at, each.id),
        )
        super().__init__("document_versions", (self.unprocessed,))


class MemoryVersions(MemoryTable[DocumentVersion]):
    """Versions, for one transaction."""

    __slots__ = ()

    _rows: VersionRows

    async def unprocessed(
        self, created_before: int, after: Position | None, limit: int
    ) -> Sequence[DocumentVersion]:
        """Return up to `limit` versions whose status is PROCESSING, oldest first."""
        self._work.check_open()
        start = None if after is None else (after.key, after.id)
        waiting = self._rows.unprocessed.values(_UNPROCESSED).irange(
            start, (created_before,), inclusive=(False, False)
        )
        return [self._rows.records[id] for _, id in islice(waiting, limit)]


class MemoryContents:
    """Contents by the ids of their versions, for one transaction."""

    __slots__ = ("_contents", "_work")

    def __init__(self, contents: dict[str, tuple[bytes, ...]], work: UnitOfWork) -> None:
        self._contents = contents
        self._work = work

    async def write(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        before = self._contents.get(id)
        self._contents[id] = tuple(chunks)
        undo.append(partial(self._restore, id, before))

    async def add(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        for id, chunks in contents.items():
            await self.write(id, chunks)

    async def chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content in the chunks that were written; nothing if there is none."""
        self._work.check_open()
        for chunk in self._contents.get(id, ()):
            yield chunk
            self._work.check_open()

    async def delete(self, *ids: str) -> int:
        """Remove contents; return how many there were.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        undo = self._work.undo_log()
        deleted = 0
        for id in ids:
            before = self._contents.pop(id, None)
            if before is not None:
                undo.append(partial(self._restore, id, before))
                deleted += 1
        return deleted

    def _restore(self, id: str, before: tuple[bytes, ...] | None) -> None:
        if before is None:
            del self._contents[id]
        else:
            self._contents[id] = before
