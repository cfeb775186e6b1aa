"""The store itself: all tables, one lock."""

from __future__ import annotations

import secrets

from triptych.store.memory.document_rows import DocumentRows, ViewRows
from triptych.store.memory.documents import MemoryDocuments, MemoryViews
from triptych.store.memory.environments import EnvironmentRows, MemoryEnvironments
from triptych.store.memory.index import Changes
from triptych.store.memory.lock import ReadWriteLock
from triptych.store.memory.projects import MemoryProjects, ProjectRows
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.memory.tokens import MemoryTokens, TokenRows
from triptych.store.memory.transaction import UnitOfWork
from triptych.store.memory.users import GroupRows, MemoryGroups, MemoryUsers, UserRows
from triptych.store.records import (
    Content,
    DocumentVersion,
    EnvironmentClass,
    Organization,
    Runner,
    ServiceAccount,
)


class Data:
    """Everything that is kept, and its indexes.

    Attributes:
        credentials: Counts the changes of tokens, users and service accounts.
    """

    __slots__ = (
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
        self.organizations: Rows[Organization] = Rows()
        self.users = UserRows(self.credentials)
        self.service_accounts: Rows[ServiceAccount] = Rows([self.credentials])
        self.groups = GroupRows()
        self.runners: Rows[Runner] = Rows()
        self.environment_classes: Rows[EnvironmentClass] = Rows()
        self.environments = EnvironmentRows()
        self.tokens = TokenRows(self.credentials)
        self.projects = ProjectRows()
        self.documents = DocumentRows()
        self.document_versions: Rows[DocumentVersion] = Rows()
        self.contents: Rows[Content] = Rows()
        self.views = ViewRows()


class MemoryTransaction(UnitOfWork):
    """The tables, for one transaction. Each is made when it is asked for: most calls need one or two."""

    __slots__ = ("_data",)

    def __init__(self, data: Data, lock: ReadWriteLock, writes: bool) -> None:
        self._lock = lock  # without a call of UnitOfWork's own: each call of ours has a transaction or two
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
    def environments(self) -> MemoryEnvironments:
        """Environments by id, and what they say of projects."""
        return MemoryEnvironments(self._data.environments, self)

    @property
    def tokens(self) -> MemoryTokens:
        """Tokens by id, by digest, and in pages."""
        return MemoryTokens(self._data.tokens, self)

    @property
    def projects(self) -> MemoryProjects:
        """Projects by id and in pages."""
        return MemoryProjects(self._data.projects, self)

    @property
    def documents(self) -> MemoryDocuments:
        """Documents by id and in pages."""
        return MemoryDocuments(self._data.documents, self._data.views, self)

    @property
    def document_versions(self) -> MemoryTable[DocumentVersion]:
        """Versions of documents by id."""
        return MemoryTable(self._data.document_versions, self)

    @property
    def contents(self) -> MemoryTable[Content]:
        """The files of versions, by the id of the version."""
        return MemoryTable(self._data.contents, self)

    @property
    def views(self) -> MemoryViews:
        """Views, by document and viewer."""
        return MemoryViews(self._data.views, self)


class MemoryStore:
    """Keeps everything in memory, for the tasks of one event loop.

    Many transactions may read at once; one that writes is alone. A task must not open a transaction while it
    is in another: it would wait for itself.

    Attributes:
        credentials: Tells whether what was read of tokens, users and service accounts may be stale.
    """

    def __init__(self) -> None:
        self._data = Data()
        self.credentials = self._data.credentials
        self._lock = ReadWriteLock()
        self._secret_keys: dict[str, bytes] = {}

    def read(self) -> MemoryTransaction:
        """Open a transaction that refuses writes."""
        return MemoryTransaction(self._data, self._lock, writes=False)

    def write(self) -> MemoryTransaction:
        """Open a transaction that may write. Such transactions happen one after another."""
        return MemoryTransaction(self._data, self._lock, writes=True)

    async def secret_key(self, purpose: str) -> bytes:
        """Return 32 random bytes for the purpose; made on first use, the same ever after."""
        if purpose not in self._secret_keys:
            self._secret_keys[purpose] = secrets.token_bytes(32)
        return self._secret_keys[purpose]
