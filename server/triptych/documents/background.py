"""What documents leave to the background: checking contents and noting views."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

from triptych.documents.examine import Examination, examine
from triptych.store.base import Store, Transaction
from triptych.store.errors import StoreError
from triptych.store.queries import Position
from triptych.store.records import View

RunInBackground: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

_ParamsT = ParamSpec("_ParamsT")
_ResultT = TypeVar("_ResultT")

_logger = logging.getLogger("triptych")

_BATCH: Final = 100
_SMALL: Final = 64 * 1024
_MOMENT: Final = 0.05  # seconds
_FIRST_WAIT: Final = 0.25  # seconds
_LONGEST_WAIT: Final = 15.0  # seconds


async def off_loop(
    size: int, function: Callable[_ParamsT, _ResultT], *args: _ParamsT.args, **kwargs: _ParamsT.kwargs
) -> _ResultT:
    """Call a function that works through `size` bytes: in a thread, unless that would take longer."""
    if size <= _SMALL:
        return function(*args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)


async def process(store: Store, version_id: str) -> None:
    """Hash and check the content of a version, and write down what comes of it.

    The document takes it over if that is still its current version. It is no change of the document:
    `updated_at` stays.
    """
    async with store.read() as tx:
        version = await tx.document_versions.get(version_id)
        chunks = [chunk async for chunk in tx.contents.chunks(version_id)]
    if version is None or not chunks:
        return
    examination = await off_loop(version.size, examine, version.source_format, chunks)
    await store.write(lambda tx: _write_examination(tx, version_id, examination))


async def process_until_done(store: Store, version_id: str) -> None:
    """Process a version, however long the store is away meanwhile."""
    wait = _FIRST_WAIT
    while True:
        try:
            return await process(store, version_id)
        except StoreError as error:
            _logger.warning("version %s is not processed yet: %s", version_id, error)
        await asyncio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


async def process_left(store: Store, created_before: int) -> None:
    """Process the versions that were left: whoever made them went away before that was done.

    What somebody else is processing comes out the same. One that cannot be processed is logged, and left.

    Raises:
        StoreError: The store failed.
    """
    after: Position | None = None
    while True:
        async with store.read(snapshot=False) as tx:
            versions = await tx.document_versions.unprocessed(created_before, after, _BATCH)
        for version in versions:
            try:
                await process(store, version.id)
            except StoreError:
                raise
            except Exception:
                _logger.exception("unexpected error: processing version %s", version.id)
        if len(versions) < _BATCH:
            return
        after = Position(versions[-1].created_at, versions[-1].id)


async def _write_examination(tx: Transaction, version_id: str, examination: Examination) -> None:
    """Write down what is known of the content of a version, if there still is such a version."""
    version = await tx.document_versions.get(version_id)
    if version is None:
        return
    await tx.document_versions.put(
        replace(version, content_hash=examination.content_hash, processing_status=examination.status)
    )
    document = await tx.documents.get(version.document_id)
    if document is not None and document.current_version_id == version_id:
        await tx.documents.put(
            replace(document, processing_status=examination.status, version=document.version + 1)
        )


class ViewNotes:
    """Notes views without holding up whoever views.

    They are written in batches, a moment after the first: under load, a batch holds all views of that moment.
    Whoever lists documents has the own views written before, so that they are seen at once.
    """

    def __init__(self, store: Store, run_in_background: RunInBackground) -> None:
        self._store = store
        self._run_in_background = run_in_background
        self._unwritten: dict[str, dict[str, int]] = {}
        self._writing: Mapping[str, Mapping[str, int]] = {}
        self._turn = asyncio.Lock()
        self._waiting = False

    def note(self, viewer_id: str, document_id: str, now: int) -> None:
        """Note a view; it is written by and by."""
        views = self._unwritten.get(viewer_id)
        if views is None:
            views = self._unwritten[viewer_id] = {}
        views[document_id] = now
        if not self._waiting:
            self._waiting = True
            self._run_in_background(self._write_later)

    async def write_those_of(self, viewer_id: str) -> None:
        """Write the views that somebody has and the store does not know; if it cannot be, they are left."""
        if viewer_id in self._unwritten or viewer_id in self._writing:
            with suppress(StoreError):
                await self._write()

    async def _write_later(self) -> None:
        await asyncio.sleep(_MOMENT)
        self._waiting = False
        await self._write()

    async def _write(self) -> None:
        async with self._turn:
            batch, self._unwritten = self._unwritten, {}
            self._writing = batch
            try:
                await self._store.note_views(
                    View(document_id, viewer_id, viewed_at)
                    for viewer_id, views in batch.items()
                    for document_id, viewed_at in views.items()
                )
            except BaseException:
                for viewer_id, views in batch.items():
                    self._unwritten[viewer_id] = views | self._unwritten.get(viewer_id, {})
                raise
            finally:
                self._writing = {}
