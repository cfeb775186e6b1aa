"""Which lists are asked for: sorts, filters and pairs of them, at several places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final, Literal

from bench.scale.data import creator_id, uuid
from triptych.clock import DAY
from triptych.documents.lists import Cursor
from triptych.store.queries import DocumentPosition, Position

Group = Literal["sort", "filter", "pair", "search of two characters"]
Who = Literal["member", "administrator"]

DOCUMENTS: Final = "/factify.api.v1beta.DocumentService/ListDocuments"
PROJECTS: Final = "/gitpod.v1.ProjectService/ListProjects"
_SORTS: Final = ("created_at", "updated_at", "name", "last_viewed_at", "last_shared_at")
_MIDDLE: Final = 1_735_689_600 * 10**9 + 170 * DAY
_FILTERS: Final[dict[str, dict[str, Any]]] = {
    "created, a day": {"created": {"after": "2025-06-10T00:00:00Z", "before": "2025-06-11T00:00:00Z"}},
    "created, half a year": {"created": {"after": "2025-06-10T00:00:00Z"}},
    "created by": {"createdById": [creator_id(3)]},
    "private": {"accessLevel": ["ACCESS_LEVEL_PRIVATE"]},
    "public": {"accessLevel": ["ACCESS_LEVEL_PUBLIC"]},
    "failed": {"processingStatus": ["PROCESSING_STATUS_FAILED"]},
    "ready": {"processingStatus": ["PROCESSING_STATUS_READY"]},
    "owned": {"ownership": ["DOCUMENT_OWNERSHIP_OWNED"]},
    "of others": {"ownership": ["DOCUMENT_OWNERSHIP_NOT_OWNED"]},
    "trashed": {"trashState": ["DOCUMENT_TRASH_STATE_TRASHED"]},
    "trashed or not": {"trashState": ["DOCUMENT_TRASH_STATE_TRASHED", "DOCUMENT_TRASH_STATE_ACTIVE"]},
    "of the organization": {"organizationScope": True},
    "of a format": {"sourceFormat": ["csv"]},
    "text, many": {"query": "budget"},
    "text, few": {"query": "12345"},
    "text, none": {"query": "no such text"},
    "title": {"titleContains": "letter budget"},
    "description": {"descriptionContains": "minutes offer"},
}
_PROJECT_FILTERS: Final[dict[str, dict[str, Any]]] = {
    "projects: text, many": {"search": "budget"},
    "projects: text, few": {"search": "budget offer"},
    "projects: text, none": {"search": "no such text"},
    "projects: runner": {"runnerIds": [uuid(2, 1)]},
    "projects: kind of runner": {"runnerKinds": ["RUNNER_KIND_REMOTE"]},
    "projects: URI": {"specRemoteUris": ["https://example.com/group/budget-offer-7.git"]},
    "projects: creator": {"creatorIds": [uuid(1, 3)]},
    "projects: ids": {"projectIds": [uuid(5, number) for number in range(0, 900, 100)]},
}
_TWO_CHARACTERS: Final[dict[str, dict[str, Any]]] = {
    "text of two characters": {"query": "zq"},
    "text of one character": {"titleContains": "%"},
    "created, half a year, by name": {"created": {"before": "2025-01-02T00:00:00Z"}, "sort": "-updated_at"},
}


@dataclass(frozen=True)
class Case:
    """A page of a list.

    Attributes:
        group: What it is one of.
        name: What it is called, in its group.
        place: Which page it is.
        who: Who asks for it.
        path: The rpc.
        request: The request, less its token.
        start: Where the page begins; None for the first page.
    """

    group: Group
    name: str
    place: str
    who: Who
    path: str
    request: dict[str, Any] = field(hash=False)
    start: Cursor | Position | None = None


def cases(documents: int, projects: int) -> Iterator[Case]:
    """Yield all pages that are measured, of so many documents and projects."""
    whos: tuple[Who, Who] = ("member", "administrator")
    for who in whos:
        for sort in _SORTS:
            for sign in ("", "-"):
                yield from _places("sort", sign + sort, who, {"sort": sign + sort}, documents)
        for name, filter in _FILTERS.items():
            yield from _places("filter", name, who, filter, documents)
        for (one, first), (other, second) in combinations(_FILTERS.items(), 2):
            if first.keys().isdisjoint(second):
                yield Case("pair", f"{one}; {other}", "first", who, DOCUMENTS, first | second)
        for name in ("popularity", "id"):
            for order in ("ASC", "DESC"):
                request = {"sort": {"field": name, "order": f"SORT_ORDER_{order}"}}
                yield from _project_places("sort", f"projects: {name} {order}", who, request, projects)
        for name, filter in _PROJECT_FILTERS.items():
            yield from _project_places("filter", name, who, {"filter": filter}, projects)


def slow_cases() -> Iterator[Case]:
    """Yield what cannot take the same time at any size."""
    for name, filter in _TWO_CHARACTERS.items():
        yield Case("search of two characters", name, "first", "administrator", DOCUMENTS, filter)


def _places(group: Group, name: str, who: Who, request: dict[str, Any], documents: int) -> Iterator[Case]:
    sort = request.get("sort", "-created_at").removeprefix("-")
    key: Any = ("minutes", "minutes") if sort == "name" else _MIDDLE
    middle = Cursor(DocumentPosition(key, uuid(7, documents // 2)), backwards=False)
    starts = {"first": None, "middle": middle, "last": Cursor(None, backwards=True)}
    if sort.startswith("last_"):
        absent = DocumentPosition(None, uuid(7, documents // 2))
        starts["middle of those without"] = Cursor(absent, backwards=False)
    for place, start in starts.items():
        yield Case(group, name, place, who, DOCUMENTS, request, start)


def _project_places(
    group: Group, name: str, who: Who, request: dict[str, Any], projects: int
) -> Iterator[Case]:
    ascending = "id ASC" in name
    last = projects - 20 if ascending else 20
    for place, number in (("first", None), ("middle", projects // 2), ("last", last)):
        start = None if number is None else Position(0, uuid(5, number))
        yield Case(group, name, place, who, PROJECTS, request, start)
