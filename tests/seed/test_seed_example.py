"""examples/seed.yaml, record by record."""

from __future__ import annotations

from typing import Any

from protobuf import Oneof
from protobuf.wkt import Duration

from seed.support import EXAMPLE, NOW, LoadFile, records
from triptych.auth.authenticate import digest
from triptych.clock import NANOS
from triptych.store.base import Store
from triptych.store.records import (
    Document,
    DocumentRole,
    Environment,
    EnvironmentClass,
    Grant,
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
    view_id,
)
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.environment_initializer_pb import (
    ContextURLInitializer,
    EnvironmentInitializer,
    GitInitializer,
)
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.project_pb import (
    EditorVersions,
    PrebuildTrigger,
    ProjectPrebuildConfiguration,
    RecommendedEditors,
)
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus

PREFIX = "01970000-0000-7000-8000-0000000000"
ORGANIZATION = f"{PREFIX}01"
ADA = "f53d2330-3795-4c5d-a1f3-453121af9c60"
MAX = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
SAM = f"{PREFIX}12"
BOT = f"{PREFIX}21"
GROUP = f"{PREFIX}31"
RUNNER = f"{PREFIX}41"
SMALL, LARGE = "b0e12f6c-4c67-429d-a4a6-d9838b5da041", f"{PREFIX}52"
ENGINE, WEBSITE, HANDBOOK, NIGHTLY = (
    "b0e12f6c-4c67-429d-a4a6-d9838b5da047",
    f"{PREFIX}62",
    f"{PREFIX}63",
    f"{PREFIX}64",
)
ENVIRONMENTS = ["07e03a28-65a5-4d98-b532-8ea67b188048", f"{PREFIX}72", f"{PREFIX}73"]
NOTES, BUDGET = f"{PREFIX}91", f"{PREFIX}92"
TOKENS = ["d2c94c27-3b76-4a42-b88c-95a85e392c68", f"{PREFIX}82", f"{PREFIX}83"]

ADA_REF = SubjectRef(ADA, Principal.USER)
MAX_REF = SubjectRef(MAX, Principal.USER)
SMALL_CLASS = ProjectClass(
    environment_class_id=SMALL, runner_id=RUNNER, runner_kind=RunnerKind.REMOTE, order=0
)
LARGE_CLASS = ProjectClass(
    environment_class_id=LARGE, runner_id=RUNNER, runner_kind=RunnerKind.REMOTE, order=1
)
LOCAL_CLASS = ProjectClass(environment_class_id="", runner_id="", runner_kind=RunnerKind.LOCAL, order=0)


def git(*repositories: GitInitializer) -> EnvironmentInitializer:
    specs = [EnvironmentInitializer.Spec(spec=Oneof("git", repository)) for repository in repositories]
    return EnvironmentInitializer(specs=specs)


def user(id: str, name: str, created_at: int, **fields: Any) -> User:
    email = f"{name[:3].lower()}@example.org"
    return User(
        id=id,
        organization_id=ORGANIZATION,
        name=name,
        email=email,
        created_at=created_at * NANOS,
        **fields,
    )


def project(id: str, name: str, creator: SubjectRef, created_at: int, **fields: Any) -> Project:
    return Project(
        id=id,
        organization_id=ORGANIZATION,
        name=name,
        creator=creator,
        created_at=created_at * NANOS,
        updated_at=created_at * NANOS,
        **fields,
    )


def document(id: str, title: str, owner: SubjectRef, created_at: int, **fields: Any) -> Document:
    return Document(
        id=id,
        organization_id=ORGANIZATION,
        owner=owner,
        creator=owner,
        title=title,
        processing_status=ProcessingStatus.READY,
        current_version_id="",
        created_at=created_at,
        updated_at=created_at,
        **fields,
    )


def environment(id: str, creator: SubjectRef, project_id: str, class_id: str, **fields: Any) -> Environment:
    return Environment(
        id=id,
        organization_id=ORGANIZATION,
        creator=creator,
        created_at=NOW,
        project_id=project_id,
        environment_class_id=class_id,
        **fields,
    )


def token(id: str, owner: SubjectRef, secret: str, description: str, **fields: Any) -> Token:
    return Token(
        id=id,
        organization_id=ORGANIZATION,
        owner=owner,
        creator=owner,
        digest=digest(secret),
        description=description,
        created_at=NOW,
        **fields,
    )


EXPECTED: dict[str, list[Any]] = {
    "organizations": [Organization(id=ORGANIZATION, name="Lovelace Labs")],
    "users": [
        user(
            ADA,
            "Ada Lovelace",
            1736154000,
            avatar_url="https://example.org/avatars/ada.png",
            role=Role.ADMINISTRATOR,
        ),
        user(MAX, "Max Planck", 1738578600),
        user(SAM, "Sam Former", 1739175300, status=UserStatus.SUSPENDED),
    ],
    "service_accounts": [ServiceAccount(id=BOT, organization_id=ORGANIZATION, name="build-bot")],
    "groups": [
        Group(id=GROUP, organization_id=ORGANIZATION, name="Platform team", member_ids=frozenset({MAX, BOT}))
    ],
    "runners": [Runner(id=RUNNER, organization_id=ORGANIZATION, name="Frankfurt", kind=RunnerKind.REMOTE)],
    "environment_classes": [
        EnvironmentClass(
            id=id, organization_id=ORGANIZATION, runner_id=RUNNER, runner_kind=RunnerKind.REMOTE, name=name
        )
        for id, name in ((SMALL, "Small (2 cores, 8 GB)"), (LARGE, "Large (16 cores, 64 GB)"))
    ],
    "projects": [
        project(
            ENGINE,
            "Analytical Engine",
            ADA_REF,
            1741003200,
            initializer=git(
                GitInitializer(
                    remote_uri="https://github.com/example/analytical-engine.git",
                    target_mode=GitInitializer.CloneTargetMode.REMOTE_BRANCH,
                    clone_target="main",
                )
            ),
            devcontainer_file_path=".devcontainer/devcontainer.json",
            automations_file_path=".gitpod/automations.yaml",
            technical_description=(
                "The engine itself. Build it with `make`, then run `./engine cards/bernoulli`.\n"
            ),
            prebuild_configuration=ProjectPrebuildConfiguration(
                enabled=True,
                environment_class_ids=[SMALL],
                timeout=Duration(seconds=1800),
                trigger=PrebuildTrigger(
                    trigger=Oneof("daily_schedule", PrebuildTrigger.DailySchedule(hour_utc=4))
                ),
                executor=Subject(id=ADA, principal=Principal.USER),
            ),
            recommended_editors=RecommendedEditors(
                editors={"goland": EditorVersions(versions=["2025.1"]), "vscode": EditorVersions()}
            ),
            environment_classes=(SMALL_CLASS, LARGE_CLASS),
        ),
        project(
            WEBSITE,
            "Website",
            MAX_REF,
            1744616700,
            initializer=git(
                GitInitializer(remote_uri="https://github.com/example/website.git"),
                GitInitializer(
                    remote_uri="https://github.com/example/design-system.git",
                    checkout_location="design-system",
                ),
            ),
            environment_classes=(SMALL_CLASS,),
        ),
        project(
            HANDBOOK,
            "Handbook",
            MAX_REF,
            1747668000,
            initializer=EnvironmentInitializer(
                specs=[
                    EnvironmentInitializer.Spec(
                        spec=Oneof(
                            "context_url",
                            ContextURLInitializer(url="https://github.com/example/handbook/tree/main"),
                        )
                    )
                ]
            ),
            environment_classes=(LOCAL_CLASS,),
        ),
        project(
            NIGHTLY,
            "Nightly builds",
            SubjectRef(BOT, Principal.SERVICE_ACCOUNT),
            1748829600,
            initializer=git(GitInitializer(remote_uri="git@github.com:example/nightly.git")),
        ),
    ],
    "environments": [
        environment(
            ENVIRONMENTS[0],
            ADA_REF,
            ENGINE,
            SMALL,
            initializer=git(GitInitializer(remote_uri="https://github.com/example/analytical-engine.git")),
            devcontainer_file_path=".devcontainer/devcontainer.json",
        ),
        environment(ENVIRONMENTS[1], MAX_REF, ENGINE, LARGE),
        environment(ENVIRONMENTS[2], MAX_REF, WEBSITE, SMALL),
    ],
    "tokens": [
        token(TOKENS[0], ADA_REF, "triptych-admin-token", "Ada, administrator"),
        token(TOKENS[1], MAX_REF, "triptych-member-token", "Max, member"),
        token(TOKENS[2], MAX_REF, "triptych-read-only-token", "Max, reads only", read_only=True),
    ],
    "documents": [
        document(
            NOTES,
            "Notes on the Analytical Engine",
            ADA_REF,
            1750066200 * NANOS + 123_456_789,
            description="What it could do, and what it could not",
            access_level=AccessLevel.PUBLIC,
            source_format="markdown",
            file_bytes=100,
        ),
        document(
            BUDGET,
            "Budget",
            MAX_REF,
            1750695000 * NANOS,
            access_level=AccessLevel.PRIVATE,
            source_format="csv",
            file_bytes=33,
            grants=(Grant(recipient_id=BOT, role=DocumentRole.VIEWER, granted_at=1750762800 * NANOS),),
        ),
    ],
}


async def test_every_record_is_as_the_file_says(load_file: LoadFile, store: Store) -> None:
    await load_file(EXAMPLE)
    ids = [record.id for rows in EXPECTED.values() for record in rows]
    assert await records(store, ids) == EXPECTED


async def test_the_summary_counts_everything(load_file: LoadFile) -> None:
    summary = await load_file(EXAMPLE)
    assert summary.counts == {table: len(rows) for table, rows in EXPECTED.items()}


async def test_the_views_of_the_file(load_file: LoadFile, store: Store) -> None:
    await load_file(EXAMPLE)
    async with store.read() as tx:
        assert await tx.views.get(view_id(NOTES, MAX)) == View(NOTES, MAX, 1750424700 * NANOS)
        assert await tx.views.get(view_id(BUDGET, MAX)) is None


async def test_the_administrator_of_the_file_is_the_first(load_file: LoadFile, store: Store) -> None:
    await load_file(EXAMPLE)
    async with store.read() as tx:
        administrator = await tx.users.first_active_administrator()
    assert administrator is not None
    assert administrator.id == ADA
