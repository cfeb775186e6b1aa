"""What a store must answer, found by looking at every record."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from triptych.store.base import Transaction
from triptych.store.queries import (
    DocumentQuery,
    Held,
    Position,
    ProjectQuery,
    ProjectSort,
    TokenQuery,
    UsedBy,
    fold_text,
)
from triptych.store.records import Document, Project, Role, SubjectRef, Token
from triptych.store.sizes import document_size, project_size, token_size
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.user_pb import UserStatus

ENDLESS = 1000  # more rows than any test has

TABLES = (
    "organizations",
    "users",
    "service_accounts",
    "groups",
    "runners",
    "environment_classes",
    "environments",
    "tokens",
    "projects",
    "documents",
    "document_versions",
    "views",
)

SIZES: Mapping[str, Callable[[Any], int]] = {
    "documents": document_size,
    "projects": project_size,
    "tokens": token_size,
}


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def uris(project: Project) -> list[str]:
    specs = (each.spec for each in project.initializer.specs)
    return [spec.value.remote_uri for spec in specs if spec is not None and spec.field == "git"]


def found_by(search: str, project: Project) -> bool:
    repositories = [re.sub(r"/*$", "", uri) for uri in uris(project)]
    names = [project.name, *(re.sub(r"^.*[/:]|\.git$", "", each) for each in repositories)]
    return project.id.startswith(search.lower()) or any(folded(search) in folded(name) for name in names)


def matches(query: ProjectQuery, project: Project) -> bool:
    classes = project.environment_classes
    return (
        project.organization_id == query.organization_id
        and (not query.project_ids or project.id in query.project_ids)
        and (not query.search or found_by(query.search, project))
        and (not query.runner_ids or any(each.runner_id in query.runner_ids for each in classes))
        and (not query.runner_kinds or any(each.runner_kind in query.runner_kinds for each in classes))
        and (not query.spec_remote_uris or any(uri in query.spec_remote_uris for uri in uris(project)))
        and (not query.creator_ids or project.creator.id in query.creator_ids)
    )


def sort_key(query: ProjectQuery, position: Position) -> tuple[int, int]:
    """Return what ascends in the order of the query."""
    number = int(position.id.replace("-", ""), 16)
    if query.sort is ProjectSort.ID:
        return 0, -number if query.descending else number
    return -position.key if query.descending else position.key, -number


class Model:
    """Records in plain dictionaries."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
        self.scores: Mapping[str, int] = {}

    def copy(self) -> Model:
        other = Model()
        other.tables = {name: dict(table) for name, table in self.tables.items()}
        other.scores = dict(self.scores)
        return other

    def put(self, table: str, record: Any) -> None:
        self.tables[table][record.id] = record

    def delete(self, table: str, id: str) -> None:
        self.tables[table].pop(id, None)
        if table == "projects":
            self.scores = {each: score for each, score in self.scores.items() if each != id}

    def set_popularity(self, scores: Mapping[str, int]) -> None:
        self.scores = {id: score for id, score in scores.items() if id in self.tables["projects"]}

    def projects(self, query: ProjectQuery) -> list[tuple[Project, Position]]:
        by_popularity = query.sort is ProjectSort.POPULARITY
        found = [
            (each, Position(self.scores.get(each.id, 0) if by_popularity else 0, each.id))
            for each in self.tables["projects"].values()
            if matches(query, each)
        ]
        return sorted(found, key=lambda row: sort_key(query, row[1]))

    def tokens(self, query: TokenQuery) -> list[Token]:
        found = [
            each
            for each in self.tables["tokens"].values()
            if each.organization_id == query.organization_id
            and (query.owner_ids is None or each.owner.id in query.owner_ids)
            and (each.expires_at is None or each.expires_at > query.now)
        ]
        return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)

    def held(self, table: str, organization_id: str) -> Held:
        size: Callable[[Any], int] = SIZES[table]
        own = [each for each in self.tables[table].values() if each.organization_id == organization_id]
        return Held(len(own), sum(map(size, own)))

    def used_by(self, project_id: str) -> UsedBy:
        latest: dict[SubjectRef, tuple[int, str]] = {}
        for each in self.tables["environments"].values():
            if each.project_id == project_id and each.creator.principal == Principal.USER:
                made = (each.created_at, each.id)
                latest[each.creator] = max(made, latest.get(each.creator, made))
        users = sorted(latest, key=lambda creator: latest[creator], reverse=True)
        return UsedBy(len(users), tuple(users[:10]))

    def recount(self, since: int) -> None:
        recent = [each for each in self.tables["environments"].values() if each.created_at >= since]
        self.set_popularity(Counter(each.project_id for each in recent if each.project_id))

    def groups_of(self, member_id: str) -> frozenset[str]:
        groups = self.tables["groups"].values()
        return frozenset(each.id for each in groups if member_id in each.member_ids)

    def first_active_administrator(self) -> Any:
        for each in self.tables["users"].values():
            if each.role is Role.ADMINISTRATOR and each.status == UserStatus.ACTIVE:
                return each
        return None


async def project_pages(
    tx: Transaction, query: ProjectQuery, size: int
) -> Sequence[tuple[Project, Position]]:
    """Return all pages of projects, put together."""
    rows: list[tuple[Project, Position]] = []
    while page := (await tx.projects.page(query, rows[-1][1] if rows else None, size)).rows:
        assert len(page) <= size
        rows += page
        assert len(rows) < ENDLESS
    return rows


async def token_pages(tx: Transaction, query: TokenQuery, size: int) -> Sequence[Token]:
    """Return all pages of tokens, put together."""
    rows: list[Token] = []
    after = None
    while page := await tx.tokens.page(query, after, size):
        assert len(page) <= size
        rows += page
        assert len(rows) < ENDLESS
        after = Position(rows[-1].created_at, rows[-1].id)
    return rows


def kept(query: DocumentQuery, document: Document) -> bool:
    """Tell whether a document passes all filters of a query."""
    title, description = fold_text(document.title), fold_text(document.description or "")
    has = document.description is not None
    return (
        (query.created_after is None or document.created_at >= query.created_after)
        and (query.created_before is None or document.created_at <= query.created_before)
        and (not query.creators or document.creator in query.creators)
        and (not query.access_levels or document.access_level in query.access_levels)
        and (not query.processing_statuses or document.processing_status in query.processing_statuses)
        and (query.owned is None or query.owned == (document.owner.id == query.viewer_id))
        and (query.trashed is None or query.trashed == (document.trashed_at is not None))
        and (not query.organization_id or document.organization_id == query.organization_id)
        and (not query.source_formats or document.source_format in query.source_formats)
        and fold_text(query.title_contains) in title
        and (not query.description_contains or (has and fold_text(query.description_contains) in description))
        and (fold_text(query.query) in title or (has and fold_text(query.query) in description))
    )
