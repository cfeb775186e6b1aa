"""FastAPI with the same JSON as Triptych, from pydantic models that are there already."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query

from bench.peers import pydantic_documents as documents
from bench.peers import pydantic_projects as projects
from bench.peers.serving import answer, serve_http


def application() -> FastAPI:
    """Return the application. Fields that are not set are left out, as they are in the JSON of protobuf."""
    app = FastAPI()
    project = projects.GetProjectResponse.model_validate_json(answer("GetProject.json"))
    page = projects.ListProjectsResponse.model_validate_json(answer("ListProjects.json"))

    @app.post("/gitpod.v1.ProjectService/GetProject", response_model_exclude_none=True)
    async def get_project(request: projects.GetProjectRequest) -> projects.GetProjectResponse:
        return project

    @app.post("/gitpod.v1.ProjectService/ListProjects", response_model_exclude_none=True)
    async def list_projects(request: projects.ListProjectsRequest) -> projects.ListProjectsResponse:
        return page

    if (Path(sys.argv[1]) / "GetDocument.json").exists():
        add_documents(app)
    return app


def add_documents(app: FastAPI) -> None:
    """Add what Triptych serves as REST."""
    document = documents.GetDocumentResponse.model_validate_json(answer("GetDocument.json"))
    page = documents.ListDocumentsResponse.model_validate_json(answer("ListDocuments.json"))

    @app.get("/v1beta/documents/{document_id}", response_model_exclude_none=True)
    async def get_document(document_id: str) -> documents.GetDocumentResponse:
        return document

    @app.get("/v1beta/documents", response_model_exclude_none=True)
    async def list_documents(
        page_size: Annotated[int, Query(ge=1, le=100)] = 50, page_token: str = ""
    ) -> documents.ListDocumentsResponse:
        return page


if __name__ == "__main__":
    serve_http(application())
