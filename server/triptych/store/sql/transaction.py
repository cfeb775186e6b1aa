"""The tables of a transaction, over the session of whichever engine."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from triptych.store.base import Credential, References, Subject
from triptych.store.records import (
    EnvironmentClass,
    Organization,
    Runner,
    ServiceAccount,
    View,
)
from triptych.store.sql import shapes
from triptych.store.sql.documents import SqlDocuments
from triptych.store.sql.mapper import Column
from triptych.store.sql.projects import SqlProjects
from triptych.store.sql.session import Session
from triptych.store.sql.shapes import Row, Shape
from triptych.store.sql.statements import Dialect, Sql, names, one_of, put_together
from triptych.store.sql.table import SqlTable, selected
from triptych.store.sql.tables import (
    SqlContents,
    SqlDocumentVersions,
    SqlEnvironments,
    SqlGroups,
    SqlTokens,
    SqlUsers,
)
from triptych_api.gitpod.v1.identity_pb import Principal

_TYPES: Final = {"text": "text", "integer": "bigint", "boolean": "boolean", "bytes": "bytea"}
_USER_COLUMNS: Final = len(shapes.USERS.mapper.columns)
_ACCOUNT_COLUMNS: Final = len(shapes.SERVICE_ACCOUNTS.mapper.columns)
_TOKEN_COLUMNS: Final = len(shapes.TOKENS.mapper.columns)


class SqlTransaction:
    """One consistent view of the data. Each table is made when it is asked for."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def organizations(self) -> SqlTable[Organization]:
        """The organizations."""
        return SqlTable(shapes.ORGANIZATIONS, self._session)

    @property
    def users(self) -> SqlUsers:
        """The users."""
        return SqlUsers(shapes.USERS, self._session)

    @property
    def service_accounts(self) -> SqlTable[ServiceAccount]:
        """The service accounts."""
        return SqlTable(shapes.SERVICE_ACCOUNTS, self._session)

    @property
    def groups(self) -> SqlGroups:
        """The groups."""
        return SqlGroups(shapes.GROUPS, self._session)

    @property
    def runners(self) -> SqlTable[Runner]:
        """The runners."""
        return SqlTable(shapes.RUNNERS, self._session)

    @property
    def environment_classes(self) -> SqlTable[EnvironmentClass]:
        """The environment classes."""
        return SqlTable(shapes.ENVIRONMENT_CLASSES, self._session)

    @property
    def environments(self) -> SqlEnvironments:
        """The environments."""
        return SqlEnvironments(shapes.ENVIRONMENTS, self._session)

    @property
    def tokens(self) -> SqlTokens:
        """The tokens."""
        return SqlTokens(shapes.TOKENS, self._session)

    @property
    def projects(self) -> SqlProjects:
        """The projects."""
        return SqlProjects(shapes.PROJECTS, self._session)

    @property
    def documents(self) -> SqlDocuments:
        """The documents."""
        return SqlDocuments(shapes.DOCUMENTS, self._session)

    @property
    def document_versions(self) -> SqlDocumentVersions:
        """The versions of documents."""
        return SqlDocumentVersions(shapes.DOCUMENT_VERSIONS, self._session)

    @property
    def contents(self) -> SqlContents:
        """The files of versions, by the id of the version."""
        return SqlContents(self._session)

    @property
    def views(self) -> SqlTable[View]:
        """Who viewed which document last when."""
        return SqlTable(shapes.VIEWS, self._session)

    async def references(
        self,
        subject_ids: Collection[str] = (),
        environment_class_ids: Collection[str] = (),
        member_id: str = "",
    ) -> References:
        """Return the users, service accounts and environment classes of those ids, and groups of a member."""
        dialect = self._session.dialect
        wanted = (
            (shapes.USERS, subject_ids),
            (shapes.SERVICE_ACCOUNTS, subject_ids),
            (shapes.ENVIRONMENT_CLASSES, environment_class_ids),
        )
        every = [shape for shape, _ in wanted]
        selects = [_select_among(dialect, every, shape, ids) for shape, ids in wanted if ids]
        if member_id:
            selects.append(_select_groups(every, member_id))
        group_ids: set[str] = set()
        subjects: dict[str, Subject] = {}
        classes: dict[str, EnvironmentClass] = {}
        if not selects:
            await self._session.rows(Sql("SELECT 1"))
            return References(subjects, classes)
        parts = [part for select in selects for part in ("UNION ALL", select)][1:]
        for kind, group_id, *values in await self._session.rows(put_together(*parts)):
            if kind == shapes.USERS.name:
                user = shapes.USERS.record(values)
                subjects[user.id] = user
            elif kind == shapes.SERVICE_ACCOUNTS.name:
                account = shapes.SERVICE_ACCOUNTS.record(values[_USER_COLUMNS:])
                subjects[account.id] = account
            elif kind == shapes.GROUPS.name:
                group_ids.add(group_id)
            else:
                found = shapes.ENVIRONMENT_CLASSES.record(values[_USER_COLUMNS + _ACCOUNT_COLUMNS :])
                classes[found.id] = found
        return References(subjects, classes, frozenset(group_ids))

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it; the error goes on."""
        return self._session.savepoint()


def _select_among(dialect: Dialect, every: list[Shape[Any]], shape: Shape[Any], ids: Collection[str]) -> Sql:
    """Return what selects records of one table, with room for those of others in the same rows."""
    columns = [_selected_or_null(each.mapper.columns, selects=each is shape) for each in every]
    return put_together(
        f"SELECT '{shape.name}', CAST(NULL AS text), {', '.join(columns)} FROM {shape.name} WHERE",
        one_of(dialect, "id", ids),
    )


def _select_groups(every: list[Shape[Any]], member_id: str) -> Sql:
    """Return what selects the ids of a member's groups, in rows as those."""
    nothing = ", ".join(_selected_or_null(each.mapper.columns, selects=False) for each in every)
    text = f"SELECT '{shapes.GROUPS.name}', group_id, {nothing} FROM group_members WHERE member_id = ?"
    return Sql(text, (member_id,))


def _selected_or_null(columns: tuple[Column, ...], *, selects: bool) -> str:
    if selects:
        return names(columns)
    return ", ".join(f"CAST(NULL AS {_TYPES[column.type]})" for column in columns)


def credential_statement(digest: bytes) -> Sql:
    """Return what selects a token and its owner by the digest of its secret."""
    user = int(Principal.USER)
    columns = ", ".join(
        selected(shape, alias)
        for shape, alias in ((shapes.TOKENS, "t"), (shapes.USERS, "u"), (shapes.SERVICE_ACCOUNTS, "s"))
    )
    text = f"""
        SELECT {columns} FROM tokens t
        LEFT JOIN users u ON u.id = t.owner_id AND t.owner_principal = {user}
        LEFT JOIN service_accounts s ON s.id = t.owner_id AND t.owner_principal <> {user}
        WHERE t.digest = ?"""
    return Sql(text, (digest,))


def credential(row: Row) -> Credential:
    """Return the token and the owner that a row of that statement tells."""
    token = shapes.TOKENS.record(row)
    user, account = row[_TOKEN_COLUMNS:], row[_TOKEN_COLUMNS + _USER_COLUMNS :]
    owner: Subject | None = None
    if user[0] is not None:
        owner = shapes.USERS.record(user)
    elif account[0] is not None:
        owner = shapes.SERVICE_ACCOUNTS.record(account)
    return Credential(token, owner)
