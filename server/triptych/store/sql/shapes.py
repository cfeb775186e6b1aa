"""The tables: for each, what its rows are made of beside the fields of a record. One line a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar

from triptych.store.queries import fold_text
from triptych.store.records import (
    Document,
    DocumentVersion,
    Environment,
    EnvironmentClass,
    Group,
    Organization,
    Project,
    Runner,
    ServiceAccount,
    Token,
    User,
    View,
)
from triptych.store.sizes import document_size, project_size, token_size
from triptych.store.sql.instants import split
from triptych.store.sql.known import KnownRecords
from triptych.store.sql.mapper import Column, RowMapper
from triptych.store.texts import project_texts, remote_uris

RecordT = TypeVar("RecordT")

Row = tuple[Any, ...]

_KNOWN_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Child:
    """Rows beside that of a record, by which lists find it; they follow its changes.

    Attributes:
        name: The table.
        columns: Its columns.
        parent: The column that has the id of the record.
        key: The columns that no two rows agree in.
        rows: Returns the rows of a record.
    """

    name: str
    columns: tuple[Column, ...]
    parent: str
    key: tuple[str, ...]
    rows: Callable[[Any], Iterable[Row]]


class Shape(Generic[RecordT]):
    """A table of records.

    Args:
        name: The table, as transactions call it.
        record_class: The class of the records.
        derived: Columns beside those of the record, each with what makes its value of a record.
        children: Rows in other tables.
        unique: Columns of which no two records have the same value, beside the id.
        credentials: Whether callers are made of the records.
        known_bytes: How much the records may take, about, that are kept for the next time that they are read.

    Attributes:
        columns: All columns that are written; those of the record come first.
        record: Makes the record of a row that begins with the columns of the record.
    """

    def __init__(
        self,
        name: str,
        record_class: type[RecordT],
        *,
        derived: Sequence[tuple[Column, Callable[[RecordT], Any]]] = (),
        children: tuple[Child, ...] = (),
        unique: tuple[str, ...] = (),
        credentials: bool = False,
        known_bytes: int = 0,
    ) -> None:
        self.name = name
        self.mapper = RowMapper(record_class)
        self.columns = (*self.mapper.columns, *(column for column, _ in derived))
        self.children = children
        self.unique = unique
        self.credentials = credentials
        self.record: Callable[[Sequence[Any]], RecordT] = self.mapper.record
        if known_bytes:
            own = [column.name for column in self.mapper.columns]
            self.record = KnownRecords(self.record, len(own), own.index("id"), known_bytes).record
        self._derive = [derive for _, derive in derived]

    def row(self, record: RecordT) -> Row:
        """Return the row of a record."""
        row = self.mapper.row(record)
        return (*row, *(derive(record) for derive in self._derive)) if self._derive else row


def _grant_rows(document: Document) -> Iterable[Row]:
    last: dict[str, int] = {}
    for grant in document.grants:
        last[grant.recipient_id] = max(grant.granted_at, last.get(grant.recipient_id, grant.granted_at))
    if not last:
        return
    sorts = (
        *split(document.created_at),
        *split(document.updated_at),
        fold_text(document.title),
        document.title,
    )
    for recipient_id, granted_at in last.items():
        yield document.id, recipient_id, document.trashed_at is not None, *split(granted_at), *sorts


def _key_rows(project: Project) -> Iterable[Row]:
    keys = {("uri", uri_key(uri)) for uri in remote_uris(project)}
    keys |= {("runner", each.runner_id) for each in project.environment_classes}
    keys |= {("runner_kind", str(int(each.runner_kind))) for each in project.environment_classes}
    return ((project.id, kind, value) for kind, value in sorted(keys))


def uri_key(uri: str) -> str:
    """Return what a remote URI, which may be as long as a message, is found by."""
    return sha256(uri.encode()).hexdigest()


def _text(name: str, *, nullable: bool = False) -> Column:
    return Column(name, "text", nullable)


def _size(size: Callable[[RecordT], int]) -> tuple[Column, Callable[[RecordT], Any]]:
    """Return the column that the database sums up by organization, see `held`."""
    return Column("held_size", "integer"), size


def _instant(name: str) -> tuple[Column, Column]:
    return Column(name, "integer"), Column(f"{name}_nanos", "integer")


_GRANTS: Final = Child(
    "document_grants",
    (
        _text("document_id"),
        _text("recipient_id"),
        Column("is_trashed", "boolean"),
        *_instant("granted_at"),
        *_instant("created_at"),
        *_instant("updated_at"),
        _text("title_folded"),
        _text("title"),
    ),
    parent="document_id",
    key=("document_id", "recipient_id"),
    rows=_grant_rows,
)
_MEMBERS: Final = Child(
    "group_members",
    (_text("member_id"), _text("group_id")),
    parent="group_id",
    key=("member_id", "group_id"),
    rows=lambda group: ((member_id, group.id) for member_id in sorted(group.member_ids)),
)
_KEYS: Final = Child(
    "project_keys",
    (_text("project_id"), _text("kind"), _text("value")),
    parent="project_id",
    key=("project_id", "kind", "value"),
    rows=_key_rows,
)
_TEXTS: Final = Child(
    "project_texts",
    (_text("project_id"), _text("text")),
    parent="project_id",
    key=("project_id", "text"),
    rows=lambda project: ((project.id, text) for text in sorted(project_texts(project))),
)

ORGANIZATIONS: Final = Shape("organizations", Organization)
USERS: Final = Shape("users", User, credentials=True)
SERVICE_ACCOUNTS: Final = Shape("service_accounts", ServiceAccount, credentials=True)
GROUPS: Final = Shape("groups", Group, children=(_MEMBERS,))
RUNNERS: Final = Shape("runners", Runner)
ENVIRONMENT_CLASSES: Final = Shape("environment_classes", EnvironmentClass)
ENVIRONMENTS: Final = Shape("environments", Environment)
TOKENS: Final = Shape("tokens", Token, derived=(_size(token_size),), unique=("digest",), credentials=True)
PROJECTS: Final = Shape(
    "projects",
    Project,
    derived=(_size(project_size),),
    children=(_KEYS, _TEXTS),
    known_bytes=_KNOWN_BYTES,
)
DOCUMENTS: Final = Shape(
    "documents",
    Document,
    derived=(
        _size(document_size),
        (_text("title_folded"), lambda each: fold_text(each.title)),
        (
            _text("description_folded", nullable=True),
            lambda each: None if each.description is None else fold_text(each.description),
        ),
    ),
    children=(_GRANTS,),
    known_bytes=_KNOWN_BYTES,
)
DOCUMENT_VERSIONS: Final = Shape("document_versions", DocumentVersion)
VIEWS: Final = Shape("views", View, derived=((_text("id"), lambda each: each.id),))

SHAPES: Final[tuple[Shape[Any], ...]] = (
    ORGANIZATIONS,
    USERS,
    SERVICE_ACCOUNTS,
    GROUPS,
    RUNNERS,
    ENVIRONMENT_CLASSES,
    ENVIRONMENTS,
    TOKENS,
    PROJECTS,
    DOCUMENTS,
    DOCUMENT_VERSIONS,
    VIEWS,
)
"""All of them but contents, which are no records."""
