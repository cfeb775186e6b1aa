"""The schema of a database: which version it has, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg

from triptych.store.errors import UnusableError
from triptych.store.postgresql.pool import MAKING_INDEXES
from triptych.store.sql.migrations import missing, read_migrations

MIGRATIONS: Final = read_migrations("triptych.store.postgresql")

_LEAST_VERSION: Final = 15
_LOCK: Final = 0x54726970


async def migrate(connection: asyncpg.Connection) -> Sequence[str]:
    """Bring the schema up to date, whoever else does so at the same time.

    Returns:
        The names of the steps that it took.

    Raises:
        UnusableError: The server or the schema is of a version that does not fit.
        PostgresError: It cannot be read or written.
    """
    version = connection.get_server_version()
    if version.major < _LEAST_VERSION:
        raise UnusableError(f"PostgreSQL {version.major} is older than {_LEAST_VERSION}")
    if not missing(MIGRATIONS, await _applied(connection)):
        return []
    async with connection.transaction():
        await connection.execute(MAKING_INDEXES)
        # Whoever else migrates waits here; it is given back with the transaction.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        taken = missing(MIGRATIONS, await _applied(connection))
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version ("
            "version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL)"
        )
        for each in taken:
            await connection.execute(each.text)
            await connection.execute(
                "INSERT INTO schema_version VALUES ($1, $2, $3)", each.version, each.name, each.checksum
            )
    return [f"{each.version:04} {each.name}" for each in taken]


async def _applied(connection: asyncpg.Connection) -> dict[int, str]:
    if await connection.fetchval("SELECT to_regclass('schema_version')") is None:
        return {}
    return dict(await connection.fetch("SELECT version, checksum FROM schema_version"))
