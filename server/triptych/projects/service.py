"""gitpod.v1.ProjectService."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final, TypeAlias, TypeVar

from protobuf import Message

from triptych.backend import Backend
from triptych.codec.composed import Composed, Composer, fitting
from triptych.codec.sizes import Room
from triptych.errors import RpcError
from triptych.projects import changes
from triptych.projects.admission import Admission
from triptych.projects.lists import COUNT_LIMIT, count_of, fingerprint, query_of
from triptych.projects.messages import PROJECT, ProjectParts, changed_project
from triptych.projects.rights import Rights, member_of_groups
from triptych.rpc.call import Call
from triptych.store.base import Transaction
from triptych.store.queries import UNUSED, UsedBy
from triptych.store.records import Project
from triptych_api.gitpod.v1 import project_pb
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

ItemT = TypeVar("ItemT", bound=Message)

Change: TypeAlias = Callable[[int, UpdateProjectRequest], None]

_NONE: Final[tuple[Project | None, UsedBy]] = (None, UNUSED)
_PROJECT: Final = Composer(GetProjectResponse, "project", PROJECT)
_PROJECTS: Final = Composer(ListProjectsResponse, "projects", PROJECT)


class ProjectService:
    """Projects."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._parts = ProjectParts(backend.kept)

    async def create_project(self, request: CreateProjectRequest, call: Call) -> CreateProjectResponse:
        """Create a project."""
        origin = self._backend.origin(call)

        async def create(tx: Transaction) -> CreateProjectResponse:
            references = await changes.find_references(tx, (request.prebuild_configuration,))
            project = changes.created(references, request, origin)
            return CreateProjectResponse(project=await self._add(tx, project))

        return await self._backend.write(call, create)

    async def create_projects(self, request: CreateProjectsRequest, call: Call) -> CreateProjectsResponse:
        """Create projects; what fails does not hinder the rest."""
        items = self._checked(request.projects)
        origins = [self._backend.origin(call) for _ in items]

        async def create_all(tx: Transaction) -> CreateProjectsResponse:
            admission = await self._admission(tx, call, many=True)
            valid = (item for item, refusal in items if refusal is None)
            references = await changes.find_references(tx, (item.prebuild_configuration for item in valid))
            created: list[Project] = []
            messages: list[project_pb.Project] = []

            def create(index: int, item: CreateProjectRequest) -> None:
                project = changes.created(references, item, origins[index])
                message = changed_project(project)
                admission.check(project, None, message)
                created.append(project)
                messages.append(message)

            failures = [
                CreateProjectsResponse.Failure(index=index, name=item.name, error=error)
                for index, item, error in _each(items, create)
            ]
            if created:
                await tx.projects.add(*created)
            return CreateProjectsResponse(created_projects=messages, failed_projects=failures)

        return await self._backend.write(call, create_all)

    async def create_project_from_environment(
        self, request: CreateProjectFromEnvironmentRequest, call: Call
    ) -> CreateProjectFromEnvironmentResponse:
        """Create a project with the configuration of an environment."""
        origin = self._backend.origin(call)

        async def create(tx: Transaction) -> CreateProjectFromEnvironmentResponse:
            project = await changes.created_from_environment(tx, request, origin)
            return CreateProjectFromEnvironmentResponse(project=await self._add(tx, project))

        return await self._backend.write(call, create)

    async def get_project(self, request: GetProjectRequest, call: Call) -> Composed[GetProjectResponse]:
        """Return a project."""
        id = request.project_id.lower()
        async with self._backend.store.read(snapshot=False) as tx:
            project, used_by = (await tx.projects.shown((id,))).get(id, _NONE)
        project = changes.check_visible(project, request.project_id, call.caller)
        return Composed(_PROJECT, self._parts.of((project,), {id: used_by}))

    async def list_projects(self, request: ListProjectsRequest, call: Call) -> Composed[ListProjectsResponse]:
        """Return a page of projects."""
        query = query_of(request, call.caller.organization_id)
        bound = fingerprint(query)
        page = self._backend.page_tokens.page(call, bound, request.pagination)
        count = None
        async with self._backend.store.read(snapshot=False) as tx:
            rows, used_by = await tx.projects.page(query, page.after, page.size + 1)
            if page.after is None and request.count is not None and request.count.include:
                count = count_of(await tx.projects.count(query, COUNT_LIMIT + 1))
        shown = rows[: page.size]
        projects = list(map(itemgetter(0), shown))
        columns = self._parts.of(projects, used_by)
        if (fits := fitting(columns, self._backend.max_reply)) < len(shown):
            shown = shown[:fits]
            columns = [column[:fits] for column in columns]
        next_token = ""
        if len(rows) > len(shown):
            next_token = self._backend.page_tokens.make(call, bound, shown[-1][1])
        pagination = PaginationResponse(next_token=next_token)
        return Composed(_PROJECTS, columns, {"pagination": pagination, "count": count})

    async def update_project(self, request: UpdateProjectRequest, call: Call) -> UpdateProjectResponse:
        """Change what the request sets."""
        now = self._backend.clock.now()

        async def update(tx: Transaction) -> UpdateProjectResponse:
            [project] = await self._update(tx, call, [request], lambda change: change(0, request), now)
            return UpdateProjectResponse(project=project)

        return await self._backend.write(call, update)

    async def update_projects(self, request: UpdateProjectsRequest, call: Call) -> UpdateProjectsResponse:
        """Change projects, one after the other; what fails does not hinder the rest."""
        items = self._checked(request.projects)
        valid = [item for item, refusal in items if refusal is None]
        now = self._backend.clock.now()

        async def update_all(tx: Transaction) -> UpdateProjectsResponse:
            failures: list[UpdateProjectsResponse.Failure] = []

            def update(change: Change) -> None:
                for index, item, error in _each(items, change):
                    failures.append(
                        UpdateProjectsResponse.Failure(index=index, project_id=item.project_id, error=error)
                    )

            projects = await self._update(tx, call, valid, update, now)
            return UpdateProjectsResponse(updated_projects=projects, failed_projects=failures)

        return await self._backend.write(call, update_all)

    async def delete_project(self, request: DeleteProjectRequest, call: Call) -> DeleteProjectResponse:
        """Delete a project for good."""
        id = request.project_id.lower()

        async def delete(tx: Transaction) -> DeleteProjectResponse:
            project = changes.check_visible(await tx.projects.get(id), request.project_id, call.caller)
            changes.check_deletion(project, await Rights.of(tx, call.caller, (project,)))
            await tx.projects.delete(id)
            return DeleteProjectResponse()

        return await self._backend.write(call, delete)

    async def delete_projects(self, request: DeleteProjectsRequest, call: Call) -> DeleteProjectsResponse:
        """Delete projects; what fails does not hinder the rest."""
        items = self._checked([DeleteProjectRequest(project_id=id) for id in request.project_ids])

        async def delete_all(tx: Transaction) -> DeleteProjectsResponse:
            ids = {item.project_id.lower() for item, refusal in items if refusal is None}
            left = dict(await tx.projects.get_many(ids))
            rights = await Rights.of(tx, call.caller, left.values())
            deleted: list[str] = []

            def delete(index: int, item: DeleteProjectRequest) -> None:
                id = item.project_id.lower()
                changes.check_deletion(
                    changes.check_visible(left.get(id), item.project_id, call.caller), rights
                )
                del left[id]
                deleted.append(item.project_id)

            failures = [
                DeleteProjectsResponse.Failure(index=index, project_id=item.project_id, error=error)
                for index, item, error in _each(items, delete)
            ]
            if deleted:
                await tx.projects.delete(*map(str.lower, deleted))
            return DeleteProjectsResponse(deleted_project_ids=deleted, failed_projects=failures)

        return await self._backend.write(call, delete_all)

    async def _update(
        self,
        tx: Transaction,
        call: Call,
        requests: Sequence[UpdateProjectRequest],
        change_all: Callable[[Change], None],
        now: int,
    ) -> list[project_pb.Project]:
        """Change projects with as many statements as one takes; return the messages of what they became.

        Args:
            tx: Where to change them.
            call: The call, for its caller.
            requests: What may be changed.
            change_all: Calls what it is given with each of the requests that is to be followed, in order.
            now: When they change.
        """
        found = await tx.projects.shown(list({each.project_id.lower() for each in requests}))
        member_id = member_of_groups(call.caller, (project for project, _ in found.values()))
        prebuilds = (each.prebuild_configuration for each in requests)
        references = await changes.find_references(tx, prebuilds, member_id=member_id)
        rights = Rights(call.caller, references.group_ids)
        admission = await self._admission(tx, call, many=len(requests) > 1)
        changed: dict[str, Project] = {}
        messages: list[project_pb.Project] = []

        def change(index: int, request: UpdateProjectRequest) -> None:
            id = request.project_id.lower()
            project, used_by = found.get(id, _NONE)
            before = changes.check_visible(changed.get(id, project), request.project_id, call.caller)
            project = changes.updated(before, references, rights, request, now)
            message = changed_project(project, used_by)
            admission.check(project, before, message)
            changed[id] = project
            messages.append(message)

        change_all(change)
        if changed:
            await tx.projects.put(*changed.values())
        return messages

    async def _add(self, tx: Transaction, project: Project) -> project_pb.Project:
        """Add a project; return its message."""
        message = changed_project(project)
        admission = await Admission.to(tx, project.organization_id, self._backend.projects)
        admission.check(project, None, message)
        await tx.projects.add(project)
        return message

    async def _admission(self, tx: Transaction, call: Call, *, many: bool) -> Admission:
        room = Room(self._backend.max_reply) if many else None
        return await Admission.to(tx, call.caller.organization_id, self._backend.projects, room)

    def _checked(self, items: Sequence[ItemT]) -> Sequence[tuple[ItemT, RpcError | None]]:
        """Return the items, each with what its rules refuse."""
        return [(item, self._refusal(item)) for item in items]

    def _refusal(self, item: Message) -> RpcError | None:
        try:
            self._backend.validator.check(item)
        except RpcError as error:
            return error
        return None


def _each(
    items: Sequence[tuple[ItemT, RpcError | None]], change: Callable[[int, ItemT], None]
) -> Iterator[tuple[int, ItemT, str]]:
    """Apply each item that was not refused; yield those that failed, with why."""
    for index, (item, refusal) in enumerate(items):
        if refusal is not None:
            yield index, item, refusal.message
            continue
        try:
            change(index, item)
        except RpcError as error:
            yield index, item, error.message
