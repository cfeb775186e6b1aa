"""Random records, queries and changes, from pools so small that they meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from store import builders as make
from store.builders import LOCAL_CLASS, ORGANIZATION, OTHER_ORGANIZATION, project_class, subject, uuid
from store.naive import Model
from triptych.store.base import Transaction
from triptych.store.queries import ProjectQuery, ProjectSort, TokenQuery
from triptych.store.records import Document, DocumentRole, Grant, Project, Role, View
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus

URIS = ("https://e.org/a/abba.git", "git@e.org:a/Baß.git", "https://e.org/a/cab/", "https://e.org/00b")
RUNNERS = (uuid(0xB1), uuid(0xB2))
CLASSES = (project_class(RUNNERS[0]), project_class(RUNNERS[1], RunnerKind.LOCAL_CONFIGURATION), LOCAL_CLASS)
SEARCHES = ("a", "B", "ba", "ss", "ß", "abc", "cab", "ABBA", "c-a", "0", "00", "0000000", uuid(3), "zz")
CREATORS = tuple(map(uuid, (1, 2, 3)))
NOW = 50

organizations = st.sampled_from([ORGANIZATION, ORGANIZATION, ORGANIZATION, OTHER_ORGANIZATION])
numbers = st.integers(1, 24)
few = st.integers(1, 6)
instants = st.integers(40, 60)
subjects = st.builds(
    subject, st.integers(1, 3), st.sampled_from([Principal.USER, Principal.USER, Principal.SERVICE_ACCOUNT])
)
scores = st.dictionaries(numbers.map(uuid), st.integers(0, 3), max_size=8)


def projects(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Project]:
    """Return projects of those numbers."""
    return st.builds(
        lambda number, name, uris, **fields: make.project(number, name, *uris, **fields),
        numbers,
        st.text("abcAß-0", max_size=6),
        st.lists(st.sampled_from(URIS), max_size=2),
        organization_id=organizations,
        creator=subjects,
        environment_classes=st.lists(st.sampled_from(CLASSES), max_size=2).map(tuple),
    )


distinct_projects = st.lists(projects(numbers), unique_by=lambda each: each.id, max_size=20)
users = st.builds(
    make.user,
    few,
    role=st.sampled_from(Role),
    status=st.sampled_from([UserStatus.ACTIVE, UserStatus.SUSPENDED]),
)
groups = st.builds(
    lambda number, members: make.group(number, *members), few, st.sets(st.integers(1, 3), max_size=3)
)
tokens = st.builds(
    make.token,
    few | numbers,
    st.integers(1, 3),
    organization_id=organizations,
    created_at=instants,
    expires_at=st.none() | instants,
    description=st.sampled_from(["", "CI", "ä"]),
)
environments = st.builds(
    make.environment, few | numbers, st.none() | st.integers(1, 4), subjects, created_at=instants
)

LEVELS = (AccessLevel.PRIVATE, AccessLevel.ORGANIZATION, AccessLevel.PUBLIC)
grants = st.builds(
    Grant,
    recipient_id=st.sampled_from((*CREATORS, ORGANIZATION, OTHER_ORGANIZATION)),
    role=st.sampled_from(DocumentRole),
    granted_at=instants,
)


def documents(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Document]:
    """Return documents of those numbers."""
    return st.builds(
        lambda number, **fields: replace(make.document(number), **fields),
        numbers,
        organization_id=organizations,
        owner=subjects,
        creator=subjects,
        title=st.sampled_from(("Straße", "STRASSE", "Apfel", "apfel pie")),
        description=st.none() | st.sampled_from(("", "annual REPORT", "straße 5")),
        access_level=st.sampled_from(LEVELS),
        created_at=instants,
        updated_at=instants,
        trashed_at=st.none() | instants,
        grants=st.lists(grants, max_size=3).map(tuple),
    )


views = st.builds(View, document_id=few.map(uuid), viewer_id=st.sampled_from(CREATORS), viewed_at=instants)


def values(pool: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return a filter's values: mostly none."""
    return st.just(()) | st.lists(st.sampled_from(pool), max_size=3).map(tuple)


project_queries = st.builds(
    ProjectQuery,
    organization_id=st.just(ORGANIZATION),
    project_ids=st.just(()) | st.just(()) | st.lists(numbers.map(uuid), max_size=12).map(tuple),
    search=st.just("") | st.sampled_from(SEARCHES),
    runner_ids=values(RUNNERS),
    runner_kinds=values((RunnerKind.REMOTE, RunnerKind.LOCAL, RunnerKind.LOCAL_CONFIGURATION)),
    spec_remote_uris=values(URIS),
    creator_ids=values(CREATORS),
    sort=st.sampled_from(ProjectSort),
    descending=st.booleans(),
)
token_queries = st.builds(
    TokenQuery,
    organization_id=st.just(ORGANIZATION),
    owner_ids=st.none() | values(CREATORS),
    now=instants,
)

# A change of a table: what is put, or the id that is deleted.
Change = tuple[str, Any]


def _changes_of(table: str, records: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    return st.tuples(st.just(table), records | records | few.map(uuid))


project_changes = _changes_of("projects", projects(numbers)) | _changes_of("projects", projects(few))
changes = st.one_of(
    project_changes,
    _changes_of("users", users),
    _changes_of("groups", groups),
    _changes_of("tokens", tokens),
    _changes_of("environments", environments),
    _changes_of("documents", documents(few) | documents(numbers)),
    _changes_of("views", views),
)


async def apply(change: Change, tx: Transaction, model: Model) -> None:
    """Make a change in a transaction and in a model."""
    table, what = change
    if isinstance(what, str):
        there = what in model.tables[table]
        assert await getattr(tx, table).delete(what) == there
        model.delete(table, what)
    else:
        await getattr(tx, table).put(what)
        model.put(table, what)
