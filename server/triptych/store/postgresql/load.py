"""A transaction that fills an empty database: indexes and sums are made when all rows are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import asyncpg

from triptych.store.errors import AlreadyExistsError, ConflictError
from triptych.store.postgresql.dialect import numbered
from triptych.store.postgresql.errors import translating
from triptych.store.postgresql.pool import MAKING_INDEXES, Connection
from triptych.store.sql.inspection import EMPTY, HELD, TABLES
from triptych.store.sql.mapper import Column
from triptych.store.sql.shapes import Row, Shape
from triptych.store.sql.statements import TRUE
from triptych.store.sql.tables import note_project_users

CONTENTS: Final = (Column("version_id", "text"), Column("number", "integer"), Column("data", "bytes"))

# Unique indexes stay: they tell what is given twice.
_INDEXES: Final = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relname = ANY($1::text[]) AND t.relnamespace = current_schema()::regnamespace
      AND NOT i.indisunique"""
_TAKEN: Final = re.compile(r"Key \((\w+)\)=\((.*)\) already exists\.")
_DERIVED: Final = (*TABLES, "document_grants", "project_keys", "project_texts", "project_users")


class Load:
    """What is done around the body of such a transaction.

    Args:
        connection: The connection, in no transaction yet.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._indexes: list[str] = []

    async def begin(self, begin: str) -> bool:
        """Begin a transaction without what is made at the end, and tell so; nothing unless all is empty.

        Args:
            begin: The statement that begins it.

        Raises:
            ConflictError: Somebody filled the database meanwhile.
        """
        connection = self._connection
        if not await connection.fetchval(EMPTY):
            return False
        await connection.execute(begin)
        # Before the snapshot is taken, so that it shows what those did who are waited for.
        await connection.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
        if not await connection.fetchval(EMPTY):
            await connection.execute("ROLLBACK")
            raise ConflictError("postgresql: another has filled the database")
        await connection.execute(MAKING_INDEXES)
        indexes = await connection.fetch(_INDEXES, _DERIVED)
        self._indexes = [text for _, text in indexes]
        await connection.execute("".join(f"DROP INDEX {name};" for name, _ in indexes))
        await connection.execute("".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in HELD))
        return True

    async def finish(self) -> None:
        """Make it.

        Raises:
            StoreError: It cannot be made.
        """
        execute = self._connection.execute
        with translating():
            for text in self._indexes:
                await execute(text)
            users = note_project_users(TRUE)
            await execute(numbered(users.text), *users.values)
            for kind in HELD:
                await execute(
                    f"INSERT INTO held SELECT '{kind}', organization_id, 0, count(*), sum(held_size) "
                    f"FROM {kind} GROUP BY organization_id"
                )
                await execute(f"ALTER TABLE {kind} ENABLE TRIGGER USER")


async def copy_records(connection: Connection, shape: Shape[Any], records: Sequence[Any]) -> None:
    """Add records with their children by COPY.

    Raises:
        AlreadyExistsError: One has a value that is unique and there already; the transaction is over.
    """
    try:
        with translating():
            await copy(connection, shape.name, shape.columns, map(shape.row, records))
    except ConflictError as error:
        raise _already_exists(shape, records, error.__cause__) or error from None
    for child in shape.children:
        rows = chain.from_iterable(map(child.rows, records))
        with translating():
            await copy(connection, child.name, child.columns, rows)


async def copy(connection: Connection, table: str, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Add rows to a table by COPY."""
    await connection.copy_records_to_table(
        table, records=rows, columns=[column.name for column in columns], timeout=None
    )


def _already_exists(
    shape: Shape[Any], records: Sequence[Any], error: BaseException | None
) -> AlreadyExistsError | None:
    """Return which value of a record was there already, as far as the error of the server tells."""
    if not isinstance(error, asyncpg.UniqueViolationError):
        return None
    found = _TAKEN.fullmatch(error.detail or "")
    if found is None:
        return None
    field, value = found.groups()
    if field == "id":
        return AlreadyExistsError(shape.name, field, value)
    for record in records:
        held = getattr(record, field)
        if (f"\\x{held.hex()}" if isinstance(held, bytes) else str(held)) == value:
            return AlreadyExistsError(shape.name, field, record.id)
    return None
