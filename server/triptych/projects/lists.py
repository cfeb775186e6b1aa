"""Lists of projects: what a request asks for, and what binds its page tokens."""

from __future__ import annotations

from typing import Final

from triptych.errors import invalid_field
from triptych.store.queries import ProjectQuery, ProjectSort
from triptych_api.gitpod.v1.count_pb import CountResponse, CountResponseRelation
from triptych_api.gitpod.v1.project_service_pb import ListProjectsRequest
from triptych_api.gitpod.v1.sort_pb import Sort, SortOrder

COUNT_LIMIT: Final = 1000
"""How far projects are counted."""


def query_of(request: ListProjectsRequest, organization_id: str) -> ProjectQuery:
    """Return what a request asks for.

    Raises:
        RpcError: INVALID_ARGUMENT if there is no such sort.
    """
    filter = request.filter
    sort, descending = _sort(request.sort)
    if filter is None:
        return ProjectQuery(organization_id=organization_id, sort=sort, descending=descending)
    return ProjectQuery(
        organization_id=organization_id,
        project_ids=tuple(id.lower() for id in filter.project_ids),
        search=filter.search,
        runner_ids=tuple(id.lower() for id in filter.runner_ids),
        runner_kinds=tuple(filter.runner_kinds),
        spec_remote_uris=tuple(filter.spec_remote_uris),
        creator_ids=tuple(id.lower() for id in filter.creator_ids),
        sort=sort,
        descending=descending,
    )


def fingerprint(query: ProjectQuery) -> bytes:
    """Return what page tokens are bound to beside the caller."""
    return repr(
        (
            query.organization_id,
            query.project_ids,
            query.search,
            query.runner_ids,
            tuple(map(int, query.runner_kinds)),
            query.spec_remote_uris,
            query.creator_ids,
            query.sort is ProjectSort.POPULARITY,
            query.descending,
        )
    ).encode()


def _sort(given: Sort | None) -> tuple[ProjectSort, bool]:
    if given is None:
        return ProjectSort.POPULARITY, True
    try:
        sort = ProjectSort(given.field or "popularity")
    except ValueError:
        raise invalid_field("sort.field", "must be id or popularity") from None
    if given.order == SortOrder.UNSPECIFIED:
        return sort, sort is ProjectSort.POPULARITY
    return sort, given.order == SortOrder.DESC


def count_of(value: int) -> CountResponse:
    """Return the message of a count that went up to one more than the limit."""
    if value > COUNT_LIMIT:
        return CountResponse(value=COUNT_LIMIT, relation=CountResponseRelation.GTE)
    return CountResponse(value=value, relation=CountResponseRelation.EQ)
