"""ProjectService of gitpod.v1. Generated from proto/ by tools/generate_client.py: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType

from triptych_api.gitpod.v1.project_pb import Project
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
from triptych_client.calls import AsyncCalls, Calls
from triptych_client.metadata import HeaderItems
from triptych_client.pages import Paging, iterate, iterate_async

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
        request: CreateProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectResponse:
        """Creates a project and returns it, with its technical_description.

        Each call makes another project: names need not be unique.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(CREATE_PROJECT, request, timeout=timeout, headers=headers)

    def create_projects(
        self,
        request: CreateProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectsResponse:
        """Creates up to 100 projects, each on its own: some may fail while others are created.

        Authentication, a read-only token, the number of items, the size of the
        message and what cannot be parsed fail the whole call, and then nothing is
        created. All else fails its item only.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(CREATE_PROJECTS, request, timeout=timeout, headers=headers)

    def create_project_from_environment(
        self,
        request: CreateProjectFromEnvironmentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectFromEnvironmentResponse:
        """Creates a project with the configuration of an environment.

        Copies the initializer, the environment class and the paths of the
        devcontainer and automations files. An environment that the caller may not
        see is NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(CREATE_PROJECT_FROM_ENVIRONMENT, request, timeout=timeout, headers=headers)

    def get_project(
        self, request: GetProjectRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetProjectResponse:
        """Gets a project, without its technical_description.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(GET_PROJECT, request, timeout=timeout, headers=headers)

    def list_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListProjectsResponse:
        """Lists the projects of the caller's organization, without their technical_description.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(
            LIST_PROJECTS,
            ListProjectsRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> Iterator[Project]:
        """Yield what ListProjects lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate(
            LIST_PROJECTS_PAGES,
            lambda page: self.list_projects(page, timeout=timeout, headers=headers),
            ListProjectsRequest() if request is None else request,
            page_size,
        )

    def update_project(
        self,
        request: UpdateProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectResponse:
        """Changes the fields of a project that the request sets and returns it, with its technical_description.

        All or nothing.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(UPDATE_PROJECT, request, timeout=timeout, headers=headers)

    def update_projects(
        self,
        request: UpdateProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectsResponse:
        """Changes up to 100 projects, each on its own and in the order given: the same project twice gets both changes.

        Fails as CreateProjects does.

        A project for which the answer has no room, as it would be larger than a
        message may be, is not changed, and fails; so it is with CreateProjects.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(UPDATE_PROJECTS, request, timeout=timeout, headers=headers)

    def delete_project(
        self,
        request: DeleteProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectResponse:
        """Deletes a project for good.

        It is NOT_FOUND at once afterwards; environments that were made from it stay.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(DELETE_PROJECT, request, timeout=timeout, headers=headers)

    def delete_projects(
        self,
        request: DeleteProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectsResponse:
        """Deletes up to 100 projects, each on its own: the same project twice fails the second time, as not found.

        Fails as CreateProjects does.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return self._calls.unary(DELETE_PROJECTS, request, timeout=timeout, headers=headers)


class AsyncProjectService:
    """ProjectService serves projects."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_project(
        self,
        request: CreateProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectResponse:
        """Creates a project and returns it, with its technical_description.

        Each call makes another project: names need not be unique.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(CREATE_PROJECT, request, timeout=timeout, headers=headers)

    async def create_projects(
        self,
        request: CreateProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectsResponse:
        """Creates up to 100 projects, each on its own: some may fail while others are created.

        Authentication, a read-only token, the number of items, the size of the
        message and what cannot be parsed fail the whole call, and then nothing is
        created. All else fails its item only.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(CREATE_PROJECTS, request, timeout=timeout, headers=headers)

    async def create_project_from_environment(
        self,
        request: CreateProjectFromEnvironmentRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> CreateProjectFromEnvironmentResponse:
        """Creates a project with the configuration of an environment.

        Copies the initializer, the environment class and the paths of the
        devcontainer and automations files. An environment that the caller may not
        see is NOT_FOUND.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            CREATE_PROJECT_FROM_ENVIRONMENT, request, timeout=timeout, headers=headers
        )

    async def get_project(
        self, request: GetProjectRequest, *, timeout: float | None = None, headers: HeaderItems | None = None
    ) -> GetProjectResponse:
        """Gets a project, without its technical_description.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(GET_PROJECT, request, timeout=timeout, headers=headers)

    async def list_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> ListProjectsResponse:
        """Lists the projects of the caller's organization, without their technical_description.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(
            LIST_PROJECTS,
            ListProjectsRequest() if request is None else request,
            timeout=timeout,
            headers=headers,
        )

    def iter_projects(
        self,
        request: ListProjectsRequest | None = None,
        *,
        page_size: int | None = None,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> AsyncIterator[Project]:
        """Yield what ListProjects lists, one page after the other, each asked for when it is needed.

        Args:
            request: The filters, the order and where to begin; all from the start if left out.
            page_size: The most items to ask for at once; the server's default if left out.
            timeout: The seconds that each page may take, retries included.
            headers: More headers, for each page.

        Raises:
            ApiError: A page cannot be had; the items before it were given.
        """
        return iterate_async(
            LIST_PROJECTS_PAGES,
            lambda page: self.list_projects(page, timeout=timeout, headers=headers),
            ListProjectsRequest() if request is None else request,
            page_size,
        )

    async def update_project(
        self,
        request: UpdateProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectResponse:
        """Changes the fields of a project that the request sets and returns it, with its technical_description.

        All or nothing.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(UPDATE_PROJECT, request, timeout=timeout, headers=headers)

    async def update_projects(
        self,
        request: UpdateProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> UpdateProjectsResponse:
        """Changes up to 100 projects, each on its own and in the order given: the same project twice gets both changes.

        Fails as CreateProjects does.

        A project for which the answer has no room, as it would be larger than a
        message may be, is not changed, and fails; so it is with CreateProjects.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(UPDATE_PROJECTS, request, timeout=timeout, headers=headers)

    async def delete_project(
        self,
        request: DeleteProjectRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectResponse:
        """Deletes a project for good.

        It is NOT_FOUND at once afterwards; environments that were made from it stay.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(DELETE_PROJECT, request, timeout=timeout, headers=headers)

    async def delete_projects(
        self,
        request: DeleteProjectsRequest,
        *,
        timeout: float | None = None,
        headers: HeaderItems | None = None,
    ) -> DeleteProjectsResponse:
        """Deletes up to 100 projects, each on its own: the same project twice fails the second time, as not found.

        Fails as CreateProjects does.

        Args:
            request: What to ask.
            timeout: The seconds that the call may take, retries included; else the client's default.
            headers: More headers.

        Raises:
            ApiError: The call failed; of the subclass that its code has.
        """
        return await self._calls.unary(DELETE_PROJECTS, request, timeout=timeout, headers=headers)
