"""Commits that are only good if a standby has them as well, where the server waits for one."""

from __future__ import annotations

from typing import Final

import asyncpg

from triptych.store.postgresql.pool import Connection, drop

# Nothing is stored, but a commit waits for it as for any other.
_MARK: Final = "SELECT pg_logical_emit_message(true, 'triptych', '')"


class NotReplicatedError(OSError):
    """The server has a commit, and gave up to wait for a standby: a failover loses it."""


async def commit(connection: Connection) -> None:
    """Commit a transaction.

    A server that is told to wait no more for a standby says that it committed; and warns.

    Raises:
        NotReplicatedError: It did so.
        Exception: What the driver raises.
    """
    warnings = []

    def hear(_: object, message: asyncpg.PostgresLogMessage) -> None:
        if message.severity_en == "WARNING":
            warnings.append(str(message))

    connection.add_log_listener(hear)
    try:
        await connection.execute("COMMIT")
    finally:
        if not connection.is_closed():
            connection.remove_log_listener(hear)
    if warnings:
        raise NotReplicatedError("; ".join(warnings))


async def is_replicated(connection: Connection) -> bool:
    """Tell whether all that was committed before is where the server wants it to be.

    Raises:
        Exception: What the driver raises.
    """
    try:
        await connection.execute("BEGIN")
        await connection.execute(_MARK)
        await commit(connection)
    except NotReplicatedError:
        return False
    except BaseException:
        drop(connection)
        raise
    return True
