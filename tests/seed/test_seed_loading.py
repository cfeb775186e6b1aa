"""What the loader fills in, and how references find what they name."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest
from protobuf.wkt import Duration

from seed.support import NOW, LoadText, records
from triptych.clock import NANOS
from triptych.seed import SeedError
from triptych.store.base import Store
from triptych.store.queries import ProjectQuery
from triptych.store.records import Organization, Project, Role, User
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.user_pb import UserStatus

ORGANIZATION, OTHER_ORGANIZATION, ADA, BOT, PROJECT, RUNNER, SMALL, LARGE, TOKEN = (
    f"01970000-0000-7000-8000-00000000000{digit}" for digit in "123456789"
)


async def projects(store: Store) -> Sequence[Project]:
    async with store.read() as tx:
        rows = (await tx.projects.page(ProjectQuery(organization_id=ORGANIZATION), None, 100)).rows
    return [project for project, _ in rows]


async def test_what_a_user_leaves_out(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml", f"organizations: [{{id: {ORGANIZATION}, name: X}}]\nusers: [{{id: {ADA}, name: Ada}}]"
    )
    expected = User(
        id=ADA,
        organization_id=ORGANIZATION,
        name="Ada",
        role=Role.MEMBER,
        status=UserStatus.ACTIVE,
        created_at=NOW,
    )
    assert (await records(store, [ADA]))["users"] == [expected]


async def test_what_a_project_leaves_out(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml",
        f"""
        organizations: [{{id: {ORGANIZATION}, name: X}}]
        serviceAccounts: [{{id: {BOT}, name: bot}}]
        projects: [{{creatorId: {BOT}, name: P, prebuildConfiguration: {{}}, recommendedEditors: {{}}}}]
        """,
    )
    [project] = await projects(store)
    assert uuid.UUID(project.id).version == 7
    assert project.created_at == project.updated_at == NOW
    assert project.initializer == EnvironmentInitializer()
    assert project.recommended_editors is None
    configuration = project.prebuild_configuration
    assert configuration is not None
    assert configuration.timeout == Duration(seconds=3600)
    assert configuration.executor == Subject(id=BOT, principal=Principal.SERVICE_ACCOUNT)


async def test_ids_are_in_lower_case_wherever_they_stand(load_text: LoadText, store: Store) -> None:
    organization, user, runner, environment_class, project, group, environment, token = (
        f"ABCDEF00-0000-7000-8000-00000000000{digit}" for digit in "12345678"
    )
    await load_text(
        "a.yaml",
        f"""
        organizations: [{{id: {organization}, name: X}}]
        users: [{{id: {user}, organizationId: {organization}, name: Ada}}]
        groups: [{{id: {group}, name: G, memberIds: [{user}]}}]
        runners: [{{id: {runner}, name: R, kind: RUNNER_KIND_REMOTE}}]
        environmentClasses: [{{id: {environment_class}, runnerId: {runner}, name: C}}]
        projects:
          - id: {project}
            creatorId: {user}
            name: P
            environmentClasses: [{{environmentClassId: {environment_class}}}]
            prebuildConfiguration:
              environmentClassIds: [{environment_class}]
              executor: {{id: {user}}}
        environments:
          - id: {environment}
            creatorId: {user}
            projectId: {project}
            environmentClassId: {environment_class}
        tokens: [{{id: {token}, userId: {user}, secret: s}}]
        """,
    )
    given = [organization, user, runner, environment_class, project, group, environment, token]
    found = await records(store, [id.lower() for id in given])
    assert [len(rows) for rows in found.values()] == [1, 1, 0, 1, 1, 1, 1, 1, 1, 0]
    assert "ABCDEF" not in repr(found)


async def test_times_and_order_are_kept(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml",
        f"""
        organizations: [{{id: {ORGANIZATION}, name: X}}]
        users:
          - {{id: {ADA}, name: Ada, createdAt: 1969-12-31T23:59:59.5Z}}
        runners: [{{id: {RUNNER}, name: R, kind: 2}}]
        environmentClasses:
          - {{id: {SMALL}, runnerId: {RUNNER}, name: C}}
          - {{id: {LARGE}, runnerId: {RUNNER}, name: C}}
        projects:
          - creatorId: {ADA}
            name: P
            createdAt: "2025-01-01T00:00:00+01:00"
            environmentClasses:
              - {{environmentClassId: {LARGE}, order: 7}}
              - {{environmentClassId: {SMALL}, order: -1}}
        tokens:
          - id: {TOKEN}
            userId: {ADA}
            secret: s
            createdAt: 2025-01-01T00:00:00Z
            expiresAt: 2025-01-02T00:00:00Z
        """,
    )
    found = await records(store, [ADA, TOKEN])
    assert found["users"][0].created_at == -NANOS // 2
    assert (found["tokens"][0].created_at, found["tokens"][0].expires_at) == (
        1735689600 * NANOS,
        1735776000 * NANOS,
    )
    [project] = await projects(store)
    assert project.created_at == project.updated_at == 1735686000 * NANOS
    assert [found.environment_class_id for found in project.environment_classes] == [SMALL, LARGE]


async def test_the_first_administrator_is_the_first_in_the_file(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml",
        f"""
        users:
          - {{name: Left, role: ROLE_ADMINISTRATOR, status: USER_STATUS_LEFT}}
          - {{id: {LARGE}, name: First, role: ROLE_ADMINISTRATOR}}
          - {{id: {ADA}, name: Second, role: ROLE_ADMINISTRATOR}}
        organizations: [{{id: {ORGANIZATION}, name: X}}]
        """,
    )
    async with store.read() as tx:
        administrator = await tx.users.first_active_administrator()
    assert administrator is not None
    assert administrator.name == "First"


async def test_a_file_may_refer_to_what_is_stored(load_text: LoadText, store: Store) -> None:
    await load_text("a.yaml", f"organizations: [{{id: {ORGANIZATION}, name: X}}]")
    summary = await load_text("b.yaml", f"users: [{{id: {ADA}, name: Ada, organizationId: {ORGANIZATION}}}]")
    assert summary.counts["users"] == 1
    assert (await records(store, [ADA]))["users"][0].organization_id == ORGANIZATION


async def test_with_several_organizations_each_thing_names_its_own(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml",
        f"""
        organizations:
          - {{id: {ORGANIZATION}, name: X}}
          - {{id: {OTHER_ORGANIZATION}, name: Y}}
        users: [{{id: {ADA}, name: Ada, organizationId: {OTHER_ORGANIZATION}}}]
        projects: [{{id: {PROJECT}, name: P, creatorId: {ADA}}}]
        """,
    )
    found = await records(store, [ORGANIZATION, OTHER_ORGANIZATION, ADA, PROJECT])
    assert found["organizations"] == [
        Organization(id=ORGANIZATION, name="X"),
        Organization(id=OTHER_ORGANIZATION, name="Y"),
    ]
    assert found["users"][0].organization_id == found["projects"][0].organization_id == OTHER_ORGANIZATION


async def test_yaml_words_and_numbers(load_text: LoadText, store: Store) -> None:
    await load_text(
        "a.yaml",
        f"""
        organizations: [{{id: {ORGANIZATION}, name: no}}]
        users:
          - {{id: {ADA}, name: 12:30:45, email: 0x10, avatarUrl: ~}}
          - {{id: {LARGE}, name: "1", email: 'true', avatarUrl: 1_000}}
        tokens: [{{id: {TOKEN}, userId: {ADA}, secret: 2025-01-01, readOnly: True}}]
        """,
    )
    found = await records(store, [ORGANIZATION, ADA, LARGE, TOKEN])
    assert found["organizations"][0].name == "no"
    assert [(user.name, user.email, user.avatar_url) for user in found["users"]] == [
        ("12:30:45", "0x10", ""),
        ("1", "true", "1_000"),
    ]
    assert found["tokens"][0].read_only


EDGES = {
    "0001-01-01T00:00:00Z": -62_135_596_800 * NANOS,
    "9999-12-31T23:59:59.999999999Z": 253_402_300_800 * NANOS - 1,
}


@pytest.mark.parametrize("text", EDGES)
@pytest.mark.parametrize("quote", ["", '"'])
async def test_instants_are_kept_over_the_whole_range(
    load_text: LoadText, store: Store, text: str, quote: str
) -> None:
    at = f"{quote}{text}{quote}"
    await load_text(
        "a.yaml",
        f"""
        organizations: [{{id: {ORGANIZATION}, name: X}}]
        users: [{{id: {ADA}, name: Ada, createdAt: {at}}}]
        tokens: [{{id: {TOKEN}, userId: {ADA}, secret: s, createdAt: {at}, expiresAt: {at}}}]
        """,
    )
    found = await records(store, [ADA, TOKEN])
    kept = [found["users"][0].created_at, found["tokens"][0].created_at, found["tokens"][0].expires_at]
    assert kept == [EDGES[text]] * 3


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0000-12-31T00:00:00Z"]
)
async def test_instants_beyond_the_range_are_refused(load_text: LoadText, text: str) -> None:
    with pytest.raises(SeedError, match=r"users\[0\]\.created_at: .*timestamp"):
        users = f"users: [{{name: Ada, createdAt: '{text}'}}]"
        await load_text("a.yaml", f"organizations: [{{name: X}}]\n{users}")
