"""Items as records."""

from __future__ import annotations

from protobuf.wkt import Timestamp

from triptych.auth.authenticate import digest
from triptych.clock import instant
from triptych.ids import Ids
from triptych.seed.document_contents import document_file
from triptych.seed.documents import write_document
from triptych.seed.environments import environment_class_record, environment_record
from triptych.seed.items import SeedItem
from triptych.seed.projects import project_record
from triptych.seed.references import subject
from triptych.store import records
from triptych.store.base import Transaction
from triptych_api.gitpod.v1.user_pb import UserStatus
from triptych_api.triptych.seed.v1 import seed_pb


class Writer:
    """Writes the records of items, whose ids are known to be new, in the order of `triptych.seed.kinds`."""

    def __init__(self, tx: Transaction, ids: Ids, now: int, max_upload: int) -> None:
        self._tx = tx
        self._ids = ids
        self._now = now
        self._max_upload = max_upload
        self._organization_ids: list[str] = []

    async def write(self, item: SeedItem) -> None:
        """Write the record of an item.

        Raises:
            SeedError: What the item refers to does not exist, or not in its organization; or the content of a
                document cannot be used.
        """
        id = item.id or self._ids.new()
        match item.message:
            case seed_pb.Organization() as message:
                self._organization_ids.append(id)
                await self._tx.organizations.put(records.Organization(id=id, name=message.name))
            case seed_pb.SeedUser() as message:
                await self._write_user(item, message, id)
            case seed_pb.ServiceAccount() as message:
                account = records.ServiceAccount(
                    id=id,
                    organization_id=await self._organization_id(item, message.organization_id),
                    name=message.name,
                )
                await self._tx.service_accounts.put(account)
            case seed_pb.Group() as message:
                await self._write_group(item, message, id)
            case seed_pb.Runner() as message:
                runner = records.Runner(
                    id=id,
                    organization_id=await self._organization_id(item, message.organization_id),
                    name=message.name,
                    kind=message.kind,
                )
                await self._tx.runners.put(runner)
            case seed_pb.EnvironmentClass() as message:
                environment_class = await environment_class_record(self._tx, item, message, id)
                await self._tx.environment_classes.put(environment_class)
            case seed_pb.SeedProject() as message:
                created_at = self._created_at(message.created_at)
                project = await project_record(self._tx, item, message, id, created_at)
                await self._tx.projects.put(project)
            case seed_pb.Environment() as message:
                created_at = self._created_at(message.created_at)
                environment = await environment_record(self._tx, item, message, id, created_at)
                await self._tx.environments.put(environment)
            case seed_pb.Token() as message:
                await self._write_token(item, message, id)
            case seed_pb.SeedDocument() as message:
                created_at = self._created_at(message.created_at)
                file = await document_file(item, message, self._max_upload)
                await write_document(self._tx, item, message, file, id, self._ids.new(), created_at)

    async def _write_user(self, item: SeedItem, message: seed_pb.SeedUser, id: str) -> None:
        is_administrator = message.role == seed_pb.Role.ADMINISTRATOR
        user = records.User(
            id=id,
            organization_id=await self._organization_id(item, message.organization_id),
            name=message.name,
            email=message.email,
            avatar_url=message.avatar_url,
            role=records.Role.ADMINISTRATOR if is_administrator else records.Role.MEMBER,
            status=message.status or UserStatus.ACTIVE,
            created_at=self._created_at(message.created_at),
        )
        await self._tx.users.put(user)

    async def _write_group(self, item: SeedItem, message: seed_pb.Group, id: str) -> None:
        organization_id = await self._organization_id(item, message.organization_id)
        member_ids = set()
        for index, member_id in enumerate(message.member_ids):
            member, _ = await subject(self._tx, item, f"member_ids[{index}]", member_id, organization_id)
            member_ids.add(member.id)
        group = records.Group(
            id=id, organization_id=organization_id, name=message.name, member_ids=frozenset(member_ids)
        )
        await self._tx.groups.put(group)

    async def _write_token(self, item: SeedItem, message: seed_pb.Token, id: str) -> None:
        owner, organization_id = await subject(self._tx, item, "user_id", message.user_id)
        hashed = digest(message.secret)
        if await self._tx.tokens.by_digest(hashed) is not None:
            raise item.place.error("secret", "another token has the same secret")
        token = records.Token(
            id=id,
            organization_id=organization_id,
            owner=owner,
            creator=owner,
            digest=hashed,
            description=message.description,
            read_only=message.read_only,
            created_at=self._created_at(message.created_at),
            expires_at=None if message.expires_at is None else instant(message.expires_at),
        )
        await self._tx.tokens.put(token)

    async def _organization_id(self, item: SeedItem, given: str) -> str:
        if given:
            if await self._tx.organizations.get(given.lower()) is None:
                raise item.place.error("organization_id", f"no organization {given} exists")
            return given.lower()
        if len(self._organization_ids) != 1:
            count = len(self._organization_ids) or "no"
            raise item.place.error("organization_id", f"must be given, as the file has {count} organizations")
        return self._organization_ids[0]

    def _created_at(self, given: Timestamp | None) -> int:
        return self._now if given is None else instant(given)
