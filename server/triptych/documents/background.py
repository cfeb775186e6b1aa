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

    They are written one batch after the other: under load, a batch holds all views that came while the one
    before was written.
    """

    def __init__(self, backend: Backend, run_in_background: RunInBackground) -> None:
        self._backend = backend
        self._run_in_background = run_in_background
        self._unwritten: dict[str, View] = {}
        self._writing = False

    def note(self, view: View) -> None:
        """Note a view; it is written by and by."""
        self._unwritten[view.id] = view
        if not self._writing:
            self._writing = True
            self._run_in_background(self._write)

    async def _write(self) -> None:
        try:
            while self._unwritten:
                batch, self._unwritten = self._unwritten, {}
                async with self._backend.store.write() as tx:
                    for view in batch.values():
                        await tx.views.put(view)
                    await self._backend.commit(tx)
        finally:
            self._writing = False
