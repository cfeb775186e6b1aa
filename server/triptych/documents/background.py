"""What documents leave to the background: checking contents and noting views."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

from triptych.backend import Backend
from triptych.documents.examine import Examination, examine
from triptych.store.base import Transaction
from triptych.store.records import View

RunInBackground: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

_ParamsT = ParamSpec("_ParamsT")
_ResultT = TypeVar("_ResultT")

_SMALL: Final = 64 * 1024
_MOMENT: Final = 0.05  # seconds


async def off_loop(
    size: int, function: Callable[_ParamsT, _ResultT], *args: _ParamsT.args, **kwargs: _ParamsT.kwargs
) -> _ResultT:
    """Call a function that works through `size` bytes: in a thread, unless that would take longer."""
    if size <= _SMALL:
        return function(*args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)


async def process(backend: Backend, version_id: str) -> None:
    """Hash and check the content of a version, and write down what comes of it.

    The document takes it over if that is still its current version. It is no change of the document:
    `updated_at` stays.
    """
    async with backend.store.read() as tx:
        version = await tx.document_versions.get(version_id)
        content = await tx.contents.get(version_id)
    if version is None or content is None:
        return
    examination = await off_loop(version.size, examine, version.source_format, content.chunks)
    async with backend.store.write() as tx:
        await _write_examination(tx, version_id, examination)
        await backend.commit(tx)


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

    def __init__(self, backend: Backend, run_in_background: RunInBackground) -> None:
        self._backend = backend
        self._run_in_background = run_in_background
        self._unwritten: dict[str, dict[str, int]] = {}
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
        """Write the views that somebody has and the store does not know."""
        if viewer_id in self._unwritten:
            await self._write()

    async def _write_later(self) -> None:
        await asyncio.sleep(_MOMENT)
        self._waiting = False
        await self._write()

    async def _write(self) -> None:
        batch, self._unwritten = self._unwritten, {}
        async with self._backend.store.write() as tx:
            for viewer_id, views in batch.items():
                for document_id, viewed_at in views.items():
                    await tx.views.put(View(document_id, viewer_id, viewed_at))
            await self._backend.commit(tx)
