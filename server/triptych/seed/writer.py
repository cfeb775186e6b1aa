"""Writes items as records."""

from __future__ import annotations

from pathlib import Path

from protobuf.wkt import Timestamp

from triptych.clock import instant
from triptych.errors import RpcError, invalid_field
from triptych.ids import Ids
from triptych.projects.changes import find_references, new_project
from triptych.seed.documents import document_file, write_document
from triptych.seed.items import SeedItem
from triptych.seed.references import References, existing
from triptych.store import records
from triptych.store.base import Subject, Transaction
from triptych.users.subjects import reference
from triptych.users.tokens import new_token
from triptych_api.gitpod.v1.project_pb import ProjectEnvironmentClass
from triptych_api.gitpod.v1.user_pb import UserStatus
from triptych_api.triptych.seed.v1 import seed_pb


class Writer:
    """Writes items, whose ids are known to be new, in the order of `triptych.seed.items.KINDS`.

    What services create is made by their own constructors, with their checks.
    """

    def __init__(self, tx: Transaction, ids: Ids, now: int, max_upload: int) -> None:
        self._tx = tx
        self._ids = ids
        self._now = now
        self._max_upload = max_upload
        self._references = References(tx)
        self._organization_ids: list[str] = []

    async def write(self, item: SeedItem) -> None:
        """Write an item.

        Raises:
            SeedError: What the item refers to does not exist, or not in its organization; or the content of a
                document cannot be used.
        """
        try:
            await self._write(item, item.id or self._ids.new())
        except RpcError as error:
            raise item.place.refusal(error) from None

    async def _write(self, item: SeedItem, id: str) -> None:
        match item.message:
            case seed_pb.Organization() as message:
                self._organization_ids.append(id)
                await self._tx.organizations.add(records.Organization(id=id, name=message.name))
            case seed_pb.SeedUser() as message:
                await self._write_user(message, id)
            case seed_pb.ServiceAccount() as message:
                organization_id = await self._organization_id(message.organization_id)
                await self._tx.service_accounts.add(
                    records.ServiceAccount(id=id, organization_id=organization_id, name=message.name)
                )
            case seed_pb.Group() as message:
                await self._write_group(message, id)
            case seed_pb.Runner() as message:
                organization_id = await self._organization_id(message.organization_id)
                await self._tx.runners.add(
                    records.Runner(
                        id=id, organization_id=organization_id, name=message.name, kind=message.kind
                    )
                )
            case seed_pb.EnvironmentClass() as message:
                await self._write_environment_class(message, id)
            case seed_pb.SeedProject() as message:
                await self._write_project(message, id)
            case seed_pb.Environment() as message:
                await self._write_environment(message, id)
            case seed_pb.Token() as message:
                await self._write_token(message, id)
            case seed_pb.SeedDocument() as message:
                file = await document_file(message, Path(item.place.file).parent, self._max_upload)
                owner = await self._references.subject("owner_id", message.owner_id)
                origin = self._origin(id, owner, message.created_at)
                await write_document(self._tx, self._references, message, origin, self._ids.new(), file)

    async def _write_user(self, message: seed_pb.SeedUser, id: str) -> None:
        is_administrator = message.role == seed_pb.Role.ADMINISTRATOR
        user = records.User(
            id=id,
            organization_id=await self._organization_id(message.organization_id),
            name=message.name,
            email=message.email,
            avatar_url=message.avatar_url,
            role=records.Role.ADMINISTRATOR if is_administrator else records.Role.MEMBER,
            status=message.status or UserStatus.ACTIVE,
            created_at=self._created_at(message.created_at),
        )
        await self._tx.users.add(user)

    async def _write_group(self, message: seed_pb.Group, id: str) -> None:
        organization_id = await self._organization_id(message.organization_id)
        fields = {f"member_ids[{index}]": member_id for index, member_id in enumerate(message.member_ids)}
        members = await self._references.subjects(fields, organization_id)
        group = records.Group(
            id=id,
            organization_id=organization_id,
            name=message.name,
            member_ids=frozenset(member.id for member in members),
        )
        await self._tx.groups.add(group)

    async def _write_environment_class(self, message: seed_pb.EnvironmentClass, id: str) -> None:
        runner = await existing(self._tx.runners, "runner_id", "runner", message.runner_id)
        environment_class = records.EnvironmentClass(
            id=id,
            organization_id=runner.organization_id,
            runner_id=runner.id,
            runner_kind=runner.kind,
            name=message.name,
        )
        await self._tx.environment_classes.add(environment_class)

    async def _write_project(self, message: seed_pb.SeedProject, id: str) -> None:
        creator = await self._references.subject("creator_id", message.creator_id)
        class_ids = [
            (_class_id(index, each), each.order) for index, each in enumerate(message.environment_classes)
        ]
        references = await find_references(
            self._tx, (message.prebuild_configuration,), (id for id, _ in class_ids)
        )
        project = new_project(
            references,
            self._origin(id, creator, message.created_at),
            name=message.name,
            initializer=message.initializer,
            devcontainer_file_path=message.devcontainer_file_path,
            automations_file_path=message.automations_file_path,
            technical_description=message.technical_description,
            prebuilds=message.prebuild_configuration,
            recommended_editors=message.recommended_editors,
            environment_classes=class_ids,
        )
        await self._tx.projects.add(project)

    async def _write_environment(self, message: seed_pb.Environment, id: str) -> None:
        tx = self._tx
        creator = await existing(tx.users, "creator_id", "user", message.creator_id)
        organization_id = creator.organization_id
        if message.project_id:
            await existing(tx.projects, "project_id", "project", message.project_id, organization_id)
        if class_id := message.environment_class_id:
            field, kind = "environment_class_id", "environment class"
            await existing(tx.environment_classes, field, kind, class_id, organization_id)
        environment = records.Environment(
            id=id,
            organization_id=organization_id,
            creator=reference(creator),
            created_at=self._created_at(message.created_at),
            project_id=message.project_id.lower(),
            environment_class_id=class_id.lower(),
            initializer=message.initializer,
            devcontainer_file_path=message.devcontainer_file_path,
            automations_file_path=message.automations_file_path,
        )
        await tx.environments.add(environment)

    async def _write_token(self, message: seed_pb.Token, id: str) -> None:
        owner = await self._references.subject("user_id", message.user_id)
        await new_token(
            self._tx,
            self._origin(id, owner, message.created_at),
            owner=reference(owner),
            secret=message.secret,
            description=message.description,
            read_only=message.read_only,
            expires_at=None if message.expires_at is None else instant(message.expires_at),
        )

    async def _organization_id(self, given: str) -> str:
        field = "organization_id"
        if given:
            if await self._tx.organizations.get(given.lower()) is None:
                raise invalid_field(field, f"no organization {given} exists")
            return given.lower()
        if len(self._organization_ids) != 1:
            count = len(self._organization_ids) or "no"
            raise invalid_field(field, f"must be given, as the file has {count} organizations")
        return self._organization_ids[0]

    def _origin(self, id: str, creator: Subject, created_at: Timestamp | None) -> records.Origin:
        return records.Origin(
            id=id,
            organization_id=creator.organization_id,
            creator=reference(creator),
            created_at=self._created_at(created_at),
        )

    def _created_at(self, given: Timestamp | None) -> int:
        return self._now if given is None else instant(given)


def _class_id(index: int, given: ProjectEnvironmentClass) -> str:
    """Return the id of the environment class that is chosen; an empty one for the local runner."""
    chosen = given.environment_class
    if chosen is None or chosen.value is False:
        text = "must have either local_runner: true or environment_class_id"
        raise invalid_field(f"environment_classes[{index}]", text)
    return "" if chosen.field == "local_runner" else chosen.value
