"""gitpod.v1.ProjectService."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from operator import itemgetter
from typing import Final, TypeVar

from protobuf import Message

from triptych.backend import Backend
from triptych.codec.composed import Composed, Composer, fitting
from triptych.codec.sizes import Room
from triptych.errors import RpcError, invalid_field
from triptych.projects import changes
from triptych.projects.admission import Admission
from triptych.projects.messages import PROJECT, ProjectParts, changed_project
from triptych.rpc.call import Call
from triptych.store.queries import ProjectQuery, ProjectSort
from triptych_api.gitpod.v1.count_pb import CountResponse, CountResponseRelation
from triptych_api.gitpod.v1.pagination_pb import PaginationResponse
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectFromEnvironmentRequest,
    CreateProjectFromEnvironmentResponse,
    CreateProjectRequest,
    CreateProjectResponse,
    CreateProjectsRequest,
    CreateProjectsResponse,
    DeleteProjectRequest,
    DeleteProjectResponse,
    DeleteProjectsRequest,
    DeleteProjectsResponse,
    GetProjectRequest,
    GetProjectResponse,
    ListProjectsRequest,
    ListProjectsResponse,
    UpdateProjectRequest,
    UpdateProjectResponse,
    UpdateProjectsRequest,
    UpdateProjectsResponse,
)
from triptych_api.gitpod.v1.sort_pb import Sort, SortOrder

ItemT = TypeVar("ItemT", bound=Message)

_COUNT_LIMIT: Final = 1000
_PROJECT: Final = Composer(GetProjectResponse, "project", PROJECT)
_PROJECTS: Final = Composer(ListProjectsResponse, "projects", PROJECT)


class ProjectService:
    """Projects."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._parts = ProjectParts(backend.kept)

    async def create_project(self, request: CreateProjectRequest, call: Call) -> CreateProjectResponse:
        """Create a project."""
        async with self._backend.write(call) as tx:
            admission = Admission(tx, self._backend.projects)
            project = await changes.create(tx, request, self._backend.origin(call), admission)
            message = await changed_project(tx, project)
            await self._backend.commit(tx)
        return CreateProjectResponse(project=message)

    async def create_projects(self, request: CreateProjectsRequest, call: Call) -> CreateProjectsResponse:
        """Create projects one by one; what fails does not hinder the rest."""
        response = CreateProjectsResponse()
        async with self._backend.write(call) as tx:
            admission = Admission(tx, self._backend.projects, Room(self._backend.max_reply))

            async def create(item: CreateProjectRequest) -> None:
                project = await changes.create(tx, item, self._backend.origin(call), admission)
                message = await changed_project(tx, project)
                response.created_projects.append(message)

            for index, item, error in await self._each(request.projects, create):
                response.failed_projects.append(
                    CreateProjectsResponse.Failure(index=index, name=item.name, error=error)
                )
            await self._backend.commit(tx)
        return response

    async def create_project_from_environment(
        self, request: CreateProjectFromEnvironmentRequest, call: Call
    ) -> CreateProjectFromEnvironmentResponse:
        """Create a project with the configuration of an environment."""
        async with self._backend.write(call) as tx:
            origin, admission = self._backend.origin(call), Admission(tx, self._backend.projects)
            project = await changes.create_from_environment(tx, request, origin, admission)
            message = await changed_project(tx, project)
            await self._backend.commit(tx)
        return CreateProjectFromEnvironmentResponse(project=message)

    async def get_project(self, request: GetProjectRequest, call: Call) -> Composed[GetProjectResponse]:
        """Return a project."""
        async with self._backend.store.read() as tx:
            project = await changes.visible(tx, request.project_id, call.caller)
            columns = await self._parts.of(tx, (project,))
        return Composed(_PROJECT, columns)

    async def list_projects(self, request: ListProjectsRequest, call: Call) -> Composed[ListProjectsResponse]:
        """Return a page of projects."""
        query = _query(request, call.caller.organization_id)
        bound = _fingerprint(query)
        page = self._backend.page_tokens.page(call, bound, request.pagination)
        count = None
        async with self._backend.store.read() as tx:
            rows = await tx.projects.page(query, page.after, page.size + 1)
            shown = rows[: page.size]
            columns = await self._parts.of(tx, list(map(itemgetter(0), shown)))
            if (fits := fitting(columns, self._backend.max_reply)) < len(shown):
                shown = shown[:fits]
                columns = [column[:fits] for column in columns]
            if page.after is None and request.count is not None and request.count.include:
                count = _count(await tx.projects.count(query, _COUNT_LIMIT + 1))
        next_token = ""
        if len(rows) > len(shown):
            next_token = self._backend.page_tokens.make(call, bound, shown[-1][1])
        pagination = PaginationResponse(next_token=next_token)
        return Composed(_PROJECTS, columns, {"pagination": pagination, "count": count})

    async def update_project(self, request: UpdateProjectRequest, call: Call) -> UpdateProjectResponse:
        """Change what the request sets."""
        async with self._backend.write(call) as tx:
            now, admission = self._backend.clock.now(), Admission(tx, self._backend.projects)
            project = await changes.update(tx, request, call.caller, now, admission)
            message = await changed_project(tx, project)
            await self._backend.commit(tx)
        return UpdateProjectResponse(project=message)

    async def update_projects(self, request: UpdateProjectsRequest, call: Call) -> UpdateProjectsResponse:
        """Change projects one by one; what fails does not hinder the rest."""
        response = UpdateProjectsResponse()
        async with self._backend.write(call) as tx:
            admission = Admission(tx, self._backend.projects, Room(self._backend.max_reply))

            async def update(item: UpdateProjectRequest) -> None:
                now = self._backend.clock.now()
                project = await changes.update(tx, item, call.caller, now, admission)
                message = await changed_project(tx, project)
                response.updated_projects.append(message)

            for index, item, error in await self._each(request.projects, update):
                response.failed_projects.append(
                    UpdateProjectsResponse.Failure(index=index, project_id=item.project_id, error=error)
                )
            await self._backend.commit(tx)
        return response

    async def delete_project(self, request: DeleteProjectRequest, call: Call) -> DeleteProjectResponse:
        """Delete a project for good."""
        async with self._backend.write(call) as tx:
            await changes.delete(tx, request.project_id, call.caller)
            await self._backend.commit(tx)
        return DeleteProjectResponse()

    async def delete_projects(self, request: DeleteProjectsRequest, call: Call) -> DeleteProjectsResponse:
        """Delete projects one by one; what fails does not hinder the rest."""
        response = DeleteProjectsResponse()
        async with self._backend.write(call) as tx:

            async def delete(item: DeleteProjectRequest) -> None:
                await changes.delete(tx, item.project_id, call.caller)
                response.deleted_project_ids.append(item.project_id)

            items = [DeleteProjectRequest(project_id=id) for id in request.project_ids]
            for index, item, error in await self._each(items, delete):
                response.failed_projects.append(
                    DeleteProjectsResponse.Failure(index=index, project_id=item.project_id, error=error)
                )
            await self._backend.commit(tx)
        return response

    async def _each(
        self, items: Sequence[ItemT], change: Callable[[ItemT], Awaitable[None]]
    ) -> list[tuple[int, ItemT, str]]:
        """Check and apply each item on its own; return those that failed, with why."""
        failures = []
        for index, item in enumerate(items):
            try:
                self._backend.validator.check(item)
                await change(item)
            except RpcError as error:
                failures.append((index, item, error.message))
        return failures


def _query(request: ListProjectsRequest, organization_id: str) -> ProjectQuery:
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


def _fingerprint(query: ProjectQuery) -> bytes:
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


def _count(value: int) -> CountResponse:
    if value > _COUNT_LIMIT:
        return CountResponse(value=_COUNT_LIMIT, relation=CountResponseRelation.GTE)
    return CountResponse(value=value, relation=CountResponseRelation.EQ)
