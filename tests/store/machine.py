"""A machine that does the same, drawn at random, with two stores, and compares every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, Final

from store import randomly
from store.builders import uuid
from triptych.store.base import Store, Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.queries import DocumentPosition, Position

Step = Callable[[Transaction], Awaitable[Any]]

_NUMBERS: Final = range(1, 25)
# No id is that of a user and of a service account.
_ACCOUNTS: Final = (4, 20, 21, 22)
_OF_TABLES: Final = {
    "users": [number for number in _NUMBERS if number not in _ACCOUNTS],
    "service_accounts": _ACCOUNTS,
}
_MOST_STEPS: Final = 6


class UndoneError(Exception):
    """Raised by a body to undo what it did; tells what it was answered."""

    def __init__(self, answers: list[Any]) -> None:
        super().__init__("undone")
        self.answers = answers


class Machine:
    """Draws operations, and does each with all stores.

    Args:
        seed: What the draws follow from.
        stores: Two or more stores.
    """

    def __init__(self, seed: int, *stores: Store) -> None:
        self._random = Random(seed)
        self._stores = stores
        self._places: dict[str, Any] = {}
        self.operations = 0

    async def run(self, operations: int) -> None:
        """Do so many operations: a step of a transaction is one."""
        while self.operations < operations:
            random = self._random
            draw = random.choice((self._write, self._write, self._read, self._read, self._alone))
            await draw()

    async def _same(self, what: str, ask: Callable[[Store], Awaitable[Any]]) -> Any:
        answers = [await _outcome(ask(store)) for store in self._stores]
        for store, answer in zip(self._stores, answers, strict=True):
            text = f"operation {self.operations}: {what}: {store.name} says {answer}, not {answers[0]}"
            assert answer == answers[0], text
        return answers[0]

    async def _write(self) -> None:
        random = self._random
        steps = [self._step(writes=True) for _ in range(random.randrange(1, _MOST_STEPS))]
        parts = random.random() < 0.3
        undone = random.random() < 0.25

        async def body(tx: Transaction) -> list[Any]:
            answers = [await _outcome(step(tx)) for _, step in steps[:-1]]
            if parts:
                answers.append(await _outcome(_in_part(tx, steps[-1][1])))
            answers.append(await _outcome(steps[-1][1](tx)))
            if undone:
                raise UndoneError(answers)
            return answers

        self.operations += len(steps)
        await self._same(f"write {[what for what, _ in steps]}", lambda store: store.write(body))

    async def _read(self) -> None:
        steps = [self._step(writes=False) for _ in range(self._random.randrange(1, _MOST_STEPS))]
        self.operations += len(steps)

        async def ask(store: Store) -> list[Any]:
            async with store.read() as tx:
                return [await step(tx) for _, step in steps]

        await self._same(f"read {[what for what, _ in steps]}", ask)

    async def _alone(self) -> None:
        random = self._random
        self.operations += 1
        number, now = random.choice(_NUMBERS), randomly.instant(random)
        match random.randrange(6):
            case 0:
                uses = {uuid(random.choice(_NUMBERS)): randomly.instant(random) for _ in range(4)}
                await self._same(f"note_uses {uses}", lambda store: store.note_uses(uses))
            case 1:
                views = [randomly.view(random, random.choice(_NUMBERS)) for _ in range(4)]
                await self._same(f"note_views {views}", lambda store: store.note_views(views))
            case 2:
                await self._same(f"recount_popularity {now}", lambda store: store.recount_popularity(now))
            case 3:
                until = randomly.instant(random)
                await self._same(f"claim {now} {until}", lambda store: store.claim("job", now, until))
            case _:
                digest = number.to_bytes(32, "big")
                await self._same(f"credential {number}", lambda store: store.credential(digest))

    def _step(self, *, writes: bool) -> tuple[str, Step]:
        random = self._random
        draws: Sequence[Callable[[], tuple[str, Step]]] = (
            (self._change, self._change, self._change, self._content, self._look)
            if writes
            else (self._look, self._documents, self._documents, self._projects, self._tokens, self._others)
        )
        return random.choice(draws)()

    def _change(self) -> tuple[str, Step]:
        random = self._random
        table = random.choice((*randomly.RECORDS, "documents", "documents", "projects", "projects", "views"))
        # Tokens that take each other's digests in one call may be refused or not.
        pool = _OF_TABLES.get(table, _NUMBERS)
        numbers = random.sample(pool, 1 if table == "tokens" else random.choice((1, 1, 1, 2, 3)))
        if random.random() < 0.25:
            ids = [randomly.id_of(random, table, number) for number in numbers]
            return f"delete {table} {ids}", lambda tx: getattr(tx, table).delete(*ids)
        records = [randomly.RECORDS[table](random, number) for number in numbers]
        if table == "documents" and random.random() < 0.3:
            version = randomly.document_version(random, random.choice(_NUMBERS))
            return f"create {records[0]} {version}", lambda tx: tx.documents.create(records[0], version)
        verb = random.choice(("put", "put", "add"))
        return f"{verb} {table} {records}", lambda tx: getattr(getattr(tx, table), verb)(*records)

    def _content(self) -> tuple[str, Step]:
        random = self._random
        id = uuid(random.choice(_NUMBERS))
        if random.random() < 0.2:
            return f"delete content {id}", lambda tx: tx.contents.delete(id)
        size = random.choice((0, 1, 100, 1000)) if random.random() < 0.99 else 1_500_000
        data = random.randbytes(size)
        chunks = [data[start : start + 70_000] for start in range(0, size, 70_000)]
        return f"write {size} bytes of {id}", lambda tx: tx.contents.write(id, chunks)

    def _look(self) -> tuple[str, Step]:
        random = self._random
        table = random.choice(tuple(randomly.RECORDS))
        ids = [randomly.id_of(random, table, random.choice(_NUMBERS)) for _ in range(random.randrange(5))]
        match random.randrange(5):
            case 0:
                return f"get_many {table} {ids}", lambda tx: getattr(tx, table).get_many(ids)
            case 1:
                id, limit = (ids or [""])[0], random.randrange(1, 9)
                return f"following {table} {id} {limit}", lambda tx: getattr(tx, table).following(id, limit)
            case 2:
                id = uuid(random.choice(_NUMBERS))
                return f"content {id}", lambda tx: _content(tx, id)
            case _:
                id = randomly.id_of(random, table, random.choice(_NUMBERS))
                return f"get {table} {id}", lambda tx: getattr(tx, table).get(id)

    def _documents(self) -> tuple[str, Step]:
        random = self._random
        query = randomly.document_query(random)
        limit, backwards = random.choice((1, 2, 3, 7, 50)), random.random() < 0.5
        key = f"documents {query.sort}"
        start: DocumentPosition | None = self._places.get(key) if random.random() < 0.6 else None

        async def ask(tx: Transaction) -> Any:
            found = await tx.documents.page(query, start, limit, backwards=backwards)
            if found.rows:
                self._places[key] = found.rows[0 if backwards else -1][1]
            documents = [document for document, _ in found.rows]
            details = await tx.documents.details(documents, query.viewer_id)
            for id, at in details.viewed_at.items():
                assert found.details.viewed_at[id] == at
            for id, name in details.names.items():
                assert found.details.names[id] == name
            return list(found.rows), found.behind, details

        return f"page {query} {start} {limit} {backwards}", ask

    def _projects(self) -> tuple[str, Step]:
        random = self._random
        query = randomly.project_query(random)
        limit = random.choice((1, 2, 3, 7, 50))
        key = f"projects {query.sort}"
        after: Position | None = self._places.get(key) if random.random() < 0.5 else None

        async def ask(tx: Transaction) -> Any:
            rows, used_by = await tx.projects.page(query, after, limit)
            found = list(rows)
            if found:
                self._places[key] = found[-1][1]
            shown = await tx.projects.shown([project.id for project, _ in found])
            assert {id: users for id, (_, users) in shown.items()} == used_by
            counts = await tx.projects.count(query, limit), await tx.projects.held(query.organization_id)
            return found, shown, counts

        return f"page {query} {after} {limit}", ask

    def _tokens(self) -> tuple[str, Step]:
        random = self._random
        query = randomly.token_query(random)
        limit = random.choice((1, 2, 3, 7, 50))
        after: Position | None = self._places.get("tokens") if random.random() < 0.5 else None

        async def ask(tx: Transaction) -> Any:
            found = list(await tx.tokens.page(query, after, limit))
            if found:
                self._places["tokens"] = Position(found[-1].created_at, found[-1].id)
            return found

        return f"page {query} {after} {limit}", ask

    def _others(self) -> tuple[str, Step]:
        random = self._random
        ids = [uuid(random.choice(_NUMBERS)) for _ in range(random.randrange(4))]
        now = randomly.instant(random)
        match random.randrange(7):
            case 0:
                return "first administrator", lambda tx: tx.users.first_active_administrator()
            case 1:
                id = random.choice(randomly.PEOPLE)
                return f"groups of {id}", lambda tx: tx.groups.of_member(id)
            case 2:
                return f"shown {ids}", lambda tx: tx.projects.shown(ids)
            case 3:
                id = uuid(random.choice(_NUMBERS))
                return f"shown {id}", lambda tx: tx.documents.shown(id)
            case 4:
                after = Position(randomly.instant(random), uuid(random.choice(_NUMBERS))) if ids else None
                return f"unprocessed {now} {after}", lambda tx: _unprocessed(tx, now, after)
            case 5:
                id = random.choice(randomly.ORGANIZATIONS)
                return f"held by {id}", lambda tx: tx.documents.held(id)
            case _:
                classes = [uuid(random.choice(_NUMBERS)) for _ in range(random.randrange(4))]
                member = random.choice(("", *randomly.PEOPLE))
                text = f"references {ids} {classes} {member}"
                return text, lambda tx: tx.references(ids, classes, member)


async def _unprocessed(tx: Transaction, now: int, after: Position | None) -> list[Any]:
    return list(await tx.document_versions.unprocessed(now, after, 5))


async def _content(tx: Transaction, id: str) -> bytes:
    return b"".join([chunk async for chunk in tx.contents.chunks(id)])


async def _in_part(tx: Transaction, step: Step) -> None:
    async with tx.savepoint():
        await step(tx)
        raise UndoneError([])


async def _outcome(answer: Awaitable[Any]) -> Any:
    """Return what comes of something: an answer in a form that compares, or the error."""
    try:
        found = await answer
    except AlreadyExistsError as error:
        return "exists already", error.table
    except UndoneError as error:
        return "undone", error.answers
    if isinstance(found, list | tuple) and not hasattr(found, "_fields"):
        return list(found)
    return found
