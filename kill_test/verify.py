"""Whether a store holds what was acknowledged, nothing that was refused, and nothing by halves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from kill_test.ledger import Change, Creation, Kind, Ledger, State, Thing
from kill_test.seed import content
from triptych.store.base import Store, Transaction
from triptych.store.checks import check_data
from triptych.store.records import Document, Project, Token
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus

_KINDS: Final[tuple[Kind, ...]] = ("project", "document", "token")
_PAGE: Final = 500
_POLL: Final = 0.05


async def processed(store: Store, seconds: float) -> bool:
    """Wait until no document is left that was not processed; tell whether that came to be in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        async with store.read(snapshot=False) as tx:
            left = await tx.document_versions.unprocessed(2**62, None, 1)
        if not left:
            return True
        await asyncio.sleep(_POLL)
    return False


class Verifier:
    """Looks at a store after each kill, from where it looked last.

    Args:
        ledger: What must be there.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: dict[Kind, str] = dict.fromkeys(_KINDS, "")
        self._found: dict[tuple[Kind, str], State] = {}
        self._named: dict[tuple[Kind, object], str] = {}

    async def look(self, store: Store, *, all: bool = False) -> tuple[int, Sequence[str]]:
        """Compare what was touched since the last look, or everything.

        Returns:
            How many calls that were acknowledged are not there, and what else is wrong, in words.
        """
        ledger = self._ledger
        things = set(ledger.things.values()) if all else ledger.touched
        faults: list[str] = []
        async with store.read() as tx:
            doubtful = {
                thing for each in ledger.doubtful if isinstance(each, Change) for thing, _ in each.things
            }
            await self._read(tx, things | doubtful, faults)
        lost = 0
        for each in ledger.doubtful:
            if isinstance(each, Change):
                faults += self._settle_change(each)
            else:
                faults += self._settle_creation(each)[1]
        for creation in ledger.unseen:
            settled, found_torn = self._settle_creation(creation)
            faults += found_torn
            if not settled:
                lost += len(creation.states)
                faults.append(f"{creation.kind} {list(creation.states)} was acknowledged, and is not there")
        for creation in ledger.refused:
            faults += [
                f"{creation.kind} {name} was refused, and is there"
                for name in creation.states
                if (creation.kind, name) in self._named
            ]
        for thing in things:
            found = self._found.get((thing.kind, thing.id))
            if found != thing.state:
                lost += 1
                faults.append(f"{thing.kind} {thing.id} must be {thing.state}, and is {found}")
                thing.state = found  # it is told once
        faults += [
            f"{kind} {id} is there, and nobody asked for it"
            for (kind, id), state in self._found.items()
            if state is not None and (kind, id) not in ledger.things
        ]
        ledger.touched.clear()
        ledger.doubtful.clear()
        ledger.refused.clear()
        ledger.unseen.clear()
        return lost, faults

    async def _read(self, tx: Transaction, things: set[Thing], faults: list[str]) -> None:
        """Read what is new since the last look, and some things besides."""
        self._found.clear()
        self._named.clear()
        for kind in _KINDS:
            async for record in _following(tx, kind, self._last[kind]):
                self._last[kind] = max(self._last[kind], record.id)
                self._found[kind, record.id] = _state(record)
            ids = sorted(thing.id for thing in things if thing.kind == kind)
            for begin in range(0, len(ids), _PAGE):
                records = await _table(tx, kind).get_many(ids[begin : begin + _PAGE])
                self._found.update({(kind, id): _state(record) for id, record in records.items()})
        for (kind, id), state in self._found.items():
            if state is not None:
                self._named[kind, state[_NAMES[kind]]] = id
        await _check_documents(tx, [id for kind, id in self._found if kind == "document"], faults)

    def _settle_change(self, change: Change) -> list[str]:
        """Find out what came of a change: all of it, or nothing."""
        found = [self._found.get((thing.kind, thing.id)) for thing, _ in change.things]
        for thing, _ in change.things:
            change.adopt(thing)
        if found == [new for _, new in change.things]:
            for thing, new in change.things:
                thing.state = new
            return []
        if found == [thing.state for thing, _ in change.things]:
            return []
        return [f"torn: of {change.things} is there {found}"]

    def _settle_creation(self, creation: Creation) -> tuple[bool, list[str]]:
        """Find out what came of a creation; return whether it is there, and what is wrong with it."""
        ids = {name: self._named.get((creation.kind, name)) for name in creation.states}
        there = {name: id for name, id in ids.items() if id is not None}
        if there.keys() == ids.keys():
            self._ledger.found(creation, there)
            return True, []
        return False, [f"torn: of {list(ids)} there are {list(there)}"] if there else []


_NAMES: Final[Mapping[Kind, str]] = {"project": "name", "document": "title", "token": "description"}


def _table(tx: Transaction, kind: Kind) -> Any:
    return {"project": tx.projects, "document": tx.documents, "token": tx.tokens}[kind]


async def _following(tx: Transaction, kind: Kind, last: str) -> AsyncIterator[Any]:
    while records := await _table(tx, kind).following(last, _PAGE):
        for record in records:
            yield record
        last = records[-1].id


def _state(record: Project | Document | Token) -> State:
    match record:
        case Project():
            return {"name": record.name, "technical_description": record.technical_description}
        case Document():
            return {
                "title": record.title,
                "description": record.description,
                "trashed": record.trashed_at is not None,
                "grants": len(record.grants),
            }
        case Token():
            return {"description": record.description}


async def _check_documents(tx: Transaction, ids: Sequence[str], faults: list[str]) -> None:
    """Check that documents are whole: the version, its content, and what was found out of that."""
    for begin in range(0, len(ids), _PAGE):
        documents = await tx.documents.get_many(ids[begin : begin + _PAGE])
        versions = await tx.document_versions.get_many([d.current_version_id for d in documents.values()])
        for document in documents.values():
            version = versions.get(document.current_version_id)
            if version is None or version.document_id != document.id:
                faults.append(f"torn: document {document.id} is without its version")
                continue
            data = b"".join([chunk async for chunk in tx.contents.chunks(version.id)])
            title = data.partition(b"\n")[0].removeprefix(b"# ").decode(errors="replace")
            if data != content(title) or len(data) != version.size:
                faults.append(f"torn: version {version.id} has {len(data)} bytes of {version.size}")
            statuses = {document.processing_status, version.processing_status}
            if statuses != {ProcessingStatus.READY} or version.content_hash != sha256(data).digest():
                faults.append(f"document {document.id} was not processed: {statuses}")


async def check_whole(store: Store) -> Sequence[str]:
    """Return what the engine and the server's own check find wrong with a store."""
    faults = list(await store.verify()) if hasattr(store, "verify") else []
    async with store.read() as tx:
        faults += [fault async for fault in check_data(tx)]
    return faults
