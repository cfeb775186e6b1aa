"""What a store must do, whatever keeps the data. `tables` has the tables, `errors` how it fails.

A transaction sees one consistent state (a snapshot, as REPEATABLE READ gives; writers as if one after the
other, SERIALIZABLE). What it wrote is there for all, or not at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from triptych.store.records import (
    Environment,
    EnvironmentClass,
    Organization,
    Runner,
    ServiceAccount,
    Token,
    User,
    View,
)
from triptych.store.tables import (
    Contents,
    Documents,
    DocumentVersions,
    Groups,
    Projects,
    Table,
    Tokens,
    Users,
)

ResultT = TypeVar("ResultT")

Subject: TypeAlias = User | ServiceAccount


class References(NamedTuple):
    """What ids that something refers to are the ids of; ids of nothing are left out.

    Attributes:
        subjects: Users and service accounts, by id.
        environment_classes: Environment classes, by id.
        group_ids: The groups that a member is in.
    """

    subjects: Mapping[str, Subject]
    environment_classes: Mapping[str, EnvironmentClass]
    group_ids: frozenset[str] = frozenset()


class Credential(NamedTuple):
    """A token, and whose it is; None if that is nobody's any more."""

    token: Token
    owner: Subject | None


class Transaction(Protocol):
    """One consistent view of the data."""

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
    def environments(self) -> Table[Environment]:
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
    def document_versions(self) -> DocumentVersions:
        """The versions of documents."""
        ...

    @property
    def contents(self) -> Contents:
        """The files of versions, by the id of the version."""
        ...

    @property
    def views(self) -> Table[View]:
        """Who viewed which document last when."""
        ...

    async def references(
        self,
        subject_ids: Collection[str] = (),
        environment_class_ids: Collection[str] = (),
        member_id: str = "",
    ) -> References:
        """Return the users and service accounts, and the environment classes, of those ids: one statement.

        With them come the ids of the groups that a member is in; of none, if none is given.
        """
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it; the error goes on.

        They may be nested. A store error but AlreadyExistsError still ends the whole transaction.
        """
        ...


class Credentials(Protocol):
    """The state of all tokens, users and service accounts, whoever changes them."""

    @property
    def version(self) -> int:
        """A number that never comes again once one of them has changed.

        What other servers change shows within a second. It costs no round trip: every call asks for it. Where
        a store cannot tell, each answer is a new number.
        """
        ...


class Store(Protocol):
    """Where the data is kept, for the tasks of one event loop.

    A task must not open a transaction while it is in another: it would wait for itself. It gets RuntimeError.
    `start` comes first, in the process that uses it; nothing but `migrate` before.
    """

    @property
    def name(self) -> str:
        """What it is, for people, as "sqlite /var/lib/triptych.db": no secrets."""
        ...

    @property
    def credentials(self) -> Credentials:
        """Tells whether what was read of tokens, users and service accounts may be stale."""
        ...

    async def start(self) -> None:
        """Open the store; `migrate` it first where it is empty or older.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        ...

    async def close(self) -> None:
        """Let running transactions end, and let go of everything. Any call then raises UnavailableError."""
        ...

    async def ping(self) -> None:
        """Return soon if the store can be read and written.

        Raises:
            UnavailableError: It cannot.
        """
        ...

    async def risks(self) -> Sequence[str]:
        """Return which settings of its engine put acknowledged writes at risk, for people; once started.

        Raises:
            UnavailableError: It cannot be reached.
        """
        ...

    async def migrate(self) -> Sequence[str]:
        """Bring the schema up to date, whoever else does so at the same time; return the steps that it took.

        Raises:
            UnavailableError: It cannot be reached.
            UnusableError: It is no store of ours, or of a newer version.
        """
        ...

    def read(self, *, snapshot: bool = True) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that refuses writes.

        Args:
            snapshot: Whether all calls see the same state. Without, each may see what is there when it is
                made, and the store goes without a transaction of its engine.

        Raises:
            RuntimeError: The task is in a transaction.
            UnavailableError: As of any call in it.
        """
        ...

    async def write(
        self,
        body: Callable[[Transaction], Awaitable[ResultT]],
        *,
        deadline: float | None = None,
        bulk: bool = False,
    ) -> ResultT:
        """Run `body` in a transaction that may write; commit when it returns, undo if it raises.

        After a conflict with others it runs again, in a new transaction: so it builds what it returns anew
        each time, takes ids and instants from outside, and leaves to its caller what is to be done after the
        commit. A commit that has begun is finished, even if the task is cancelled meanwhile; before, that
        undoes.

        Args:
            body: What to do. It may await other things, but holds up others meanwhile.
            deadline: On the clock of the event loop, after which it is not tried again; a few seconds from
                now at the latest.
            bulk: The body adds very much, and asks for records by their ids alone. Where the store is empty,
                all else that calls ask for is then made in one go before the commit, in a fraction of the
                time; others may have to wait for all of it, and AlreadyExistsError ends the transaction.

        Returns:
            What the body returned that was committed.

        Raises:
            Exception: Whatever the body raised, once it is undone.
            RuntimeError: The task is in a transaction.
            ConflictError: There were conflicts until the deadline.
            OutcomeUnknownError: The store was lost in the commit, and could not tell what became of it.
            UnavailableError: Nothing was written.
        """
        ...

    async def credential(self, digest: bytes) -> Credential | None:
        """Return the token whose secret has this SHA-256, and its owner; None if there is none.

        One statement. Whoever keeps it takes `credentials.version` first.
        """
        ...

    async def note_uses(self, uses: Mapping[str, int]) -> None:
        """Set the last use of tokens, by their ids, where it is later than the one known. One statement.

        That is no change of the token. Ids of no token are ignored. It stands in nobody's transaction.
        """
        ...

    async def note_views(self, views: Iterable[View]) -> None:
        """Keep views, where they are later than those known. One statement, in nobody's transaction."""
        ...

    async def recount_popularity(self, since: int) -> None:
        """Make the popularity of each project the number of environments made from it at `since` or later.

        That is no change of the projects. One statement, in nobody's transaction.
        """
        ...

    async def claim(self, job: str, now: int, until: int) -> bool:
        """Claim a job for this server until an instant; tell whether nobody had it at `now`.

        A claim that has more than twice as long to go as this one counts no more: the clock went back since.
        One statement.
        """
        ...

    async def secret_key(self, purpose: str) -> bytes:
        """Return 32 random bytes that are kept with the data; made on first use, the same ever after."""
        ...
