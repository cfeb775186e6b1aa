"""What a store holds, as the lines of a seed file: what `load` makes the same store of again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, TypeVar

from protobuf import Oneof

from triptych.clock import timestamp
from triptych.documents import typeid
from triptych.store.base import Transaction
from triptych.store.records import Document, DocumentVersion, Environment, Project, Role, Token, User, View
from triptych.store.tables import Table
from triptych_api.gitpod.v1.project_pb import ProjectEnvironmentClass
from triptych_api.triptych.seed.v1 import seed_pb

RecordT = TypeVar("RecordT")

_ClassId: TypeAlias = Literal["environment_class_id"]
_Local: TypeAlias = Literal["local_runner"]
_Data: TypeAlias = Literal["data"]

_PAGE: Final = 500


async def export_lines(tx: Transaction) -> AsyncIterator[bytes]:
    """Yield the lines of a seed file, in an order in which each refers to those before it only.

    What refers to a thing that is gone does not refer to it any more; views of documents that are gone are
    left out.
    """
    async for organization in _all(tx.organizations):
        yield _line("organization", seed_pb.Organization(id=organization.id, name=organization.name))
    first = await tx.users.first_active_administrator()
    if first is not None:  # so that it still is the one that was added first
        yield _line("user", _user(first))
    async for user in _all(tx.users):
        if user != first:
            yield _line("user", _user(user))
    async for account in _all(tx.service_accounts):
        message = seed_pb.ServiceAccount(
            id=account.id, organization_id=account.organization_id, name=account.name
        )
        yield _line("service_account", message)
    async for group in _all(tx.groups):
        members = sorted((await tx.references(group.member_ids)).subjects)
        yield _line(
            "group",
            seed_pb.Group(
                id=group.id, organization_id=group.organization_id, name=group.name, member_ids=members
            ),
        )
    async for runner in _all(tx.runners):
        yield _line(
            "runner",
            seed_pb.Runner(
                id=runner.id, organization_id=runner.organization_id, name=runner.name, kind=runner.kind
            ),
        )
    async for each in _all(tx.environment_classes):
        yield _line(
            "environment_class",
            seed_pb.EnvironmentClass(id=each.id, runner_id=each.runner_id, name=each.name),
        )
    async for project in _all(tx.projects):
        yield _line("project", _project(project))
    async for page in _pages(tx.environments):
        projects = await tx.projects.get_many({each.project_id for each in page})
        classes = await tx.environment_classes.get_many({each.environment_class_id for each in page})
        for environment in page:
            yield _line("environment", _environment(environment, projects, classes))
    async for token in _all(tx.tokens):
        yield _line("token", _token(token))
    async for line in _documents(tx):
        yield line


async def _pages(table: Table[RecordT]) -> AsyncIterator[Sequence[RecordT]]:
    last = ""
    while page := await table.following(last, _PAGE):
        yield page
        last = page[-1].id  # type: ignore[attr-defined] # every record has one


async def _all(table: Table[RecordT]) -> AsyncIterator[RecordT]:
    async for page in _pages(table):
        for record in page:
            yield record


def _line(field: Any, message: Any) -> bytes:
    return seed_pb.SeedLine(item=Oneof(field, message)).to_json().encode() + b"\n"


def _user(user: User) -> seed_pb.SeedUser:
    is_administrator = user.role is Role.ADMINISTRATOR
    return seed_pb.SeedUser(
        id=user.id,
        organization_id=user.organization_id,
        name=user.name,
        email=user.email,
        avatar_url=user.avatar_url,
        role=seed_pb.Role.ADMINISTRATOR if is_administrator else seed_pb.Role.MEMBER,
        status=user.status,
        created_at=timestamp(user.created_at),
    )


def _project(project: Project) -> seed_pb.SeedProject:
    classes = [
        ProjectEnvironmentClass(
            environment_class=Oneof[_ClassId, str]("environment_class_id", each.environment_class_id)
            if each.environment_class_id
            else Oneof[_Local, bool]("local_runner", True),
            order=each.order,
        )
        for each in project.environment_classes
    ]
    return seed_pb.SeedProject(
        id=project.id,
        creator_id=project.creator.id,
        name=project.name,
        initializer=project.initializer,
        devcontainer_file_path=project.devcontainer_file_path,
        automations_file_path=project.automations_file_path,
        technical_description=project.technical_description,
        prebuild_configuration=project.prebuild_configuration,
        environment_classes=classes,
        recommended_editors=project.recommended_editors,
        created_at=timestamp(project.created_at),
        updated_at=timestamp(project.updated_at),
        editor_group_ids=sorted(project.editor_group_ids),
        admin_group_ids=sorted(project.admin_group_ids),
        version=project.version,
    )


def _environment(
    environment: Environment, projects: Container[str], classes: Container[str]
) -> seed_pb.Environment:
    project_id, class_id = environment.project_id, environment.environment_class_id
    return seed_pb.Environment(
        id=environment.id,
        creator_id=environment.creator.id,
        project_id=project_id if project_id in projects else "",
        environment_class_id=class_id if class_id in classes else "",
        initializer=environment.initializer,
        devcontainer_file_path=environment.devcontainer_file_path,
        automations_file_path=environment.automations_file_path,
        created_at=timestamp(environment.created_at),
    )


def _token(token: Token) -> seed_pb.Token:
    return seed_pb.Token(
        id=token.id,
        user_id=token.owner.id,
        digest=token.digest,
        description=token.description,
        read_only=token.read_only,
        creator_id=token.creator.id,
        created_at=timestamp(token.created_at),
        expires_at=None if token.expires_at is None else timestamp(token.expires_at),
        last_used=None if token.last_used is None else timestamp(token.last_used),
    )


async def _documents(tx: Transaction) -> AsyncIterator[bytes]:
    others = await _other_versions(tx)
    views = aiter(_all(tx.views))  # in the order of documents, as those are
    view = await anext(views, None)
    async for page in _pages(tx.documents):
        currents = await tx.document_versions.get_many(each.current_version_id for each in page)
        for document in page:
            viewed: list[View] = []
            while view is not None and view.document_id <= document.id:
                if view.document_id == document.id:
                    viewed.append(view)
                view = await anext(views, None)
            current = currents.get(document.current_version_id)
            ids = others.get(document.id)
            before = await tx.document_versions.get_many(ids) if ids else {}
            yield _line("document", await _document(tx, document, current, before.values(), viewed))


async def _other_versions(tx: Transaction) -> Mapping[str, list[str]]:
    """Return the ids of the versions that are not current, by document: mostly none."""
    others: dict[str, list[str]] = {}
    async for page in _pages(tx.document_versions):
        documents = await tx.documents.get_many({each.document_id for each in page})
        for version in page:
            document = documents.get(version.document_id)
            if document is not None and document.current_version_id != version.id:
                others.setdefault(document.id, []).append(version.id)
    return others


async def _document(
    tx: Transaction,
    document: Document,
    current: DocumentVersion | None,
    before: Iterable[DocumentVersion],
    views: Iterable[View],
) -> seed_pb.SeedDocument:
    grants = [
        seed_pb.DocumentGrant(
            recipient_id=grant.recipient_id,
            role=seed_pb.DocumentRole(int(grant.role)),
            granted_at=timestamp(grant.granted_at),
        )
        for grant in document.grants
    ]
    if current is None:  # it has been lost
        current = DocumentVersion(
            id=document.current_version_id,
            document_id=document.id,
            creator=document.creator,
            created_at=document.created_at,
            source_format=document.source_format,
            file_name="",
            size=0,
            processing_status=document.processing_status,
        )
    return seed_pb.SeedDocument(
        id=typeid.encode("doc", document.id),
        owner_id=document.owner.id,
        title=document.title,
        description=document.description or "",
        access_level=document.access_level,
        content=Oneof[_Data, bytes]("data", await _content(tx, current.id)),
        grants=grants,
        views=[
            seed_pb.DocumentView(viewer_id=view.viewer_id, viewed_at=timestamp(view.viewed_at))
            for view in views
        ],
        created_at=timestamp(document.created_at),
        creator_id=document.creator.id,
        updated_at=timestamp(document.updated_at),
        trashed_at=None if document.trashed_at is None else timestamp(document.trashed_at),
        is_demo=document.is_demo,
        version=document.version,
        current=_version(current, b""),
        versions=[_version(each, await _content(tx, each.id)) for each in before],
    )


def _version(version: DocumentVersion, data: bytes) -> seed_pb.SeedDocumentVersion:
    message = seed_pb.SeedDocumentVersion(
        id=version.id,
        creator_id=version.creator.id,
        created_at=timestamp(version.created_at),
        source_format=version.source_format,
        file_name=version.file_name,
        size=version.size,
        content_hash=version.content_hash,
        status=version.processing_status,
        data=data,
    )
    if version.title is not None:
        message.title = version.title
    if version.description is not None:
        message.description = version.description
    return message


async def _content(tx: Transaction, version_id: str) -> bytes:
    return b"".join([chunk async for chunk in tx.contents.chunks(version_id)])
