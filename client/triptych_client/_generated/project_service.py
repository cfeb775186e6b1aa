"""ProjectService of gitpod.v1. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType

from triptych_api.gitpod.v1.count_pb import CountRequest
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_api.gitpod.v1.project_pb import Project, ProjectPrebuildConfiguration, RecommendedEditors
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
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.sort_pb import Sort
from triptych_client.async_calls import AsyncCalls
from triptych_client.calls import Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async
from triptych_client.request_fields import request_of

CREATE_PROJECT: Final = MethodInfo(
    name="CreateProject",
    service_name="gitpod.v1.ProjectService",
    input=CreateProjectRequest,
    output=CreateProjectResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
CREATE_PROJECTS: Final = MethodInfo(
    name="CreateProjects",
    service_name="gitpod.v1.ProjectService",
    input=CreateProjectsRequest,
    output=CreateProjectsResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
CREATE_PROJECT_FROM_ENVIRONMENT: Final = MethodInfo(
    name="CreateProjectFromEnvironment",
    service_name="gitpod.v1.ProjectService",
    input=CreateProjectFromEnvironmentRequest,
    output=CreateProjectFromEnvironmentResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
GET_PROJECT: Final = MethodInfo(
    name="GetProject",
    service_name="gitpod.v1.ProjectService",
    input=GetProjectRequest,
    output=GetProjectResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
LIST_PROJECTS: Final = MethodInfo(
    name="ListProjects",
    service_name="gitpod.v1.ProjectService",
    input=ListProjectsRequest,
    output=ListProjectsResponse,
    idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    stream_type=StreamType.UNARY,
)
LIST_PROJECTS_PAGES: Final = Paging[ListProjectsRequest, ListProjectsResponse, Project](
    items=lambda page: page.projects, nested=True
)
UPDATE_PROJECT: Final = MethodInfo(
    name="UpdateProject",
    service_name="gitpod.v1.ProjectService",
    input=UpdateProjectRequest,
    output=UpdateProjectResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
UPDATE_PROJECTS: Final = MethodInfo(
    name="UpdateProjects",
    service_name="gitpod.v1.ProjectService",
    input=UpdateProjectsRequest,
    output=UpdateProjectsResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
DELETE_PROJECT: Final = MethodInfo(
    name="DeleteProject",
    service_name="gitpod.v1.ProjectService",
    input=DeleteProjectRequest,
    output=DeleteProjectResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)
DELETE_PROJECTS: Final = MethodInfo(
    name="DeleteProjects",
    service_name="gitpod.v1.ProjectService",
    input=DeleteProjectsRequest,
    output=DeleteProjectsResponse,
    idempotency_level=IdempotencyLevel.UNKNOWN,
    stream_type=StreamType.UNARY,
)


class ProjectService:
    """ProjectService serves projects."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_project(
        self,
        request: CreateProjectRequest | None = None,
        *,
        name: str | None = None,
        initializer: EnvironmentInitializer | None = None,
        devcontainer_file_path: str | None = None,
        automations_file_path: str | None = None,
        technical_description: str | None = None,
        prebuild_configuration: ProjectPrebuildConfiguration | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectResponse:
        """Creates a project and returns it, with its technical_description.

        Each call makes another project: names need not be unique.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            name: The name, 1 to 80 characters.
            initializer: What content its environments start with.
            devcontainer_file_path: The path of the devcontainer file, relative to the root of
                the repository: it does not start with `/`.
            automations_file_path: The path of the automations file, relative to the root of
                the repository: it does not start with `/`.
            technical_description: A long description, at most 8192 characters.
            prebuild_configuration: How prebuilds are made.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateProjectRequest,
            request,
            {
                "name": name,
                "initializer": initializer,
                "devcontainer_file_path": devcontainer_file_path,
                "automations_file_path": automations_file_path,
                "technical_description": technical_description,
                "prebuild_configuration": prebuild_configuration,
            },
            may_be_empty=False,
        )
        return self._calls.unary(CREATE_PROJECT, asked, timeout=timeout, headers=headers)

    def create_projects(
        self,
        request: CreateProjectsRequest | None = None,
        *,
        projects: list[CreateProjectRequest] | tuple[CreateProjectRequest, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectsResponse:
        """Creates up to 100 projects, each on its own: some may fail while others are created.

        Authentication, a read-only token, the number of items, the size of the
        message and what cannot be parsed fail the whole call, and then nothing is
        created. All else fails its item only.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            projects: 1 to 100 projects.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(CreateProjectsRequest, request, {"projects": projects}, may_be_empty=False)
        return self._calls.unary(CREATE_PROJECTS, asked, timeout=timeout, headers=headers)

    def create_project_from_environment(
        self,
        request: CreateProjectFromEnvironmentRequest | None = None,
        *,
        name: str | None = None,
        environment_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectFromEnvironmentResponse:
        """Creates a project with the configuration of an environment.

        Copies the initializer, the environment class and the paths of the
        devcontainer and automations files. An environment that the caller may not
        see is NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            name: The name of the project, 1 to 80 characters.
            environment_id: The UUID of the environment.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateProjectFromEnvironmentRequest,
            request,
            {"name": name, "environment_id": environment_id},
            may_be_empty=False,
        )
        return self._calls.unary(CREATE_PROJECT_FROM_ENVIRONMENT, asked, timeout=timeout, headers=headers)

    def get_project(
        self,
        request: GetProjectRequest | None = None,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetProjectResponse:
        """Gets a project, without its technical_description.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project, in any case and of any version.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetProjectRequest, request, {"project_id": project_id}, may_be_empty=False)
        return self._calls.unary(GET_PROJECT, asked, timeout=timeout, headers=headers)

    def list_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        pagination: PaginationRequest | None = None,
        filter: ListProjectsRequest.Filter | None = None,
        project_ids: list[str] | tuple[str, ...] | None = None,
        search: str | None = None,
        runner_ids: list[str] | tuple[str, ...] | None = None,
        runner_kinds: list[RunnerKind] | tuple[RunnerKind, ...] | None = None,
        spec_remote_uris: list[str] | tuple[str, ...] | None = None,
        creator_ids: list[str] | tuple[str, ...] | None = None,
        sort: Sort | None = None,
        count: CountRequest | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListProjectsResponse:
        """Lists the projects of the caller's organization, without their technical_description.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            pagination: Which page.
            filter: What to keep.
            project_ids: Keeps the projects with any of these ids; at most 25 UUIDs.
            search: Keeps the projects whose name, or the name of one of whose repositories,
                contains this text, or whose id, written with hyphens, starts with it.
            runner_ids: Keeps the projects that use an environment class of any of these
                runners; at most 25 UUIDs.
            runner_kinds: Keeps the projects that use an environment class of a runner of any
                of these kinds; at most 25. local_runner counts as LOCAL.
            spec_remote_uris: Keeps the projects that have a git spec with exactly one of these
                remote URIs; at most 25, each an absolute URI of at most 2048 characters.
            creator_ids: Keeps the projects that any of these subjects created; at most 25
                UUIDs.
            sort: How to order.
            count: Whether to count all projects that match.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListProjectsRequest,
            request,
            {
                "pagination": pagination,
                "filter": filter,
                "filter.project_ids": project_ids,
                "filter.search": search,
                "filter.runner_ids": runner_ids,
                "filter.runner_kinds": runner_kinds,
                "filter.spec_remote_uris": spec_remote_uris,
                "filter.creator_ids": creator_ids,
                "sort": sort,
                "count": count,
            },
            may_be_empty=True,
        )
        return self._calls.unary(LIST_PROJECTS, asked, timeout=timeout, headers=headers)

    def iter_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        page_size: int | None = None,
        pagination: PaginationRequest | None = None,
        filter: ListProjectsRequest.Filter | None = None,
        project_ids: list[str] | tuple[str, ...] | None = None,
        search: str | None = None,
        runner_ids: list[str] | tuple[str, ...] | None = None,
        runner_kinds: list[RunnerKind] | tuple[RunnerKind, ...] | None = None,
        spec_remote_uris: list[str] | tuple[str, ...] | None = None,
        creator_ids: list[str] | tuple[str, ...] | None = None,
        sort: Sort | None = None,
        count: CountRequest | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[Project]:
        """Yield what ListProjects lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            pagination: Which page.
            filter: What to keep.
            project_ids: Keeps the projects with any of these ids; at most 25 UUIDs.
            search: Keeps the projects whose name, or the name of one of whose repositories,
                contains this text, or whose id, written with hyphens, starts with it.
            runner_ids: Keeps the projects that use an environment class of any of these
                runners; at most 25 UUIDs.
            runner_kinds: Keeps the projects that use an environment class of a runner of any
                of these kinds; at most 25. local_runner counts as LOCAL.
            spec_remote_uris: Keeps the projects that have a git spec with exactly one of these
                remote URIs; at most 25, each an absolute URI of at most 2048 characters.
            creator_ids: Keeps the projects that any of these subjects created; at most 25
                UUIDs.
            sort: How to order.
            count: Whether to count all projects that match.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate(
            LIST_PROJECTS_PAGES,
            lambda page: self.list_projects(page, timeout=timeout, headers=headers),
            request_of(
                ListProjectsRequest,
                request,
                {
                    "pagination": pagination,
                    "filter": filter,
                    "filter.project_ids": project_ids,
                    "filter.search": search,
                    "filter.runner_ids": runner_ids,
                    "filter.runner_kinds": runner_kinds,
                    "filter.spec_remote_uris": spec_remote_uris,
                    "filter.creator_ids": creator_ids,
                    "sort": sort,
                    "count": count,
                },
                may_be_empty=True,
            ),
            page_size,
        )

    def update_project(
        self,
        request: UpdateProjectRequest | None = None,
        *,
        project_id: str | None = None,
        name: str | None = None,
        initializer: EnvironmentInitializer | None = None,
        devcontainer_file_path: str | None = None,
        automations_file_path: str | None = None,
        technical_description: str | None = None,
        prebuild_configuration: ProjectPrebuildConfiguration | None = None,
        recommended_editors: RecommendedEditors | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectResponse:
        """Changes the fields of a project that the request sets and returns it, with its technical_description.

        All or nothing.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project.
            name: The name, 1 to 80 characters.
            initializer: Replaces the initializer as a whole.
            devcontainer_file_path: The path of the devcontainer file, as in
                CreateProjectRequest.
            automations_file_path: The path of the automations file, as in
                CreateProjectRequest.
            technical_description: A long description, at most 8192 characters.
            prebuild_configuration: Replaces the prebuild configuration as a whole.
            recommended_editors: Replaces the recommended editors as a whole; an empty message
                clears them.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            UpdateProjectRequest,
            request,
            {
                "project_id": project_id,
                "name": name,
                "initializer": initializer,
                "devcontainer_file_path": devcontainer_file_path,
                "automations_file_path": automations_file_path,
                "technical_description": technical_description,
                "prebuild_configuration": prebuild_configuration,
                "recommended_editors": recommended_editors,
            },
            may_be_empty=False,
        )
        return self._calls.unary(UPDATE_PROJECT, asked, timeout=timeout, headers=headers)

    def update_projects(
        self,
        request: UpdateProjectsRequest | None = None,
        *,
        projects: list[UpdateProjectRequest] | tuple[UpdateProjectRequest, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectsResponse:
        """Changes up to 100 projects, each on its own and in the order given: the same project twice gets both changes.

        Fails as CreateProjects does.

        A project for which the answer has no room, as it would be larger than a
        message may be, is not changed, and fails; so it is with CreateProjects.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            projects: 1 to 100 changes.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(UpdateProjectsRequest, request, {"projects": projects}, may_be_empty=False)
        return self._calls.unary(UPDATE_PROJECTS, asked, timeout=timeout, headers=headers)

    def delete_project(
        self,
        request: DeleteProjectRequest | None = None,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectResponse:
        """Deletes a project for good.

        It is NOT_FOUND at once afterwards; environments that were made from it stay.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(DeleteProjectRequest, request, {"project_id": project_id}, may_be_empty=False)
        return self._calls.unary(DELETE_PROJECT, asked, timeout=timeout, headers=headers)

    def delete_projects(
        self,
        request: DeleteProjectsRequest | None = None,
        *,
        project_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectsResponse:
        """Deletes up to 100 projects, each on its own: the same project twice fails the second time, as not found.

        Fails as CreateProjects does.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_ids: 1 to 100 ids.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(DeleteProjectsRequest, request, {"project_ids": project_ids}, may_be_empty=False)
        return self._calls.unary(DELETE_PROJECTS, asked, timeout=timeout, headers=headers)


class AsyncProjectService:
    """ProjectService serves projects."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_project(
        self,
        request: CreateProjectRequest | None = None,
        *,
        name: str | None = None,
        initializer: EnvironmentInitializer | None = None,
        devcontainer_file_path: str | None = None,
        automations_file_path: str | None = None,
        technical_description: str | None = None,
        prebuild_configuration: ProjectPrebuildConfiguration | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectResponse:
        """Creates a project and returns it, with its technical_description.

        Each call makes another project: names need not be unique.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            name: The name, 1 to 80 characters.
            initializer: What content its environments start with.
            devcontainer_file_path: The path of the devcontainer file, relative to the root of
                the repository: it does not start with `/`.
            automations_file_path: The path of the automations file, relative to the root of
                the repository: it does not start with `/`.
            technical_description: A long description, at most 8192 characters.
            prebuild_configuration: How prebuilds are made.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateProjectRequest,
            request,
            {
                "name": name,
                "initializer": initializer,
                "devcontainer_file_path": devcontainer_file_path,
                "automations_file_path": automations_file_path,
                "technical_description": technical_description,
                "prebuild_configuration": prebuild_configuration,
            },
            may_be_empty=False,
        )
        return await self._calls.unary(CREATE_PROJECT, asked, timeout=timeout, headers=headers)

    async def create_projects(
        self,
        request: CreateProjectsRequest | None = None,
        *,
        projects: list[CreateProjectRequest] | tuple[CreateProjectRequest, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectsResponse:
        """Creates up to 100 projects, each on its own: some may fail while others are created.

        Authentication, a read-only token, the number of items, the size of the
        message and what cannot be parsed fail the whole call, and then nothing is
        created. All else fails its item only.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            projects: 1 to 100 projects.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(CreateProjectsRequest, request, {"projects": projects}, may_be_empty=False)
        return await self._calls.unary(CREATE_PROJECTS, asked, timeout=timeout, headers=headers)

    async def create_project_from_environment(
        self,
        request: CreateProjectFromEnvironmentRequest | None = None,
        *,
        name: str | None = None,
        environment_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectFromEnvironmentResponse:
        """Creates a project with the configuration of an environment.

        Copies the initializer, the environment class and the paths of the
        devcontainer and automations files. An environment that the caller may not
        see is NOT_FOUND.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            name: The name of the project, 1 to 80 characters.
            environment_id: The UUID of the environment.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            CreateProjectFromEnvironmentRequest,
            request,
            {"name": name, "environment_id": environment_id},
            may_be_empty=False,
        )
        return await self._calls.unary(
            CREATE_PROJECT_FROM_ENVIRONMENT, asked, timeout=timeout, headers=headers
        )

    async def get_project(
        self,
        request: GetProjectRequest | None = None,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> GetProjectResponse:
        """Gets a project, without its technical_description.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project, in any case and of any version.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(GetProjectRequest, request, {"project_id": project_id}, may_be_empty=False)
        return await self._calls.unary(GET_PROJECT, asked, timeout=timeout, headers=headers)

    async def list_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        pagination: PaginationRequest | None = None,
        filter: ListProjectsRequest.Filter | None = None,
        project_ids: list[str] | tuple[str, ...] | None = None,
        search: str | None = None,
        runner_ids: list[str] | tuple[str, ...] | None = None,
        runner_kinds: list[RunnerKind] | tuple[RunnerKind, ...] | None = None,
        spec_remote_uris: list[str] | tuple[str, ...] | None = None,
        creator_ids: list[str] | tuple[str, ...] | None = None,
        sort: Sort | None = None,
        count: CountRequest | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListProjectsResponse:
        """Lists the projects of the caller's organization, without their technical_description.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            pagination: Which page.
            filter: What to keep.
            project_ids: Keeps the projects with any of these ids; at most 25 UUIDs.
            search: Keeps the projects whose name, or the name of one of whose repositories,
                contains this text, or whose id, written with hyphens, starts with it.
            runner_ids: Keeps the projects that use an environment class of any of these
                runners; at most 25 UUIDs.
            runner_kinds: Keeps the projects that use an environment class of a runner of any
                of these kinds; at most 25. local_runner counts as LOCAL.
            spec_remote_uris: Keeps the projects that have a git spec with exactly one of these
                remote URIs; at most 25, each an absolute URI of at most 2048 characters.
            creator_ids: Keeps the projects that any of these subjects created; at most 25
                UUIDs.
            sort: How to order.
            count: Whether to count all projects that match.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type.
        """
        asked = request_of(
            ListProjectsRequest,
            request,
            {
                "pagination": pagination,
                "filter": filter,
                "filter.project_ids": project_ids,
                "filter.search": search,
                "filter.runner_ids": runner_ids,
                "filter.runner_kinds": runner_kinds,
                "filter.spec_remote_uris": spec_remote_uris,
                "filter.creator_ids": creator_ids,
                "sort": sort,
                "count": count,
            },
            may_be_empty=True,
        )
        return await self._calls.unary(LIST_PROJECTS, asked, timeout=timeout, headers=headers)

    def iter_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        page_size: int | None = None,
        pagination: PaginationRequest | None = None,
        filter: ListProjectsRequest.Filter | None = None,
        project_ids: list[str] | tuple[str, ...] | None = None,
        search: str | None = None,
        runner_ids: list[str] | tuple[str, ...] | None = None,
        runner_kinds: list[RunnerKind] | tuple[RunnerKind, ...] | None = None,
        spec_remote_uris: list[str] | tuple[str, ...] | None = None,
        creator_ids: list[str] | tuple[str, ...] | None = None,
        sort: Sort | None = None,
        count: CountRequest | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[Project]:
        """Yield what ListProjects lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin, as a message; all from the start if left out.
                Fields that are given beside it change a copy of it.
            page_size: The most items to ask for at once; the server's default if left out.
            pagination: Which page.
            filter: What to keep.
            project_ids: Keeps the projects with any of these ids; at most 25 UUIDs.
            search: Keeps the projects whose name, or the name of one of whose repositories,
                contains this text, or whose id, written with hyphens, starts with it.
            runner_ids: Keeps the projects that use an environment class of any of these
                runners; at most 25 UUIDs.
            runner_kinds: Keeps the projects that use an environment class of a runner of any
                of these kinds; at most 25. local_runner counts as LOCAL.
            spec_remote_uris: Keeps the projects that have a git spec with exactly one of these
                remote URIs; at most 25, each an absolute URI of at most 2048 characters.
            creator_ids: Keeps the projects that any of these subjects created; at most 25
                UUIDs.
            sort: How to order.
            count: Whether to count all projects that match.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
            TypeError: An argument is of another type.
        """
        return iterate_async(
            LIST_PROJECTS_PAGES,
            lambda page: self.list_projects(page, timeout=timeout, headers=headers),
            request_of(
                ListProjectsRequest,
                request,
                {
                    "pagination": pagination,
                    "filter": filter,
                    "filter.project_ids": project_ids,
                    "filter.search": search,
                    "filter.runner_ids": runner_ids,
                    "filter.runner_kinds": runner_kinds,
                    "filter.spec_remote_uris": spec_remote_uris,
                    "filter.creator_ids": creator_ids,
                    "sort": sort,
                    "count": count,
                },
                may_be_empty=True,
            ),
            page_size,
        )

    async def update_project(
        self,
        request: UpdateProjectRequest | None = None,
        *,
        project_id: str | None = None,
        name: str | None = None,
        initializer: EnvironmentInitializer | None = None,
        devcontainer_file_path: str | None = None,
        automations_file_path: str | None = None,
        technical_description: str | None = None,
        prebuild_configuration: ProjectPrebuildConfiguration | None = None,
        recommended_editors: RecommendedEditors | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectResponse:
        """Changes the fields of a project that the request sets and returns it, with its technical_description.

        All or nothing.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project.
            name: The name, 1 to 80 characters.
            initializer: Replaces the initializer as a whole.
            devcontainer_file_path: The path of the devcontainer file, as in
                CreateProjectRequest.
            automations_file_path: The path of the automations file, as in
                CreateProjectRequest.
            technical_description: A long description, at most 8192 characters.
            prebuild_configuration: Replaces the prebuild configuration as a whole.
            recommended_editors: Replaces the recommended editors as a whole; an empty message
                clears them.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(
            UpdateProjectRequest,
            request,
            {
                "project_id": project_id,
                "name": name,
                "initializer": initializer,
                "devcontainer_file_path": devcontainer_file_path,
                "automations_file_path": automations_file_path,
                "technical_description": technical_description,
                "prebuild_configuration": prebuild_configuration,
                "recommended_editors": recommended_editors,
            },
            may_be_empty=False,
        )
        return await self._calls.unary(UPDATE_PROJECT, asked, timeout=timeout, headers=headers)

    async def update_projects(
        self,
        request: UpdateProjectsRequest | None = None,
        *,
        projects: list[UpdateProjectRequest] | tuple[UpdateProjectRequest, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectsResponse:
        """Changes up to 100 projects, each on its own and in the order given: the same project twice gets both changes.

        Fails as CreateProjects does.

        A project for which the answer has no room, as it would be larger than a
        message may be, is not changed, and fails; so it is with CreateProjects.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            projects: 1 to 100 changes.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(UpdateProjectsRequest, request, {"projects": projects}, may_be_empty=False)
        return await self._calls.unary(UPDATE_PROJECTS, asked, timeout=timeout, headers=headers)

    async def delete_project(
        self,
        request: DeleteProjectRequest | None = None,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectResponse:
        """Deletes a project for good.

        It is NOT_FOUND at once afterwards; environments that were made from it stay.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_id: The UUID of the project.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(DeleteProjectRequest, request, {"project_id": project_id}, may_be_empty=False)
        return await self._calls.unary(DELETE_PROJECT, asked, timeout=timeout, headers=headers)

    async def delete_projects(
        self,
        request: DeleteProjectsRequest | None = None,
        *,
        project_ids: list[str] | tuple[str, ...] | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectsResponse:
        """Deletes up to 100 projects, each on its own: the same project twice fails the second time, as not found.

        Fails as CreateProjects does.

        Args:
            request: What to ask, as a message; fields that are given beside it change a copy of it.
            project_ids: 1 to 100 ids.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
            TypeError: An argument is of another type, or there is none.
        """
        asked = request_of(DeleteProjectsRequest, request, {"project_ids": project_ids}, may_be_empty=False)
        return await self._calls.unary(DELETE_PROJECTS, asked, timeout=timeout, headers=headers)
