"""What a store must do, whatever keeps the data.

A `Transaction` sees a consistent state and rolls back unless `commit` was called. Writes are refused where
they would happen if the transaction was opened for reading only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from triptych.store.queries import (
    DocumentPosition,
    DocumentQuery,
    Held,
    Position,
    ProjectQuery,
    TokenQuery,
    UsedBy,
)
from triptych.store.records import (
    Content,
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

RecordT = TypeVar("RecordT")


class ReadOnlyError(Exception):
    """A write was tried in a transaction that was opened for reading only."""


class Table(Protocol[RecordT]):
    """Records by id."""

    async def get(self, id: str) -> RecordT | None:
        """Return the record of that id, or None."""
        ...

    async def get_many(self, ids: Iterable[str]) -> Mapping[str, RecordT]:
        """Return the records of those ids, by id; ids of no record are left out."""
        ...

    async def is_empty(self) -> bool:
        """Tell whether there is no record."""
        ...

    async def put(self, record: RecordT) -> None:
        """Add the record, or replace the one of its id.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        ...

    async def delete(self, id: str) -> bool:
        """Remove the record; tell whether there was one.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        ...


class Users(Table[User], Protocol):
    """Users by id, and those of an organization."""

    async def first_active_administrator(self) -> User | None:
        """Return the active administrator that was put first, of any organization, or None."""
        ...


class Groups(Table[Group], Protocol):
    """Groups by id and by member."""

    async def of_member(self, member_id: str) -> frozenset[str]:
        """Return the ids of the groups that the user or service account is in."""
        ...


class Tokens(Table[Token], Protocol):
    """Tokens by id, by digest, and in pages."""

    async def by_digest(self, digest: bytes) -> Token | None:
        """Return the token whose secret has this SHA-256, or None."""
        ...

    async def page(self, query: TokenQuery, after: Position | None, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens that follow `after`. The key of a position is `created_at`."""
        ...

    async def held(self, organization_id: str) -> Held:
        """Return how many tokens an organization has, those that have expired included, and how large."""
        ...

    async def note_uses(self, uses: Mapping[str, int]) -> None:
        """Set the last use of tokens, by their ids, where it is later than the one known.

        That is no change of the token. Ids of no token are ignored.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        ...


class Projects(Table[Project], Protocol):
    """Projects by id and in pages."""

    async def page(
        self, query: ProjectQuery, after: Position | None, limit: int
    ) -> Sequence[tuple[Project, Position]]:
        """Return up to `limit` projects that follow `after`, each with its position."""
        ...

    async def count(self, query: ProjectQuery, limit: int) -> int:
        """Return how many projects match, at most `limit`."""
        ...

    async def held(self, organization_id: str) -> Held:
        """Return how many projects an organization has, and how large they are together."""
        ...

    async def set_popularity(self, scores: Mapping[str, int]) -> None:
        """Set the popularity of the projects by id, and of all others to 0. Not a change of the projects.

        Ids of no project are ignored. A put keeps the popularity, a delete ends it.

        Raises:
            ReadOnlyError: The transaction is for reading only.
        """
        ...


class Environments(Table[Environment], Protocol):
    """Environments by id, and what they say of projects."""

    async def used_by(self, project_ids: Sequence[str]) -> Mapping[str, UsedBy]:
        """Return, for each of the projects, who has environments that were made from it."""
        ...

    async def created_since(self, instant: int) -> Mapping[str, int]:
        """Return, by project id, how many environments were created at `instant` or later.

        Only for projects that have some; environments of no project are left out.
        """
        ...


class Documents(Table[Document], Protocol):
    """Documents by id and in pages."""

    async def page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, *, backwards: bool = False
    ) -> Sequence[tuple[Document, DocumentPosition]]:
        """Return up to `limit` documents that follow `start`, or come before it, in the order of the query.

        `start` None means from the beginning (or, backwards, from the end). The result is always in the order
        of the query: backwards, it is the last `limit` ones before `start`.
        """
        ...

    async def held(self, organization_id: str) -> Held:
        """Return how many documents an organization has, those in the trash included, and how large."""
        ...


class Views(Table[View], Protocol):
    """Views by id, and those of a viewer."""

    async def viewed_at(self, viewer_id: str, document_ids: Sequence[str]) -> Mapping[str, int]:
        """Return, by document id, when the viewer last viewed which of the documents."""
        ...


class Transaction(Protocol):
    """One consistent view of the data. It rolls back when it is left without `commit`."""

    @property
    def organizations(self) -> Table[Organization]:
        """The organizations."""
        ...

    @property
    def users(self) -> Users:
        """The users."""
        ...

    @property
    def service_accounts(self) -> Table[ServiceAccount]:
        """The service accounts."""
        ...

    @property
    def groups(self) -> Groups:
        """The groups."""
        ...

    @property
    def runners(self) -> Table[Runner]:
        """The runners."""
        ...

    @property
    def environment_classes(self) -> Table[EnvironmentClass]:
        """The environment classes."""
        ...

    @property
    def environments(self) -> Environments:
        """The environments."""
        ...

    @property
    def tokens(self) -> Tokens:
        """The tokens."""
        ...

    @property
    def projects(self) -> Projects:
        """The projects."""
        ...

    @property
    def documents(self) -> Documents:
        """The documents."""
        ...

    @property
    def document_versions(self) -> Table[DocumentVersion]:
        """The versions of documents."""
        ...

    @property
    def contents(self) -> Table[Content]:
        """The files of versions, by the id of the version."""
        ...

    @property
    def views(self) -> Views:
        """Who viewed which document last when."""
        ...

    async def commit(self) -> None:
        """Make the writes of this transaction visible to others, all at once.

        Nothing may follow: any use of the transaction or its tables then raises RuntimeError.
        """
        ...


class Credentials(Protocol):
    """The state of all tokens, users and service accounts."""

    @property
    def version(self) -> int:
        """A number that is another one whenever one of them has changed."""
        ...


class Store(Protocol):
    """Where the data is kept."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that refuses writes."""
        ...

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that may write. Such transactions happen one after another."""
        ...

    @property
    def credentials(self) -> Credentials:
        """Tells whether what was read of tokens, users and service accounts may be stale."""
        ...

    async def secret_key(self, purpose: str) -> bytes:
        """Return 32 random bytes that are kept with the data; made on first use, the same ever after."""
        ...
