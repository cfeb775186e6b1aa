"""FastAPI over PostgreSQL by SQLAlchemy and asyncpg, as their documentation has it; it asks for no token."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

from bench.peers import pydantic_documents as documents
from bench.peers import pydantic_projects as projects
from bench.peers.serving import serve_http

_CONNECTIONS = 16
_ENGINE = create_async_engine(os.environ["DATABASE_URL"], pool_size=_CONNECTIONS)
_SESSIONS = async_sessionmaker(_ENGINE, expire_on_commit=False)
_FOLDER = Path(sys.argv[1])


class Base(DeclarativeBase):
    """The base."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSONB, datetime: TIMESTAMP(timezone=True)}


class UserRow(Base):
    """A user."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class ProjectRow(Base):
    """A project; its parts that are lists or messages are one column."""

    __tablename__ = "projects"
    __table_args__ = (Index("projects_by_use", "users", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    users: Mapped[int]
    content: Mapped[dict[str, Any]]


class DocumentRow(Base):
    """A document."""

    __tablename__ = "documents"
    __table_args__ = (Index("documents_by_time", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    creator_id: Mapped[str] = mapped_column(ForeignKey(UserRow.id))
    creator: Mapped[UserRow] = relationship()
    url: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    access_level: Mapped[str]
    processing_status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    current_version_id: Mapped[str]
    thumbnail_url: Mapped[str]
    general_access: Mapped[str]
    permission_set: Mapped[dict[str, Any]]
    is_demo: Mapped[bool]
    owner_organization_id: Mapped[str]
    source_format: Mapped[str]


async def session() -> AsyncIterator[AsyncSession]:
    """Give each request a session of its own."""
    async with _SESSIONS() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


@asynccontextmanager
async def filled(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables, with what Triptych has, before anything is served."""
    listed = documents.ListDocumentsResponse.model_validate_json((_FOLDER / "documents.json").read_bytes())
    page = projects.ListProjectsResponse.model_validate_json((_FOLDER / "projects.json").read_bytes())
    async with _ENGINE.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with _SESSIONS.begin() as opened:
        creators = {item.created_by.id: item.created_by.name for item in listed.items}
        opened.add_all(UserRow(id=id, name=name) for id, name in creators.items())
        opened.add_all(map(document_row, listed.items))
        opened.add_all(map(project_row, page.projects))
    yield


app = FastAPI(lifespan=filled)


@app.post("/gitpod.v1.ProjectService/GetProject", response_model_exclude_none=True)
async def get_project(request: projects.GetProjectRequest, session: Session) -> projects.GetProjectResponse:
    """Return a project."""
    row = await session.get(ProjectRow, request.project_id)
    if row is None:
        raise HTTPException(404)
    return projects.GetProjectResponse(project=projects.Project.model_validate(row.content))


@app.post("/gitpod.v1.ProjectService/ListProjects", response_model_exclude_none=True)
async def list_projects(
    request: projects.ListProjectsRequest, session: Session
) -> projects.ListProjectsResponse:
    """Return the projects that most use."""
    size = request.pagination.page_size if request.pagination else 25
    query = select(ProjectRow).order_by(ProjectRow.users.desc(), ProjectRow.id.desc()).limit(size + 1)
    rows = (await session.scalars(query)).all()
    return projects.ListProjectsResponse(
        pagination=projects.PaginationResponse(next_token=str(rows[size].id) if len(rows) > size else ""),
        projects=[projects.Project.model_validate(row.content) for row in rows[:size]],
    )


@app.get("/v1beta/documents/{document_id}", response_model_exclude_none=True)
async def get_document(document_id: str, session: Session) -> documents.GetDocumentResponse:
    """Return a document."""
    row = await session.get(DocumentRow, document_id, options=[joinedload(DocumentRow.creator)])
    if row is None:
        raise HTTPException(404)
    return documents.GetDocumentResponse(document=document(row))


@app.get("/v1beta/documents", response_model_exclude_none=True)
async def list_documents(
    session: Session, page_size: Annotated[int, Query(ge=1, le=100)] = 50
) -> documents.ListDocumentsResponse:
    """Return the newest documents."""
    query = select(DocumentRow).options(joinedload(DocumentRow.creator))
    query = query.order_by(DocumentRow.created_at.desc(), DocumentRow.id.desc()).limit(page_size + 1)
    rows = (await session.scalars(query)).all()
    more = len(rows) > page_size
    return documents.ListDocumentsResponse(
        items=[document(row) for row in rows[:page_size]],
        pagination=documents.Pagination(
            next_page_token=rows[page_size].id if more else "", prev_page_token="", has_more=more
        ),
    )


def document(row: DocumentRow) -> documents.Document:
    """Return what is served of a row."""
    creator = documents.Subject(id=row.creator_id, type=documents.SubjectType.USER, name=row.creator.name)
    return documents.Document(
        created_by=creator,
        current_version=documents.VersionRef(id=row.current_version_id),
        permission_set=documents.DocumentPermissionSet.model_validate(row.permission_set),
        **{name: getattr(row, name) for name in _COPIED},
    )


def document_row(item: documents.Document) -> DocumentRow:
    """Return the row of a document."""
    fields = item.model_dump()
    return DocumentRow(
        creator_id=item.created_by.id,
        current_version_id=fields["current_version"]["id"],
        permission_set=fields["permission_set"],
        **{name: fields[name] for name in _COPIED},
    )


def project_row(project: projects.Project) -> ProjectRow:
    """Return the row of a project."""
    content = project.model_dump(mode="json", by_alias=True)
    return ProjectRow(id=UUID(project.id), users=project.used_by.total_subjects, content=content)


_COPIED = [
    "id",
    "url",
    "title",
    "description",
    "access_level",
    "processing_status",
    "created_at",
    "updated_at",
    "thumbnail_url",
    "general_access",
    "is_demo",
    "owner_organization_id",
    "source_format",
]


if __name__ == "__main__":
    serve_http(app)
