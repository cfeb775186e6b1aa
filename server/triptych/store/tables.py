"""The tables of a store, as one transaction may use them.

Each call is one statement: whatever the number of records, it costs one round trip to the data (a store may
split one that exceeds what its engine takes at once; contents are streamed). Any call raises RuntimeError
once the transaction is over; any call that writes raises ReadOnlyError in a transaction for reading; and any
call may raise UnavailableError or ConflictError, which the body of a `write` must let through.

Records that were read are never changed by the store, and may be kept; they are equal, not identical, when
they are read again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from triptych.store.queries import (
    DocumentDetails,
    DocumentPosition,
    DocumentQuery,
    DocumentSlice,
    Held,
    Position,
    ProjectQuery,
    ProjectSlice,
    TokenQuery,
    UsedBy,
)
from triptych.store.records import (
    Document,
    DocumentVersion,
    Group,
    Project,
    Token,
    User,
)

RecordT = TypeVar("RecordT")


class Table(Protocol[RecordT]):
    """Records by id."""

    async def get(self, id: str) -> RecordT | None:
        """Return the record of that id, or None."""
        ...

    async def get_many(self, ids: Iterable[str]) -> Mapping[str, RecordT]:
        """Return the records of those ids, by id; ids of no record are left out."""
        ...

    async def following(self, id: str, limit: int) -> Sequence[RecordT]:
        """Return up to `limit` records whose ids are greater, in the order of ids: to go through all."""
        ...

    async def add(self, *records: RecordT) -> None:
        """Add records: all of them or none.

        Raises:
            AlreadyExistsError: There is one of that id already, or with another value that is unique. The
                transaction can go on.
        """
        ...

    async def put(self, *records: RecordT) -> None:
        """Add the records, or replace those of their ids. No two may have the same id.

        Raises:
            AlreadyExistsError: Another record has a value that is unique. The transaction can go on.
        """
        ...

    async def delete(self, *ids: str) -> int:
        """Remove the records of those ids; return how many there were."""
        ...


class Users(Table[User], Protocol):
    """Users by id."""

    async def first_active_administrator(self) -> User | None:
        """Return the active administrator that was added first, of any organization, or None.

        A put of a user that there is keeps its place.
        """
        ...


class Groups(Table[Group], Protocol):
    """Groups by id and by member."""

    async def of_member(self, member_id: str) -> frozenset[str]:
        """Return the ids of the groups that the user or service account is in."""
        ...


class Tokens(Table[Token], Protocol):
    """Tokens by id and in pages. `digest` is unique."""

    async def page(self, query: TokenQuery, after: Position | None, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens that follow `after`. The key of a position is `created_at`."""
        ...

    async def held(self, organization_id: str) -> Held:
        """Return what an organization has of tokens, those that have expired included; as of projects."""
        ...


class Projects(Table[Project], Protocol):
    """Projects by id and in pages. A put keeps the popularity, a delete ends it."""

    async def shown(self, ids: Sequence[str]) -> Mapping[str, tuple[Project, UsedBy]]:
        """Return projects as they are shown, by id: each with who has environments made from it.

        Ids of no project are left out.
        """
        ...

    async def page(self, query: ProjectQuery, after: Position | None, limit: int) -> ProjectSlice:
        """Return up to `limit` projects that follow `after`, as they are shown."""
        ...

    async def count(self, query: ProjectQuery, limit: int) -> int:
        """Return how many projects match, at most `limit`."""
        ...

    async def held(self, organization_id: str) -> Held:
        """Return how many projects an organization has, and how large they are together.

        What others are adding at this moment may be left out.
        """
        ...


class Documents(Table[Document], Protocol):
    """Documents by id and in pages."""

    async def create(self, document: Document, version: DocumentVersion) -> None:
        """Add a document together with its first version.

        Raises:
            AlreadyExistsError: There is one of that id already. The transaction can go on.
        """
        ...

    async def shown(self, id: str) -> tuple[Document, str | None] | None:
        """Return a document, and the name of whoever created it: None if that is nobody's any more."""
        ...

    async def details(self, documents: Sequence[Document], viewer_id: str) -> DocumentDetails:
        """Return what is shown with documents: the names of their creators, and when the viewer saw them."""
        ...

    async def page(
        self, query: DocumentQuery, start: DocumentPosition | None, limit: int, *, backwards: bool = False
    ) -> DocumentSlice:
        """Return up to `limit` documents that follow `start`, or come before it, in the order of the query.

        `start` None means from the beginning (or, backwards, from the end). The rows are always in the order
        of the query: backwards, they are the last `limit` ones before `start`.
        """
        ...

    async def held(self, organization_id: str) -> Held:
        """Return what an organization has of documents, those in the trash included; as of projects."""
        ...


class DocumentVersions(Table[DocumentVersion], Protocol):
    """Versions of documents by id, and those that wait to be processed."""

    async def unprocessed(
        self, created_before: int, after: Position | None, limit: int
    ) -> Sequence[DocumentVersion]:
        """Return up to `limit` versions whose status is PROCESSING, oldest first (by creation, then id).

        The key of a position is `created_at`.
        """
        ...


class Contents(Protocol):
    """The bytes of files, by the ids of their versions. Never held in one piece."""

    async def write(self, id: str, chunks: Iterable[bytes]) -> None:
        """Keep the content of a version, or replace it; chunks are taken one after the other."""
        ...

    async def add(self, contents: Mapping[str, Sequence[bytes]]) -> None:
        """Keep the contents of versions that have none yet, by their ids: all are sent at once."""
        ...

    def chunks(self, id: str) -> AsyncIterator[bytes]:
        """Yield the content, in the pieces that were written or of up to 1 MiB; nothing if there is none."""
        ...

    async def delete(self, *ids: str) -> int:
        """Remove contents; return how many there were."""
        ...
