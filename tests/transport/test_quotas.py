"""Quotas of an organization on counts and bytes, over every protocol, which tell them in their own words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.apps import running_app
from support.http import new_http_client
from triptych.app.lifecycle import App
from triptych_api.factify.api.v1beta.document_service_pb import CreateDocumentRequest, UpdateDocumentRequest
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    CreateProjectsRequest,
    DeleteProjectRequest,
    UpdateProjectRequest,
    UpdateProjectsRequest,
)
from triptych_api.gitpod.v1.user_service_pb import CreatePersonalAccessTokenRequest
from triptych_client import AsyncClient, ResourceExhaustedError

ADA = "01970000-0000-7000-8000-000000000001"
PROTOCOLS = ["connect", "grpc-web", "grpc"]


def client(app: App, protocol: str) -> AsyncClient:
    port = app.grpc.port if protocol == "grpc" else app.http.port
    return AsyncClient(f"http://127.0.0.1:{port}", protocol=protocol, token="secret")  # type: ignore[arg-type]


def project(name: str, *, size: int = 0) -> CreateProjectRequest:
    return CreateProjectRequest(
        name=name, initializer=EnvironmentInitializer(), technical_description="x" * (size - len(name))
    )


def document(size: int) -> CreateDocumentRequest:
    return CreateDocumentRequest(title="t", payload=b"#" * (size - 1), file_name="a.md")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_organization_has_no_more_things_than_its_quotas(protocol: str) -> None:
    async with (
        running_app(project_quota=2, document_quota=1, token_quota=2) as app,
        client(app, protocol) as api,
    ):
        first = (await api.projects.create_project(project("a"))).project
        bulk = await api.projects.create_projects(
            CreateProjectsRequest(projects=[project("b"), project("c")])
        )
        assert len(bulk.created_projects) == 1
        assert bulk.failed_projects[0].error == "the organization has 2 projects, and its quota is 2"
        with pytest.raises(ResourceExhaustedError) as caught:
            await api.projects.create_project(project("d"))
        assert caught.value.reason == "QUOTA_EXCEEDED"
        await api.projects.update_project(UpdateProjectRequest(project_id=first.id, name="e"))
        await api.projects.delete_project(DeleteProjectRequest(project_id=first.id))
        await api.projects.create_project(project("d"))

        await api.documents.create_document(document(10))
        with pytest.raises(ResourceExhaustedError) as caught:
            await api.documents.create_document(document(10))
        assert caught.value.reason == "QUOTA_EXCEEDED"

        me = (await api.users.get_authenticated_user()).user.id
        await api.users.create_personal_access_token(CreatePersonalAccessTokenRequest(user_id=me))
        with pytest.raises(ResourceExhaustedError) as caught:
            await api.users.create_personal_access_token(CreatePersonalAccessTokenRequest(user_id=me))
        assert caught.value.reason == "QUOTA_EXCEEDED"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_nor_more_bytes(protocol: str) -> None:
    async with (
        running_app(project_bytes_quota=5000, document_bytes_quota=1000) as app,
        client(app, protocol) as api,
    ):
        first = (await api.projects.create_project(project("a", size=3000))).project
        refused: list[Callable[[], object]] = [
            lambda: api.projects.create_project(project("b", size=2001)),
            lambda: api.projects.update_project(
                UpdateProjectRequest(project_id=first.id, technical_description="x" * 5000)
            ),
        ]
        for ask in refused:
            with pytest.raises(ResourceExhaustedError) as caught:
                await ask()  # type: ignore[misc]
            assert caught.value.reason == "QUOTA_EXCEEDED"
        bulk = await api.projects.create_projects(
            CreateProjectsRequest(projects=[project("b", size=2001), project("c", size=2000)])
        )
        assert [each.metadata.name for each in bulk.created_projects if each.metadata] == ["c"]
        assert "has 5000 bytes" not in bulk.failed_projects[0].error
        assert "has 3000 bytes of projects, its quota is 5000" in bulk.failed_projects[0].error
        changed = await api.projects.update_projects(
            UpdateProjectsRequest(
                projects=[
                    UpdateProjectRequest(project_id=first.id, name="longer"),
                    UpdateProjectRequest(project_id=first.id, technical_description="y"),
                    UpdateProjectRequest(project_id=first.id, name="longer"),
                ]
            )
        )
        assert [each.index for each in changed.failed_projects] == [0]

        made = (await api.documents.create_document(document(900))).document
        with pytest.raises(ResourceExhaustedError) as caught:
            await api.documents.create_document(document(101))
        assert caught.value.reason == "QUOTA_EXCEEDED"
        with pytest.raises(ResourceExhaustedError):
            await api.documents.update_document(
                UpdateDocumentRequest(document_id=made.id, description="x" * 101)
            )
        await api.documents.update_document(UpdateDocumentRequest(document_id=made.id, description="x" * 100))
        await api.documents.update_document(UpdateDocumentRequest(document_id=made.id, description=""))
        await api.documents.create_document(document(100))


async def test_rest_says_it_in_its_own_words() -> None:
    async with (
        running_app(document_bytes_quota=1000) as app,
        new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http,
    ):
        refused = await http.post(
            "/v1beta/documents",
            files={"payload": ("a.md", b"#" * 1001, "text/markdown")},
            data={"title": "a"},
            headers={"authorization": "Bearer secret"},
        )
        assert refused.status_code == 429
        assert "quota_exceeded" in refused.text


async def test_what_was_seeded_counts_and_is_never_refused(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        f"""
        organizations: [{{name: o}}]
        users: [{{id: {ADA}, name: a, role: ROLE_ADMINISTRATOR}}]
        projects:
          - {{name: a, creatorId: {ADA}, initializer: {{}}}}
          - {{name: b, creatorId: {ADA}, initializer: {{}}}}
        """
    )
    async with running_app(project_quota=1, seed=seed) as app, client(app, "connect") as api:
        assert len((await api.projects.list_projects()).projects) == 2
        with pytest.raises(ResourceExhaustedError, match="has 2 projects, and its quota is 1"):
            await api.projects.create_project(project("c"))
