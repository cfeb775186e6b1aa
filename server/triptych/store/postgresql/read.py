"""Transactions that only read."""

from __future__ import annotations

from types import TracebackType

from triptych.store.postgresql.pool import Pool
from triptych.store.postgresql.session import BEGIN_READING, PostgresqlSession
from triptych.store.sql.tasks import Tasks
from triptych.store.sql.transaction import SqlTransaction


class Read:
    """A transaction that refuses writes, while its block runs.

    Args:
        pool: Where its connection comes from.
        slow: Where one comes from for what may take long.
        tasks: The tasks that are in a transaction.
        snapshot: Whether all its statements see the same: only then is it a transaction of the engine.
    """

    __slots__ = ("_pool", "_session", "_slow", "_snapshot", "_task", "_tasks")

    def __init__(self, pool: Pool, slow: Pool, tasks: Tasks, *, snapshot: bool) -> None:
        self._pool = pool
        self._slow = slow
        self._tasks = tasks
        self._snapshot = snapshot

    async def __aenter__(self) -> SqlTransaction:
        self._task = self._tasks.enter()
        try:
            connection = await self._pool.take()
        except BaseException:
            self._tasks.leave(self._task)
            raise
        begin = BEGIN_READING if self._snapshot else None
        self._session = PostgresqlSession(connection, self._pool, begin, writes=False, slow=self._slow)
        return SqlTransaction(self._session)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session = self._session
        session.open = False
        try:
            await (session.end() if error is None else session.undo(error))
        finally:
            self._tasks.leave(self._task)
