"""References that lead nowhere, ids and secrets that are taken."""

from __future__ import annotations

from textwrap import dedent

import pytest

from seed.support import LoadText, records
from triptych.seed import SeedError
from triptych.store.base import Store

ORGANIZATION, ADA, BOT, CLASS, OTHER_ORGANIZATION, BOB, OTHER_CLASS, OTHER_PROJECT, NOBODY = (
    f"01970000-0000-7000-8000-00000000000{digit}" for digit in "123456789"
)

# Follows the section that is tested, so that the lines of that are counted from 1.
REST = f"""
organizations:
  - {{id: {ORGANIZATION}, name: X}}
  - {{id: {OTHER_ORGANIZATION}, name: Y}}
users:
  - {{id: {ADA}, organizationId: {ORGANIZATION}, name: Ada}}
  - {{id: {BOB}, organizationId: {OTHER_ORGANIZATION}, name: Bob}}
serviceAccounts:
  - {{id: {BOT}, organizationId: {ORGANIZATION}, name: Bot}}
"""
RUNNERS = f"""
runners:
  - {{id: 01970000-0000-7000-8000-00000000000a, organizationId: {ORGANIZATION}, name: R, kind: 2}}
  - {{id: 01970000-0000-7000-8000-00000000000b, organizationId: {OTHER_ORGANIZATION}, name: R, kind: 2}}
environmentClasses:
  - {{id: {CLASS}, runnerId: 01970000-0000-7000-8000-00000000000a, name: C}}
  - {{id: {OTHER_CLASS}, runnerId: 01970000-0000-7000-8000-00000000000b, name: C}}
"""
PROJECTS = f"""
projects:
  - {{id: {OTHER_PROJECT}, creatorId: {BOB}, name: P}}
"""

CASES: dict[str, tuple[str, str]] = {
    "organization left out": (
        """\
        groups:
          - name: G
        """,
        "2: groups[0].organization_id: must be given, as the file has 2 organizations",
    ),
    "no such organization": (
        f"""\
        groups:
          - name: G
            organization_id: {NOBODY}
        """,
        f"3: groups[0].organization_id: no organization {NOBODY} exists",
    ),
    "no such member": (
        f"""\
        groups:
          - name: G
            organizationId: {ORGANIZATION}
            memberIds:
              - {BOT}
              - {ORGANIZATION}
        """,
        f"6: groups[0].member_ids[1]: no user or service account {ORGANIZATION} exists",
    ),
    "member of another organization": (
        f"""\
        groups:
          - name: G
            organizationId: {ORGANIZATION}
            memberIds: [{BOB}]
        """,
        f"4: groups[0].member_ids[0]: user or service account {BOB} belongs to another organization",
    ),
    "no such creator": (
        f"""\
        projects:
          - name: P
            creatorId: {NOBODY}
        """,
        f"3: projects[0].creator_id: no user or service account {NOBODY} exists",
    ),
    "no such class": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            environmentClasses:
              - environmentClassId: {CLASS}
              - order: 1
                environmentClassId: {NOBODY}
        """,
        (
            "7: projects[0].environment_classes[1].environment_class_id:"
            f" environment class {NOBODY} does not exist"
        ),
    ),
    "class of another organization": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            environmentClasses:
              - environmentClassId: {OTHER_CLASS}
        """,
        (
            "5: projects[0].environment_classes[0].environment_class_id:"
            f" environment class {OTHER_CLASS} does not exist"
        ),
    ),
    "empty class": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            environmentClasses:
              - order: 1
        """,
        "5: projects[0].environment_classes[0]: must have either local_runner: true or environment_class_id",
    ),
    "class of no local runner": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            environmentClasses:
              - localRunner: false
        """,
        "5: projects[0].environment_classes[0]: must have either local_runner: true or environment_class_id",
    ),
    "no such class of prebuilds": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            prebuildConfiguration:
              environmentClassIds:
                - {CLASS}
                - {OTHER_CLASS}
        """,
        (
            "7: projects[0].prebuild_configuration.environment_class_ids[1]:"
            f" environment class {OTHER_CLASS} does not exist"
        ),
    ),
    "no such executor": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            prebuildConfiguration:
              executor: {{id: {BOB}}}
        """,
        (
            "5: projects[0].prebuild_configuration.executor.id:"
            f" prebuild executor {BOB} is no user or service account of the organization"
        ),
    ),
    "executor of another kind": (
        f"""\
        projects:
          - name: P
            creatorId: {ADA}
            prebuildConfiguration:
              executor:
                principal: PRINCIPAL_USER
                id: {BOT}
        """,
        (
            "7: projects[0].prebuild_configuration.executor.id:"
            f" prebuild executor {BOT} is no user or service account of the organization"
        ),
    ),
    "no such creator of an environment": (
        f"""\
        environments:
          - creatorId: {BOT}
        """,
        f"2: environments[0].creator_id: no user {BOT} exists",
    ),
    "no such project": (
        f"""\
        environments:
          - creatorId: {ADA}
            projectId: {NOBODY}
        """,
        f"3: environments[0].project_id: no project {NOBODY} exists",
    ),
    "project of another organization": (
        f"""\
        environments:
          - creatorId: {ADA}
          - creatorId: {ADA}
            projectId: {OTHER_PROJECT}
        """,
        f"4: environments[1].project_id: project {OTHER_PROJECT} belongs to another organization",
    ),
    "no such class of an environment": (
        f"""\
        environments:
          - creatorId: {ADA}
            environmentClassId: {NOBODY}
        """,
        f"3: environments[0].environment_class_id: no environment class {NOBODY} exists",
    ),
    "environment with a class of another organization": (
        f"""\
        environments:
          - creatorId: {ADA}
            environmentClassId: {OTHER_CLASS}
        """,
        (
            "3: environments[0].environment_class_id:"
            f" environment class {OTHER_CLASS} belongs to another organization"
        ),
    ),
    "no such owner": (
        f"""\
        tokens:
          - secret: s
            userId: {NOBODY}
        """,
        f"3: tokens[0].user_id: no user or service account {NOBODY} exists",
    ),
    "secret given twice": (
        f"""\
        tokens:
          - {{userId: {ADA}, secret: hidden}}
          - userId: {BOT}
            secret: hidden
        """,
        "4: tokens[1].secret: another token has the same secret",
    ),
    "id given twice": (
        f"""\
        groups:
          - name: G
            id: {NOBODY}
            organizationId: {ORGANIZATION}
        tokens:
          - userId: {ADA}
            secret: s
            id: {NOBODY}
        """,
        f"8: tokens[0].id: {NOBODY} is given twice, first on line 2",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_cannot_be_loaded(case: str, load_text: LoadText, store: Store) -> None:
    section, expected = CASES[case]
    text = dedent(section) + REST + RUNNERS + ("" if section.lstrip().startswith("projects") else PROJECTS)
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", text)
    assert str(error.value) == f"a.yaml:{expected}"
    found = await records(store, [ORGANIZATION, OTHER_ORGANIZATION, ADA, BOB, BOT, CLASS, OTHER_PROJECT])
    assert not any(found.values())


async def test_the_rest_of_the_files_above_is_right(load_text: LoadText) -> None:
    summary = await load_text("a.yaml", REST + RUNNERS + PROJECTS)
    assert sum(summary.counts.values()) == 10


async def test_no_such_runner(load_text: LoadText) -> None:
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", f"environmentClasses:\n- name: C\n  runnerId: {NOBODY}")
    assert str(error.value) == f"a.yaml:3: environment_classes[0].runner_id: no runner {NOBODY} exists"


async def test_lines_of_ndjson(load_text: LoadText) -> None:
    text = '{"organization": {"name": "X"}}\n\n' + f'{{"project": {{"name": "P", "creatorId": "{ADA}"}}}}'
    with pytest.raises(SeedError) as error:
        await load_text("a.ndjson", text)
    assert str(error.value) == f"a.ndjson:3: project.creator_id: no user or service account {ADA} exists"


async def test_what_is_stored_stays_as_it_is(load_text: LoadText, store: Store) -> None:
    await load_text("a.yaml", REST + f"tokens:\n- {{userId: {ADA}, secret: hidden}}")
    before = await records(store, [ORGANIZATION, ADA])
    with pytest.raises(SeedError) as error:
        await load_text("b.yaml", f"groups:\n- name: G\n  organizationId: {ORGANIZATION}\n  id: {ADA}")
    assert str(error.value) == f"b.yaml:4: groups[0].id: {ADA} is in the store already"
    with pytest.raises(SeedError) as error:
        await load_text("b.yaml", f"tokens:\n- userId: {BOT}\n  secret: hidden")
    assert str(error.value) == "b.yaml:3: tokens[0].secret: another token has the same secret"
    assert await records(store, [ORGANIZATION, ADA]) == before
