"""What a store keeps by statements that stand in nobody's transaction."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Final

from triptych.store.base import Credential
from triptych.store.records import View
from triptych.store.sql.instants import split
from triptych.store.sql.mapper import Column
from triptych.store.sql.shapes import VIEWS, Row
from triptych.store.sql.statements import Dialect, Sql, names, put_together
from triptych.store.sql.transaction import credential, credential_statement

_KEY_BYTES: Final = 32
_USES: Final = (Column("id", "text"), Column("used", "integer"), Column("used_nanos", "integer"))


class Upkeep(ABC):
    """The part of a store that is the same whichever engine runs the statements."""

    dialect: Dialect

    @abstractmethod
    async def _row(self, statement: Sql) -> Row | None:
        """Return the first row that a statement selects, in no transaction of the caller."""

    @abstractmethod
    async def _change(self, statement: Sql, *, slow: bool = False) -> int:
        """Run a statement in a transaction of its own; return how many rows it changed.

        Args:
            statement: The statement.
            slow: Whether it may take long, so that it should hold nobody up.
        """

    async def credential(self, digest: bytes) -> Credential | None:
        """Return the token whose secret has this SHA-256, and its owner; None if there is none."""
        row = await self._row(credential_statement(digest))
        return None if row is None else credential(row)

    async def note_uses(self, uses: Mapping[str, int]) -> None:
        """Set the last use of tokens, by their ids, where it is later than the one known."""
        await self._change(_note_uses(self.dialect, uses))

    async def note_views(self, views: Iterable[View]) -> None:
        """Keep views, where they are later than those known."""
        await self._change(_note_views(self.dialect, views))

    async def recount_popularity(self, since: int) -> None:
        """Make the popularity of each project the number of environments made from it since an instant."""
        await self._change(_recount_popularity(since), slow=True)

    async def claim(self, job: str, now: int, until: int) -> bool:
        """Claim a job for this server until an instant; tell whether nobody had it at `now`."""
        return await self._change(_claim(job, now, until)) == 1

    async def secret_key(self, purpose: str) -> bytes:
        """Return 32 random bytes that are kept with the data; made on first use, the same ever after."""
        row = await self._row(_secret_key(purpose))
        if row is None:
            await self._change(_keep_secret_key(purpose, secrets.token_bytes(_KEY_BYTES)))
            row = await self._row(_secret_key(purpose))
        assert row is not None  # noqa: S101 - it was there, or is now, and none is ever removed
        key: bytes = row[0]
        return key


def _note_uses(dialect: Dialect, uses: Mapping[str, int]) -> Sql:
    """Return what sets the last use of tokens where it is later; in the order of ids, as all lock them."""
    rows = [(id, *split(used)) for id, used in sorted(uses.items())]
    return put_together(
        "UPDATE tokens SET last_used = noted.used, last_used_nanos = noted.used_nanos FROM",
        dialect.table(_USES, rows),
        """AS noted WHERE tokens.id = noted.id AND (
            tokens.last_used IS NULL
            OR (tokens.last_used, tokens.last_used_nanos) < (noted.used, noted.used_nanos)
        )""",
    )


def _note_views(dialect: Dialect, views: Iterable[View]) -> Sql:
    """Return what keeps views where they are later than those known."""
    latest: dict[str, View] = {}
    for view in views:
        known = latest.get(view.id)
        if known is None or known.viewed_at < view.viewed_at:
            latest[view.id] = view
    columns = names(VIEWS.columns)
    return put_together(
        f"INSERT INTO views ({columns}) SELECT {columns} FROM",
        dialect.table(VIEWS.columns, [VIEWS.row(view) for _, view in sorted(latest.items())]),
        """AS noted WHERE 1 = 1 ON CONFLICT (id) DO UPDATE
            SET viewed_at = excluded.viewed_at, viewed_at_nanos = excluded.viewed_at_nanos
            WHERE (views.viewed_at, views.viewed_at_nanos)
              < (excluded.viewed_at, excluded.viewed_at_nanos)""",
    )


def _recount_popularity(since: int) -> Sql:
    """Return what counts the environments of projects that were created at `since` or later."""
    return Sql(
        """
        WITH counts AS (
          SELECT project_id AS id, count(*) AS made FROM environments
          WHERE (created_at, created_at_nanos) >= (?, ?) AND project_id <> '' GROUP BY project_id
        ), changed AS (
          SELECT p.id, coalesce(c.made, 0) AS made FROM (
            SELECT id FROM counts UNION SELECT id FROM projects WHERE popularity <> 0
          ) AS either
          JOIN projects p ON p.id = either.id
          LEFT JOIN counts c ON c.id = p.id
          WHERE p.popularity <> coalesce(c.made, 0)
        )
        UPDATE projects SET popularity = changed.made FROM changed WHERE projects.id = changed.id
        """,
        split(since),
    )


def _claim(job: str, now: int, until: int) -> Sql:
    """Return what claims a job, and changes a row if nobody had it at `now`.

    What was claimed for much longer than now was claimed before the clock went back.
    """
    return Sql(
        """
        INSERT INTO jobs (name, claimed_until, claimed_until_nanos) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE
          SET claimed_until = excluded.claimed_until, claimed_until_nanos = excluded.claimed_until_nanos
          WHERE (jobs.claimed_until, jobs.claimed_until_nanos) <= (?, ?)
            OR (jobs.claimed_until, jobs.claimed_until_nanos) > (?, ?)
        """,
        (job, *split(until), *split(now), *split(2 * until - now)),
    )


def _keep_secret_key(purpose: str, key: bytes) -> Sql:
    """Return what keeps a key, unless there is one for the purpose."""
    return Sql("INSERT INTO secret_keys (purpose, key) VALUES (?, ?) ON CONFLICT DO NOTHING", (purpose, key))


def _secret_key(purpose: str) -> Sql:
    """Return what selects the key for a purpose."""
    return Sql("SELECT key FROM secret_keys WHERE purpose = ?", (purpose,))
