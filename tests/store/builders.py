"""Records with everything filled in but what a test is about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Any, Literal

from protobuf import Oneof

from triptych.store.base import Store, Transaction
from triptych.store.records import (
    Document,
    DocumentVersion,
    Environment,
    EnvironmentClass,
    Group,
    Organization,
    Project,
    ProjectClass,
    Role,
    Runner,
    ServiceAccount,
    SubjectRef,
    Token,
    User,
    View,
)
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.gitpod.v1.environment_initializer_pb import (
    ContextURLInitializer,
    EnvironmentInitializer,
    GitInitializer,
)
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus

Spec = EnvironmentInitializer.Spec
Git = Literal["git"]
ContextUrl = Literal["context_url"]


def uuid(number: int) -> str:
    """Return an id: a greater number gives one that sorts later."""
    return f"{number:08x}-0000-7000-8000-{number:012x}"


ORGANIZATION, OTHER_ORGANIZATION = uuid(0xA1), uuid(0xA2)
LATE = 1 << 60  # later than anything that a test makes


def subject(number: int, principal: Principal = Principal.USER) -> SubjectRef:
    return SubjectRef(uuid(number), principal)


def initializer(*remote_uris: str, context_url: str = "") -> EnvironmentInitializer:
    specs = [
        Spec(spec=Oneof[Git, GitInitializer]("git", GitInitializer(remote_uri=uri))) for uri in remote_uris
    ]
    if context_url:
        context = ContextURLInitializer(url=context_url)
        specs.append(Spec(spec=Oneof[ContextUrl, ContextURLInitializer]("context_url", context)))
    return EnvironmentInitializer(specs=specs)


def project_class(runner_id: str, kind: RunnerKind = RunnerKind.REMOTE) -> ProjectClass:
    id = uuid(0xC1) if runner_id else ""
    return ProjectClass(environment_class_id=id, runner_id=runner_id, runner_kind=kind, order=0)


LOCAL_CLASS = project_class("", RunnerKind.LOCAL)


def project(number: int, name: str = "project", *remote_uris: str, **fields: Any) -> Project:
    values: dict[str, Any] = {
        "organization_id": ORGANIZATION,
        "creator": subject(1),
        "created_at": number,
        "updated_at": number,
        "initializer": initializer(*remote_uris),
    }
    return Project(id=uuid(number), name=name, **{**values, **fields})


def user(number: int, **fields: Any) -> User:
    return User(
        id=uuid(number),
        **{"organization_id": ORGANIZATION, "name": f"user {number}", "created_at": number, **fields},
    )


def administrator(number: int, status: UserStatus = UserStatus.ACTIVE) -> User:
    return user(number, role=Role.ADMINISTRATOR, status=status)


def group(number: int, *members: int, name: str = "group") -> Group:
    ids = frozenset(map(uuid, members))
    return Group(id=uuid(number), organization_id=ORGANIZATION, name=name, member_ids=ids)


def token(number: int, owner: int | SubjectRef = 1, **fields: Any) -> Token:
    owner = subject(owner) if isinstance(owner, int) else owner
    values: dict[str, Any] = {
        "organization_id": ORGANIZATION,
        "creator": owner,
        "digest": number.to_bytes(32, "big"),
        "created_at": number,
    }
    return Token(id=uuid(number), owner=owner, **{**values, **fields})


def environment(
    number: int, project: int | None, creator: int | SubjectRef = 1, **fields: Any
) -> Environment:
    values: dict[str, Any] = {
        "organization_id": ORGANIZATION,
        "creator": subject(creator) if isinstance(creator, int) else creator,
        "created_at": number,
        "project_id": "" if project is None else uuid(project),
    }
    return Environment(id=uuid(number), **{**values, **fields})


def organization(number: int, name: str = "organization") -> Organization:
    return Organization(id=uuid(number), name=name)


def service_account(number: int, name: str = "service account") -> ServiceAccount:
    return ServiceAccount(id=uuid(number), organization_id=ORGANIZATION, name=name)


def runner(number: int, name: str = "runner") -> Runner:
    return Runner(id=uuid(number), organization_id=ORGANIZATION, name=name, kind=RunnerKind.REMOTE)


def environment_class(number: int, name: str = "class") -> EnvironmentClass:
    return EnvironmentClass(
        id=uuid(number),
        organization_id=ORGANIZATION,
        runner_id=uuid(0xB1),
        runner_kind=RunnerKind.REMOTE,
        name=name,
    )


def document(number: int, title: str = "document") -> Document:
    return Document(
        id=uuid(number),
        organization_id=ORGANIZATION,
        owner=subject(1),
        creator=subject(1),
        title=title,
        access_level=AccessLevel.ORGANIZATION,
        source_format="csv",
        current_version_id=uuid(0xD1),
        created_at=number,
        updated_at=number,
    )


def document_version(number: int, file_name: str = "file.csv") -> DocumentVersion:
    return DocumentVersion(
        id=uuid(number),
        document_id=uuid(0xD2),
        creator=subject(1),
        created_at=number,
        source_format="csv",
        file_name=file_name,
        size=3,
    )


def view(number: int, viewed_at: int = 1) -> View:
    return View(uuid(number), uuid(0xE1), viewed_at)


async def name_of(store: Store, number: int) -> str | None:
    """Return the name of an organization; None if there is none."""
    async with store.read(snapshot=False) as tx:
        found = await tx.organizations.get(uuid(number))
    return None if found is None else found.name


async def put(store: Store, table: str, *records: Any) -> None:
    """Write the records in one transaction."""
    await store.write(lambda tx: getattr(tx, table).put(*records))


async def delete(store: Store, table: str, *ids: str) -> None:
    """Delete the records in one transaction."""
    await store.write(lambda tx: getattr(tx, table).delete(*ids))


class UndoneError(Exception):
    """Raised by a body whose changes are to be undone."""


async def undone(store: Store, body: Callable[[Transaction], Awaitable[object]]) -> None:
    """Run a body, and undo what it does."""

    async def fail(tx: Transaction) -> None:
        await body(tx)
        raise UndoneError

    with suppress(UndoneError):
        await store.write(fail)


async def set_popularity(store: Store, scores: Mapping[int, int]) -> None:
    """Set the scores of projects by their numbers, and of all others to 0."""
    await make_popular(store, {uuid(number): score for number, score in scores.items()})


async def make_popular(store: Store, scores: Mapping[str, int]) -> None:
    """Set the scores of projects by their ids, and of all others to 0, by environments that come and go."""
    made = [
        replace(environment(0xE000_0000 + number, None), project_id=project_id)
        for number, project_id in enumerate(chain.from_iterable([id] * score for id, score in scores.items()))
    ]
    made = [replace(each, created_at=LATE) for each in made]
    await put(store, "environments", *made)
    await store.recount_popularity(LATE)
    await delete(store, "environments", *(each.id for each in made))


async def settle() -> None:
    """Let the other tasks run until each waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)
