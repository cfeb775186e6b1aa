"""Writes items as records, a batch at a time: what they refer to is looked up together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from protobuf.wkt import Timestamp

from triptych.auth.authenticate import digest
from triptych.clock import instant
from triptych.errors import invalid_field
from triptych.ids import Ids
from triptych.projects.changes import new_project
from triptych.seed.documents import DocumentWriter
from triptych.seed.items import DOCUMENT, KINDS, Kind, SeedItem
from triptych.seed.named import named
from triptych.seed.references import GivenTwiceError, References, existing, refusing
from triptych.store import records
from triptych.store.base import Subject, Transaction
from triptych.store.errors import AlreadyExistsError
from triptych.store.tables import Table
from triptych.users.subjects import reference
from triptych_api.gitpod.v1.project_pb import ProjectEnvironmentClass
from triptych_api.gitpod.v1.user_pb import UserStatus
from triptych_api.triptych.seed.v1 import seed_pb


class Writer:
    """Writes items in the order of `triptych.seed.items.KINDS`.

    What services create is made by their own constructors, with their checks.

    Args:
        tx: Where to write.
        ids: Makes the ids that are left out.
        now: When things were created that do not say so.
        max_upload: The most bytes that the content of a document may have.
    """

    def __init__(self, tx: Transaction, ids: Ids, now: int, max_upload: int) -> None:
        self._tx = tx
        self._ids = ids
        self._now = now
        self._references = References(tx)
        self._documents = DocumentWriter(tx, self._references, ids, now, max_upload)
        self._organization_ids: list[str] = []
        self._kind: Kind | None = None
        self._others: list[Table[Any]] = []

    async def write(self, kind: Kind, items: Sequence[SeedItem]) -> None:
        """Write items of a kind.

        Raises:
            SeedError: What an item refers to does not exist, or not in its organization; or the content of a
                document cannot be used.
            GivenTwiceError: An id is there already.
        """
        await self._require_new(kind, items)
        await self._references.find(**named([item.message for item in items]))
        if kind is DOCUMENT:
            await self._documents.write(items)
            return
        made = [refusing(item, self._record, item) for item in items]
        try:
            await _table(self._tx, kind).add(*made)
        except AlreadyExistsError as error:
            item = next(item for item, each in zip(items, made, strict=True) if each.id == error.id)
            if error.field == "id":
                raise GivenTwiceError(item) from None
            given = "digest" if isinstance(item.message, seed_pb.Token) and item.message.digest else "secret"
            raise item.place.error(given, "another token has the same secret") from None

    async def _require_new(self, kind: Kind, items: Sequence[SeedItem]) -> None:
        """Refuse ids that things of any other kind have; its own table refuses those of the same."""
        given: dict[str, SeedItem] = {}
        for item in items:
            if id := item.id:
                if id in given:
                    raise GivenTwiceError(item)
                given[id] = item
        if kind is not self._kind:
            self._kind = kind
            others = [_table(self._tx, other) for other in KINDS if other is not kind]
            self._others = [table for table in others if await table.following("", 1)]
        for table in self._others if given else ():
            for id in await table.get_many(given):
                raise GivenTwiceError(given[id])

    def _record(self, item: SeedItem) -> Any:
        """Return the record of an item that is no document."""
        id = item.id or self._ids.new()
        match item.message:
            case seed_pb.Organization() as message:
                self._organization_ids.append(id)
                return records.Organization(id=id, name=message.name)
            case seed_pb.SeedUser() as message:
                return self._user(message, id)
            case seed_pb.ServiceAccount() as message:
                organization_id = self._organization_id(message.organization_id)
                return records.ServiceAccount(id=id, organization_id=organization_id, name=message.name)
            case seed_pb.Group() as message:
                return self._group(message, id)
            case seed_pb.Runner() as message:
                organization_id = self._organization_id(message.organization_id)
                return records.Runner(
                    id=id, organization_id=organization_id, name=message.name, kind=message.kind
                )
            case seed_pb.EnvironmentClass() as message:
                runner = existing(self._references.runners, "runner_id", "runner", message.runner_id)
                return records.EnvironmentClass(
                    id=id,
                    organization_id=runner.organization_id,
                    runner_id=runner.id,
                    runner_kind=runner.kind,
                    name=message.name,
                )
            case seed_pb.SeedProject() as message:
                return self._project(message, id)
            case seed_pb.Environment() as message:
                return self._environment(message, id)
            case seed_pb.Token() as message:
                return self._token(message, id)

    def _user(self, message: seed_pb.SeedUser, id: str) -> records.User:
        is_administrator = message.role == seed_pb.Role.ADMINISTRATOR
        return records.User(
            id=id,
            organization_id=self._organization_id(message.organization_id),
            name=message.name,
            email=message.email,
            avatar_url=message.avatar_url,
            role=records.Role.ADMINISTRATOR if is_administrator else records.Role.MEMBER,
            status=message.status or UserStatus.ACTIVE,
            created_at=self._created_at(message.created_at),
        )

    def _group(self, message: seed_pb.Group, id: str) -> records.Group:
        organization_id = self._organization_id(message.organization_id)
        members = [
            self._references.subject(f"member_ids[{index}]", member_id, organization_id)
            for index, member_id in enumerate(message.member_ids)
        ]
        return records.Group(
            id=id,
            organization_id=organization_id,
            name=message.name,
            member_ids=frozenset(member.id for member in members),
        )

    def _project(self, message: seed_pb.SeedProject, id: str) -> records.Project:
        creator = self._references.subject("creator_id", message.creator_id)
        project = new_project(
            self._references.found,
            self._origin(id, creator, message.created_at),
            name=message.name,
            initializer=message.initializer,
            devcontainer_file_path=message.devcontainer_file_path,
            automations_file_path=message.automations_file_path,
            technical_description=message.technical_description,
            prebuilds=message.prebuild_configuration,
            recommended_editors=message.recommended_editors,
            environment_classes=[
                (_class_id(index, each), each.order) for index, each in enumerate(message.environment_classes)
            ],
        )
        return replace(
            project,
            updated_at=self._created_at(message.updated_at) if message.updated_at else project.updated_at,
            editor_group_ids=frozenset(id.lower() for id in message.editor_group_ids),
            admin_group_ids=frozenset(id.lower() for id in message.admin_group_ids),
            version=message.version or 1,
        )

    def _environment(self, message: seed_pb.Environment, id: str) -> records.Environment:
        references = self._references
        creator = references.user("creator_id", message.creator_id)
        organization_id = creator.organization_id
        if message.project_id:
            existing(references.projects, "project_id", "project", message.project_id, organization_id)
        if class_id := message.environment_class_id:
            field, kind = "environment_class_id", "environment class"
            existing(references.found.environment_classes, field, kind, class_id, organization_id)
        return records.Environment(
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

    def _token(self, message: seed_pb.Token, id: str) -> records.Token:
        owner = creator = self._references.subject("user_id", message.user_id)
        if message.creator_id and message.digest:
            creator = self._references.subject("creator_id", message.creator_id)
        return records.Token(
            id=id,
            organization_id=owner.organization_id,
            owner=reference(owner),
            creator=reference(creator),
            digest=message.digest or digest(message.secret),
            description=message.description,
            read_only=message.read_only,
            created_at=self._created_at(message.created_at),
            expires_at=None if message.expires_at is None else instant(message.expires_at),
            last_used=None if message.last_used is None or not message.digest else instant(message.last_used),
        )

    def _organization_id(self, given: str) -> str:
        field = "organization_id"
        if given:
            if given.lower() not in self._references.organizations:
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


def _table(tx: Transaction, kind: Kind) -> Table[Any]:
    table: Table[Any] = getattr(tx, kind.plural)
    return table


def _class_id(index: int, given: ProjectEnvironmentClass) -> str:
    """Return the id of the environment class that is chosen; an empty one for the local runner."""
    chosen = given.environment_class
    if chosen is None or chosen.value is False:
        text = "must have either local_runner: true or environment_class_id"
        raise invalid_field(f"environment_classes[{index}]", text)
    return "" if chosen.field == "local_runner" else chosen.value
