"""Statements that stand in nobody's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from triptych.store.records import View
from triptych.store.sql.instants import split
from triptych.store.sql.mapper import Column
from triptych.store.sql.shapes import VIEWS
from triptych.store.sql.statements import Dialect, Sql, names, put_together

_USES: Final = (Column("id", "text"), Column("used", "integer"), Column("used_nanos", "integer"))


def note_uses(dialect: Dialect, uses: Mapping[str, int]) -> Sql:
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


def note_views(dialect: Dialect, views: Iterable[View]) -> Sql:
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


def recount_popularity(since: int) -> Sql:
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


def claim(job: str, now: int, until: int) -> Sql:
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


def keep_secret_key(purpose: str, key: bytes) -> Sql:
    """Return what keeps a key, unless there is one for the purpose."""
    return Sql("INSERT INTO secret_keys (purpose, key) VALUES (?, ?) ON CONFLICT DO NOTHING", (purpose, key))


def secret_key(purpose: str) -> Sql:
    """Return what selects the key for a purpose."""
    return Sql("SELECT key FROM secret_keys WHERE purpose = ?", (purpose,))
