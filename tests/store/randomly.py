"""Random records and queries, from pools so small that they meet: quick to make, by the hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from store import builders as make
from store.builders import LOCAL_CLASS, project_class, uuid
from triptych.store.queries import (
    Audience,
    DocumentQuery,
    DocumentSort,
    ProjectQuery,
    ProjectSort,
    Reach,
    TokenQuery,
)
from triptych.store.records import (
    Document,
    DocumentRole,
    DocumentVersion,
    Grant,
    Project,
    Role,
    SubjectRef,
    View,
    view_id,
)
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus

FIRST: Final = -62_135_596_800 * 10**9
LAST: Final = 253_402_300_799_999_999_999
INSTANTS: Final = (*range(50, 56), FIRST, FIRST + 1, -1, LAST - 1, LAST, 10**18, 2 * 10**9)
ORGANIZATIONS: Final = (make.ORGANIZATION, make.OTHER_ORGANIZATION)
PEOPLE: Final = tuple(map(uuid, (1, 2, 3)))
SUBJECTS: Final = (
    *(SubjectRef(id, Principal.USER) for id in PEOPLE),
    SubjectRef(uuid(4), Principal.SERVICE_ACCOUNT),
)
RUNNERS: Final = (uuid(0xB1), uuid(0xB2))
CLASSES: Final = (
    project_class(RUNNERS[0]),
    project_class(RUNNERS[1], RunnerKind.LOCAL_CONFIGURATION),
    LOCAL_CLASS,
)
URIS: Final = ("https://e.org/a/abba.git", "git@e.org:a/Baß.git", "https://e.org/a/cab/", "https://e.org/00b")
TITLES: Final = (
    *("Straße", "STRASSE", "Apfel", "apfel", "Zebra"),
    *("I\u0307x", "é", "e\u0301", '100% "a_b"', "\U0001f600 ok"),
)
DESCRIPTIONS: Final = (None, "", "annual REPORT", "straße 5", "\\ a_b")
TEXTS: Final = ("", "", "ss", "STRASSE", "é", "E", "port", 'a_b"', "%", "\\", "zzz", "\0ab", "\U0001f600")
SEARCHES: Final = (
    "a\0bc",
    "a",
    "B",
    "ba",
    "ss",
    "abc",
    "cab",
    "ABBA",
    "c-a",
    "0",
    "0000000",
    uuid(3),
    'z"',
    "\\",
)


def few(random: Random, pool: Sequence[Any], most: int = 2) -> tuple[Any, ...]:
    """Return a filter's values: mostly none."""
    return tuple(random.sample(pool, random.choice((0, 0, 0, *range(1, most + 1)))))


def instant(random: Random) -> int:
    return random.choice(INSTANTS)


def maybe_instant(random: Random) -> int | None:
    return random.choice((None, instant(random)))


def organization(random: Random) -> str:
    return random.choice((*ORGANIZATIONS, ORGANIZATIONS[0]))


def project(random: Random, number: int) -> Project:
    return make.project(
        number,
        "".join(random.choices("abcAß-0", k=random.randrange(6))),
        *few(random, URIS),
        organization_id=organization(random),
        creator=random.choice(SUBJECTS),
        created_at=instant(random),
        updated_at=instant(random),
        environment_classes=few(random, CLASSES),
        editor_group_ids=frozenset(few(random, PEOPLE)),
        version=random.randrange(1, 5),
    )


def document(random: Random, number: int) -> Document:
    return Document(
        id=uuid(number),
        organization_id=organization(random),
        owner=random.choice(SUBJECTS),
        creator=random.choice(SUBJECTS),
        title=random.choice(TITLES),
        description=random.choice(DESCRIPTIONS),
        access_level=random.choice((AccessLevel.PRIVATE, AccessLevel.ORGANIZATION, AccessLevel.PUBLIC)),
        processing_status=random.choice((ProcessingStatus.PROCESSING, *3 * (ProcessingStatus.READY,))),
        source_format=random.choice(("pdf", "csv")),
        current_version_id=uuid(number + 100),
        created_at=instant(random),
        updated_at=instant(random),
        trashed_at=random.choice((None, None, instant(random))),
        grants=tuple(
            Grant(
                recipient_id=random.choice((*PEOPLE, *ORGANIZATIONS)),
                role=random.choice(tuple(DocumentRole)),
                granted_at=instant(random),
            )
            for _ in range(random.choice((0, 0, 1, 3)))
        ),
        version=random.randrange(1, 5),
    )


def document_version(random: Random, number: int) -> DocumentVersion:
    return DocumentVersion(
        id=uuid(number),
        document_id=uuid(number % 7),
        creator=random.choice(SUBJECTS),
        created_at=instant(random),
        source_format="csv",
        file_name="a.csv",
        size=random.randrange(2**40),
        title=random.choice((None, *TITLES)),
        content_hash=random.randbytes(random.choice((0, 32))),
        processing_status=random.choice((ProcessingStatus.PROCESSING, ProcessingStatus.READY)),
    )


def view(random: Random, number: int) -> View:
    return View(uuid(number), random.choice(PEOPLE), instant(random))


RECORDS: Final[Mapping[str, Callable[[Random, int], Any]]] = {
    "organizations": lambda random, number: make.organization(number, random.choice(TITLES)),
    "users": lambda random, number: make.user(
        number,
        name=random.choice(TITLES),
        role=random.choice(tuple(Role)),
        status=random.choice((UserStatus.ACTIVE, UserStatus.SUSPENDED)),
        created_at=instant(random),
    ),
    "service_accounts": lambda random, number: make.service_account(number, random.choice(TITLES)),
    "groups": lambda random, number: make.group(number, *few(random, (1, 2, 3))),
    "runners": lambda random, number: make.runner(number, random.choice(TITLES)),
    "environment_classes": lambda random, number: make.environment_class(number, random.choice(TITLES)),
    "environments": lambda random, number: make.environment(
        number,
        random.choice((None, 1, 2, 3, 4)),
        random.choice(SUBJECTS),
        created_at=instant(random),
    ),
    "tokens": lambda random, number: make.token(
        number,
        random.randrange(1, 4),
        organization_id=organization(random),
        digest=random.randrange(1, 30).to_bytes(32, "big"),
        created_at=instant(random),
        expires_at=maybe_instant(random),
        last_used=maybe_instant(random),
        read_only=random.random() < 0.5,
    ),
    "projects": project,
    "documents": document,
    "document_versions": document_version,
    "views": view,
}
"""For each table, what makes a record of a number."""


def id_of(random: Random, table: str, number: int) -> str:
    return view_id(uuid(number), random.choice(PEOPLE)) if table == "views" else uuid(number)


def project_query(random: Random) -> ProjectQuery:
    return ProjectQuery(
        organization_id=organization(random),
        project_ids=few(random, [uuid(number) for number in range(1, 25)], 8),
        search=random.choice(SEARCHES) if random.random() < 0.5 else "",
        runner_ids=few(random, RUNNERS),
        runner_kinds=few(random, (RunnerKind.REMOTE, RunnerKind.LOCAL, RunnerKind.LOCAL_CONFIGURATION)),
        spec_remote_uris=few(random, URIS),
        creator_ids=few(random, PEOPLE),
        sort=random.choice(tuple(ProjectSort)),
        descending=random.random() < 0.5,
    )


def token_query(random: Random) -> TokenQuery:
    owner_ids = random.choice((None, few(random, PEOPLE)))
    return TokenQuery(organization_id=organization(random), owner_ids=owner_ids, now=instant(random))


def audiences(random: Random, viewer_id: str) -> tuple[Audience, ...]:
    if random.random() < 0.1:
        pairs = [Audience(reach, id) for reach in Reach for id in (*PEOPLE, *ORGANIZATIONS)]
        return tuple(random.sample(pairs, random.randrange(4)))
    organization_id = organization(random)
    found = [
        Audience(Reach.USER, viewer_id),
        Audience(Reach.ORGANIZATION, organization_id),
        Audience(Reach.OPEN, organization_id),
    ]
    if random.random() < 0.4:
        found.append(Audience(Reach.ADMINISTRATOR, organization_id))
    return tuple(found)


_FILTERS: Final[Mapping[str, Callable[[Random], Any]]] = {
    "created_after": instant,
    "created_before": instant,
    "creators": lambda random: tuple(random.sample(SUBJECTS, 2)),
    "access_levels": lambda random: tuple(random.sample(tuple(AccessLevel)[1:], random.choice((1, 2)))),
    "processing_statuses": lambda random: tuple(random.sample(tuple(ProcessingStatus)[1:], 2)),
    "owned": lambda random: random.random() < 0.5,
    "trashed": lambda random: random.random() < 0.5,
    "organization_id": organization,
    "query": lambda random: random.choice(TEXTS),
    "title_contains": lambda random: random.choice(TEXTS),
    "description_contains": lambda random: random.choice(TEXTS),
    "source_formats": lambda random: (random.choice(("pdf", "csv")),),
}


def document_query(random: Random) -> DocumentQuery:
    """Return a query, mostly of few filters: else most answers are empty."""
    names = random.sample(sorted(_FILTERS), random.choice((0, 0, 1, 1, 2, 3)))
    viewer_id = random.choice(PEOPLE)
    return DocumentQuery(
        audiences=audiences(random, viewer_id),
        viewer_id=viewer_id,
        sort=random.choice(tuple(DocumentSort)),
        descending=random.random() < 0.5,
        **{"trashed": None, **{name: _FILTERS[name](random) for name in names}},
    )
