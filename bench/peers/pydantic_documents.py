"""Documents as pydantic models, with the names and values that they have over REST."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class AccessLevel(StrEnum):
    PRIVATE = "private"
    ORGANIZATION = "organization"
    PUBLIC = "public"


class ProcessingStatus(StrEnum):
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class SubjectType(StrEnum):
    USER = "user"
    BOT = "bot"


class Subject(BaseModel):
    id: str
    type: SubjectType
    name: str


class VersionRef(BaseModel):
    id: str


class DocumentPermissionSet(BaseModel):
    attach_policy: bool | None = None
    comment_private: bool | None = None
    comment_public: bool | None = None
    copy_content: bool | None = None
    create_version: bool | None = None
    export: bool | None = None
    grant_access: bool | None = None
    list_versions: bool | None = None
    manage_access: bool | None = None
    open: bool | None = None
    screenshot: bool | None = None
    trash: bool | None = None
    view: bool | None = None
    view_analytics: bool | None = None
    view_leads: bool | None = None
    view_timeline: bool | None = None


class Document(BaseModel):
    id: str
    url: str
    title: str
    description: str | None = None
    access_level: AccessLevel
    processing_status: ProcessingStatus
    created_at: datetime
    created_by: Subject
    current_version: VersionRef | None = None
    updated_at: datetime
    trashed_at: datetime | None = None
    thumbnail_url: str | None = None
    last_viewed_at: datetime | None = None
    shared_at: datetime | None = None
    general_access: AccessLevel | None = None
    permission_set: DocumentPermissionSet | None = None
    is_demo: bool | None = None
    owner_organization_id: str | None = None
    source_format: str | None = None


class Pagination(BaseModel):
    next_page_token: str | None = None
    prev_page_token: str | None = None
    has_more: bool


class GetDocumentResponse(BaseModel):
    document: Document


class ListDocumentsResponse(BaseModel):
    items: list[Document]
    pagination: Pagination
