"""The tables that answer more than what record has an id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

import orjson

from triptych.store.queries import Position, TokenQuery, UsedBy
from triptych.store.records import DocumentVersion, Environment, Group, SubjectRef, Token, User
from triptych.store.sql.instants import split
from triptych.store.sql.session import Session
from triptych.store.sql.shapes import TOKENS
from triptych.store.sql.statements import (
    Dialect,
    Listing,
    Range,
    Sql,
    alternative,
    compare,
    conjunction,
    equal,
    one_of,
    put_together,
)
from triptych.store.sql.table import SqlTable, select, selected
from triptych_api.factify.api.v1beta.document_pb import ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.user_pb import UserStatus

_LATEST_USERS: Final = 10
_UNUSED: Final = UsedBy(0, ())


class SqlUsers(SqlTable[User]):
    """Users, for one transaction."""

    __slots__ = ()

    async def first_active_administrator(self) -> User | None:
        """Return the active administrator that was added first, of any organization, or None."""
        # Literals, as the index is of these alone.
        where = f"role = 'administrator' AND status = {int(UserStatus.ACTIVE)} ORDER BY seq LIMIT 1"
        rows = await self._session.rows(Sql(f"{select(self._shape)} WHERE {where}"))
        return self._shape.record(rows[0]) if rows else None


class SqlGroups(SqlTable[Group]):
    """Groups, for one transaction."""

    __slots__ = ()

    async def of_member(self, member_id: str) -> frozenset[str]:
        """Return the ids of the groups that the user or service account is in."""
        statement = Sql("SELECT group_id FROM group_members WHERE member_id = ?", (member_id,))
        return frozenset(row[0] for row in await self._session.rows(statement))


class SqlTokens(SqlTable[Token]):
    """Tokens, for one transaction."""

    __slots__ = ()

    async def page(self, query: TokenQuery, after: Position | None, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens that follow `after`. The key of a position is `created_at`."""
        if query.owner_ids is not None and not query.owner_ids:
            await self._session.rows(Sql("SELECT 1"))
            return []
        start = None if after is None else (*split(after.key), after.id)
        rows = await self._session.listed(self._listing(query), start, limit)
        return self._shape.mapper.records(rows)

    def _listing(self, query: TokenQuery) -> Listing:
        keys = ("t.created_at", "t.created_at_nanos", "t.id")
        organization = equal("t.organization_id", query.organization_id)
        if query.owner_ids is None:
            ranges = [Range("tokens t", "tokens_created", (organization,), keys)]
            visible = organization
        else:
            ranges = [
                Range("tokens t", "tokens_owned", (organization, equal("t.owner_id", owner_id)), keys)
                for owner_id in sorted(set(query.owner_ids))
            ]
            owned = one_of(self._session.dialect, "t.owner_id", query.owner_ids)
            visible = conjunction([organization, owned])
        active = compare(("t.expires_at", "t.expires_at_nanos"), ">", split(query.now))
        return Listing(
            columns=Sql(selected(TOKENS, "t")),
            table="tokens t",
            id="t.id",
            row="t.id",
            shown_with=Sql(""),
            ranges=tuple(ranges),
            visible=visible,
            filters=(alternative([Sql("t.expires_at IS NULL"), active]),),
            keys=keys,
            descending=True,
        )


def used_by_columns(dialect: Dialect, project_id: str) -> str:
    """Return what is selected of who has environments made from a project, given the column of its id."""
    latest = f"""
        SELECT user_id FROM project_users WHERE project_id = {project_id}
        ORDER BY created_at DESC, created_at_nanos DESC, environment_id DESC LIMIT {_LATEST_USERS}"""
    return f"""
        (SELECT count(*) FROM project_users WHERE project_id = {project_id}),
        (SELECT {dialect.json_array("latest.user_id")} FROM ({latest}) AS latest)"""


def used_by(total: int, latest: str | None) -> UsedBy:
    """Return what those columns tell."""
    if not total or latest is None:
        return _UNUSED
    return UsedBy(total, tuple(SubjectRef(id, Principal.USER) for id in orjson.loads(latest)))


def note_project_users(condition: Sql) -> Sql:
    """Return what notes, of the projects whose `project_id` meets a condition, who made environments."""
    return put_together(
        """
        INSERT INTO project_users (project_id, user_id, created_at, created_at_nanos, environment_id)
        SELECT project_id, creator_id, created_at, created_at_nanos, id FROM (
          SELECT project_id, creator_id, created_at, created_at_nanos, id, row_number() OVER (
            PARTITION BY project_id, creator_id ORDER BY created_at DESC, created_at_nanos DESC, id DESC
          ) AS place FROM environments WHERE
        """,
        conjunction([equal("creator_principal", int(Principal.USER)), condition]),
        ") AS ranked WHERE place = 1",
    )


class SqlEnvironments(SqlTable[Environment]):
    """Environments, for one transaction."""

    __slots__ = ()

    async def add(self, *records: Environment) -> None:
        """Add environments: all of them or none.

        Raises:
            AlreadyExistsError: There is one of that id already.
        """
        await super().add(*records)
        await self._recount({each.project_id for each in records})

    async def put(self, *records: Environment) -> None:
        """Add the environments, or replace those of their ids."""
        before = await self.get_many([each.id for each in records])
        await super().put(*records)
        await self._recount({each.project_id for each in (*records, *before.values())})

    async def delete(self, *ids: str) -> int:
        """Remove the environments of those ids; return how many there were."""
        before = await self.get_many(ids)
        count = await super().delete(*ids)
        await self._recount({each.project_id for each in before.values()})
        return count

    async def _recount(self, project_ids: Iterable[str]) -> None:
        """Find the latest environment of each user anew: environments are made by seeds, seldom."""
        made = {id for id in project_ids if id}
        if not made or self._session.bulk:
            return
        condition = one_of(self._session.dialect, "project_id", made)
        await self._session.change(put_together("DELETE FROM project_users WHERE", condition))
        await self._session.change(note_project_users(condition))


class SqlDocumentVersions(SqlTable[DocumentVersion]):
    """Versions of documents, for one transaction."""

    __slots__ = ()

    async def unprocessed(
        self, created_before: int, after: Position | None, limit: int
    ) -> Sequence[DocumentVersion]:
        """Return up to `limit` versions whose status is PROCESSING, oldest first (by creation, then id)."""
        keys = ("created_at", "created_at_nanos", "id")
        conditions = [
            Sql(f"processing_status = {int(ProcessingStatus.PROCESSING)}"),  # the index is of these alone
            compare(keys[:2], "<", split(created_before)),
        ]
        if after is not None:
            conditions.append(compare(keys, ">", (*split(after.key), after.id)))
        statement = put_together(
            f"{select(self._shape)} WHERE",
            conjunction(conditions),
            f"ORDER BY {', '.join(keys)}",
            Sql("LIMIT ?", (limit,)),
        )
        return self._shape.mapper.records(await self._session.rows(statement))


class SqlContents:
    """The bytes of files, for one transaction."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    async def write(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it; chunks are taken one after the other."""
        await self._session.write_content(id, chunks)

    async def add(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids: all are sent at once."""
        await self._session.add_contents(contents)

    def chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content, in pieces of at most 1 MiB; nothing if there is none."""
        return self._session.content_chunks(id)

    async def delete(self, *ids: str) -> int:
        """Remove contents; return how many there were."""
        dialect = self._session.dialect
        condition = one_of(dialect, "version_id", ids)
        first = put_together("DELETE FROM contents WHERE number = 0 AND", condition)
        count = await self._session.change(first)
        if count:
            await self._session.change(put_together("DELETE FROM contents WHERE", condition))
        return count
