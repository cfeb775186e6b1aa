"""The store itself: all tables, one lock."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from triptych.store.base import Credential, References, ResultT
from triptych.store.errors import UnavailableError
from triptych.store.memory.document_rows import DocumentRows, ViewRows
from triptych.store.memory.documents import Beside, MemoryDocuments
from triptych.store.memory.environments import EnvironmentRows
from triptych.store.memory.index import Changes
from triptych.store.memory.lock import ReadWriteLock
from triptych.store.memory.projects import MemoryProjects, ProjectRows
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.memory.tokens import MemoryTokens, TokenRows
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.memory.users import GroupRows, MemoryGroups, MemoryUsers, UserRows
from triptych.store.memory.versions import MemoryContents, MemoryVersions, VersionRows
from triptych.store.records import (
    Environment,
    EnvironmentClass,
    Organization,
    Runner,
    ServiceAccount,
    View,
)


class Data:
    """Everything that is kept, and its indexes.

    Attributes:
        credentials: Counts the changes of tokens, users and service accounts.
    """

    __slots__ = (
        "beside",
        "contents",
        "credentials",
        "document_versions",
        "documents",
        "environment_classes",
        "environments",
        "groups",
        "organizations",
        "projects",
        "runners",
        "service_accounts",
        "tokens",
        "users",
        "views",
    )

    def __init__(self) -> None:
        self.credentials = Changes()
        self.organizations = Rows[Organization]("organizations")
        self.users = UserRows(self.credentials)
        self.service_accounts = Rows[ServiceAccount]("service_accounts", [self.credentials])
        self.groups = GroupRows()
        self.runners = Rows[Runner]("runners")
        self.environment_classes = Rows[EnvironmentClass]("environment_classes")
        self.environments = EnvironmentRows()
        self.tokens = TokenRows(self.credentials)
        self.projects = ProjectRows()
        self.documents = DocumentRows()
        self.document_versions = VersionRows()
        self.contents: dict[str, tuple[bytes, ...]] = {}
        self.views = ViewRows()
        self.beside = Beside(self.users, self.service_accounts, self.document_versions, self.views)


class MemoryTransaction(UnitOfWork):
    """The tables, for one transaction. Each is made when it is asked for: most calls need one or two."""

    __slots__ = ("_data",)

    def __init__(self, data: Data, lock: ReadWriteLock, writes: bool) -> None:
        self.lock = lock  # without a call of UnitOfWork's own: each call of ours has a transaction or two
        self._writes = writes
        self.open = False
        self._undo = []
        self._data = data

    @property
    def organizations(self) -> MemoryTable[Organization]:
        """Organizations by id."""
        return MemoryTable(self._data.organizations, self)

    @property
    def users(self) -> MemoryUsers:
        """Users by id, and the first administrator."""
        return MemoryUsers(self._data.users, self)

    @property
    def service_accounts(self) -> MemoryTable[ServiceAccount]:
        """Service accounts by id."""
        return MemoryTable(self._data.service_accounts, self)

    @property
    def groups(self) -> MemoryGroups:
        """Groups by id and by member."""
        return MemoryGroups(self._data.groups, self)

    @property
    def runners(self) -> MemoryTable[Runner]:
        """Runners by id."""
        return MemoryTable(self._data.runners, self)

    @property
    def environment_classes(self) -> MemoryTable[EnvironmentClass]:
        """Environment classes by id."""
        return MemoryTable(self._data.environment_classes, self)

    @property
    def environments(self) -> MemoryTable[Environment]:
        """The environments."""
        return MemoryTable(self._data.environments, self)

    @property
    def tokens(self) -> MemoryTokens:
        """Tokens by id, by digest, and in pages."""
        return MemoryTokens(self._data.tokens, self)

    @property
    def projects(self) -> MemoryProjects:
        """Projects by id and in pages."""
        return MemoryProjects(self._data.projects, self._data.environments.usage, self)

    @property
    def documents(self) -> MemoryDocuments:
        """Documents by id and in pages."""
        return MemoryDocuments(self._data.documents, self._data.beside, self)

    @property
    def document_versions(self) -> MemoryVersions:
        """Versions of documents by id, and those that wait to be processed."""
        return MemoryVersions(self._data.document_versions, self)

    @property
    def contents(self) -> MemoryContents:
        """The files of versions, by the id of the version."""
        return MemoryContents(self._data.contents, self)

    @property
    def views(self) -> MemoryTable[View]:
        """Views, by document and viewer."""
        return MemoryTable(self._data.views, self)

    async def references(
        self,
        subject_ids: Collection[str] = (),
        environment_class_ids: Collection[str] = (),
        member_id: str = "",
    ) -> References:
        """Return the users, service accounts and environment classes of those ids, and groups of a member."""
        users = await self.users.get_many(subject_ids)
        accounts = await self.service_accounts.get_many(subject_ids)
        classes = await self.environment_classes.get_many(environment_class_ids)
        return References({**users, **accounts}, classes, await self.groups.of_member(member_id))


class MemoryStore:
    """Keeps everything in memory, for the tasks of one event loop.

    Many transactions may read at once; one that writes is alone. There are no conflicts: writes run once.

    Attributes:
        name: What it is.
        credentials: Tells whether what was read of tokens, users and service accounts may be stale.
    """

    name = "memory"

    def __init__(self) -> None:
        self._data = Data()
        self.credentials = self._data.credentials
        self._lock = ReadWriteLock()
        self._secret_keys: dict[str, bytes] = {}
        self._claims: dict[str, int] = {}
        self._closed = False

    async def start(self) -> None:
        """Take transactions, after `close` again: the data is there as long as the store is."""
        self._closed = False

    async def close(self) -> None:
        """Let running transactions end; refuse all others."""
        if not self._closed:
            async with self._transaction(writes=True):
                self._closed = True

    async def ping(self) -> None:
        """Return unless the store is closed.

        Raises:
            UnavailableError: It is.
        """
        if self._closed:
            raise _closed()

    async def risks(self) -> Sequence[str]:
        """Return nothing: whoever keeps data in memory knows."""
        return ()

    async def migrate(self) -> Sequence[str]:
        """Do nothing: there is nothing older."""
        return ()

    def read(self, *, snapshot: bool = True) -> MemoryTransaction:
        """Open a transaction that refuses writes; it always is a snapshot.

        Raises:
            UnavailableError: The store is closed.
        """
        if self._closed:
            raise _closed()
        return MemoryTransaction(self._data, self._lock, writes=False)

    async def write(
        self,
        body: Callable[[MemoryTransaction], Awaitable[ResultT]],
        *,
        deadline: float | None = None,
        bulk: bool = False,
    ) -> ResultT:
        """Run `body` alone, once; keep what it did if it returns, undo it if it raises.

        Raises:
            RuntimeError: The task is in a transaction.
            UnavailableError: The store is closed.
        """
        async with self._transaction(writes=True) as tx:
            result = await body(tx)
            tx.commit()
        return result

    async def credential(self, digest: bytes) -> Credential | None:
        """Return the token whose secret has this SHA-256, and its owner; None if there is none."""
        async with self.read() as tx:
            token = self._data.tokens.of_digest(digest)
            if token is None:
                return None
            owner = token.owner.id
            return Credential(token, (await tx.references((owner,))).subjects.get(owner))

    async def note_uses(self, uses: Mapping[str, int]) -> None:
        """Set the last use of tokens, by their ids, where it is later than the one known."""
        async with self._transaction(writes=True):
            self._data.tokens.note_uses(uses)

    async def note_views(self, views: Iterable[View]) -> None:
        """Keep views, where they are later than those known."""
        async with self._transaction(writes=True):
            for view in views:
                self._data.views.note(view)

    async def recount_popularity(self, since: int) -> None:
        """Make the popularity of each project the number of environments made from it since then."""
        async with self._transaction(writes=True):
            self._data.projects.set_popularity(self._data.environments.created_since(since))

    async def claim(self, job: str, now: int, until: int) -> bool:
        """Claim a job until an instant; tell whether nobody had it at `now`."""
        await self.ping()
        if now < self._claims.get(job, now) <= 2 * until - now:
            return False
        self._claims[job] = until
        return True

    async def secret_key(self, purpose: str) -> bytes:
        """Return 32 random bytes for the purpose; made on first use, the same ever after."""
        if purpose not in self._secret_keys:
            self._secret_keys[purpose] = secrets.token_bytes(32)
        return self._secret_keys[purpose]

    def _transaction(self, *, writes: bool) -> MemoryTransaction:
        if self._closed:
            raise _closed()
        return MemoryTransaction(self._data, self._lock, writes)


def _closed() -> UnavailableError:
    return UnavailableError("the store is closed")
