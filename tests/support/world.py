"""An organization of its own for each test, put straight into the store of a running server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.api import Api, Transport
from triptych.auth.authenticate import digest
from triptych.clock import DAY, Clock
from triptych.documents import typeid
from triptych.ids import Ids
from triptych.projects.popularity import count_popularity
from triptych.store.base import Store
from triptych.store.records import (
    Document,
    Environment,
    EnvironmentClass,
    Group,
    Organization,
    Role,
    Runner,
    ServiceAccount,
    SubjectRef,
    Token,
    User,
)
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus


@dataclass
class World:
    """One organization, and the means to fill it."""

    store: Store
    clock: Clock
    ids: Ids
    transport: Transport
    organization_id: str = ""
    users: dict[str, User] = field(default_factory=dict)

    async def put(self, table: str, record: Any) -> Any:
        """Write one record."""
        await self.store.write(lambda tx: getattr(tx, table).put(record))
        return record

    async def user(
        self, name: str, *, role: Role = Role.MEMBER, status: UserStatus = UserStatus.ACTIVE
    ) -> User:
        """Add a user."""
        record = User(
            id=self.ids.new(),
            organization_id=self.organization_id,
            name=name,
            email=f"{name}@example.org",
            role=role,
            status=status,
            created_at=self.clock.now(),
        )
        self.users[name] = record
        return await self.put("users", record)

    async def service_account(self, name: str) -> ServiceAccount:
        """Add a service account."""
        record = ServiceAccount(id=self.ids.new(), organization_id=self.organization_id, name=name)
        return await self.put("service_accounts", record)

    async def token(
        self, owner: User | ServiceAccount, *, read_only: bool = False, expires_in: int | None = 100 * DAY
    ) -> tuple[Token, str]:
        """Add a token; return it and its secret."""
        secret = self.ids.secret()
        subject = subject_of(owner)
        now = self.clock.now()
        record = Token(
            id=self.ids.new(),
            organization_id=owner.organization_id,
            owner=subject,
            creator=subject,
            digest=digest(secret),
            read_only=read_only,
            created_at=now,
            expires_at=None if expires_in is None else now + expires_in,
        )
        return await self.put("tokens", record), secret

    async def as_(self, owner: User | ServiceAccount, *, read_only: bool = False) -> Api:
        """Return an API that calls as the user or service account."""
        _, secret = await self.token(owner, read_only=read_only)
        return Api(self.transport, secret)

    async def runner(self, kind: RunnerKind = RunnerKind.REMOTE) -> Runner:
        """Add a runner."""
        record = Runner(id=self.ids.new(), organization_id=self.organization_id, name="runner", kind=kind)
        return await self.put("runners", record)

    async def environment_class(self, runner: Runner | None = None) -> EnvironmentClass:
        """Add an environment class."""
        runner = runner or await self.runner()
        record = EnvironmentClass(
            id=self.ids.new(),
            organization_id=self.organization_id,
            runner_id=runner.id,
            runner_kind=runner.kind,
            name="small",
        )
        return await self.put("environment_classes", record)

    async def environment(self, creator: User, **fields: Any) -> Environment:
        """Add an environment."""
        record = Environment(
            **{
                "id": self.ids.new(),
                "organization_id": creator.organization_id,
                "creator": SubjectRef(creator.id, Principal.USER),
                "created_at": self.clock.now(),
                **fields,
            }
        )
        return await self.put("environments", record)

    async def group(self, *members: User | ServiceAccount) -> Group:
        """Add a group."""
        record = Group(
            id=self.ids.new(),
            organization_id=self.organization_id,
            name="group",
            member_ids=frozenset(member.id for member in members),
        )
        return await self.put("groups", record)

    async def document(self, owner: User | ServiceAccount, **fields: Any) -> str:
        """Add a document that was checked, without a file; return its id as rpcs spell it."""
        now = self.clock.now()
        record = Document(
            **{
                "id": self.ids.new(),
                "organization_id": owner.organization_id,
                "owner": subject_of(owner),
                "creator": subject_of(owner),
                "title": "document",
                "access_level": AccessLevel.PRIVATE,
                "processing_status": ProcessingStatus.READY,
                "source_format": "pdf",
                "current_version_id": self.ids.new(),
                "created_at": now,
                "updated_at": now,
                **fields,
            }
        )
        await self.put("documents", record)
        return typeid.encode("doc", record.id)

    async def count_popularity(self) -> None:
        """Count as the server does every 10 minutes."""
        await count_popularity(self.store, self.clock)


async def content_of(store: Store, version_id: str) -> bytes:
    """Return the content of a version of a document; nothing if there is none."""
    async with store.read() as tx:
        return b"".join([chunk async for chunk in tx.contents.chunks(version_id)])


def subject_of(owner: User | ServiceAccount) -> SubjectRef:
    """Return how records refer to a user or service account."""
    return SubjectRef(owner.id, Principal.USER if isinstance(owner, User) else Principal.SERVICE_ACCOUNT)


async def new_world(store: Store, clock: Clock, ids: Ids, transport: Transport) -> World:
    """Return a new organization with an administrator `ada` and members `max` and `mia`."""
    world = World(store, clock, ids, transport, ids.new())
    await world.put("organizations", Organization(id=world.organization_id, name="Test"))
    await world.user("ada", role=Role.ADMINISTRATOR)
    await world.user("max")
    await world.user("mia")
    return world
