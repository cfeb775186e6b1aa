"""What the store holds: one frozen record a thing, plain values inside.

Ids are UUIDs as lower-case text. Instants are nanoseconds since 1970-01-01T00:00:00Z, as int, from
0001-01-01T00:00:00Z (-62135596800 * 10**9) to 9999-12-31T23:59:59.999999999Z (253402300800 * 10**9 - 1): a
store keeps, compares and sorts them exactly over all of that range, which 64 bits cannot hold. A record is
changed by `dataclasses.replace` and put back. Messages inside a record (initializers and the like) are
values: whoever wants one changed builds another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Annotated, TypeAlias

from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.project_pb import ProjectPrebuildConfiguration, RecommendedEditors
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.user_pb import UserStatus

Instant: TypeAlias = Annotated[int, "instant"]
"""Nanoseconds since 1970-01-01T00:00:00Z, of the years 0001 to 9999: they need more than 64 bits."""


class Role(Enum):
    """What a user may do in the organization."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """Whoever acts, or acted: an id and what kind of thing it names."""

    id: str
    principal: Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of a new thing whatever it is: its id, where it belongs, who made it and when."""

    id: str
    organization_id: str
    creator: SubjectRef
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What everything else belongs to."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person in one organization."""

    id: str
    organization_id: str
    name: str
    email: str = ""
    avatar_url: str = ""
    role: Role = Role.MEMBER
    status: UserStatus = UserStatus.ACTIVE
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A caller that is not a person."""

    id: str
    organization_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A set of users and service accounts."""

    id: str
    organization_id: str
    name: str
    member_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Where environments run."""

    id: str
    organization_id: str
    name: str
    kind: RunnerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentClass:
    """A size of environment that a runner offers."""

    id: str
    organization_id: str
    runner_id: str
    runner_kind: RunnerKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A workspace, made from a project or on its own."""

    id: str
    organization_id: str
    creator: SubjectRef
    created_at: Instant
    project_id: str = ""
    environment_class_id: str = ""
    initializer: EnvironmentInitializer | None = None
    devcontainer_file_path: str = ""
    automations_file_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A personal access token. Its secret is not kept, only `digest`, the SHA-256 of the secret."""

    id: str
    organization_id: str
    owner: SubjectRef
    creator: SubjectRef
    digest: bytes
    description: str = ""
    read_only: bool = False
    created_at: Instant
    expires_at: Instant | None = None
    last_used: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectClass:
    """A class of environments that a project can use; an empty id means the local runner."""

    environment_class_id: str
    runner_id: str
    runner_kind: RunnerKind
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A source repository and how to work on it.

    `version` counts the changes; equal id and version mean an equal record.
    """

    id: str
    organization_id: str
    name: str
    creator: SubjectRef
    created_at: Instant
    updated_at: Instant
    initializer: EnvironmentInitializer
    devcontainer_file_path: str = ""
    automations_file_path: str = ""
    technical_description: str = ""
    prebuild_configuration: ProjectPrebuildConfiguration | None = None
    recommended_editors: RecommendedEditors | None = None
    environment_classes: tuple[ProjectClass, ...] = ()
    editor_group_ids: frozenset[str] = frozenset()
    admin_group_ids: frozenset[str] = frozenset()
    version: int = 1


class DocumentRole(IntEnum):
    """What somebody may do with a document; each role may all that the lesser ones may."""

    VIEWER = 1
    COMMENTER = 2
    COLLABORATOR = 3
    ADMIN = 4
    OWNER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A document shared with somebody: a user, a service account or a whole organization."""

    recipient_id: str
    role: DocumentRole
    granted_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file with a title, an owner and versions. It belongs to the organization of its owner.

    `description` None means that it has none. `file_bytes` is the size of the files of all its versions.
    `version` counts the changes of the record.
    """

    id: str
    organization_id: str
    owner: SubjectRef
    creator: SubjectRef
    title: str
    description: str | None = None
    access_level: AccessLevel
    processing_status: ProcessingStatus = ProcessingStatus.PROCESSING
    source_format: str
    current_version_id: str
    created_at: Instant
    updated_at: Instant
    trashed_at: Instant | None = None
    is_demo: bool = False
    grants: tuple[Grant, ...] = ()
    file_bytes: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """A file that a document held at some time. `content_hash` is the SHA-256, empty until it is known."""

    id: str
    document_id: str
    creator: SubjectRef
    created_at: Instant
    source_format: str
    file_name: str
    size: int
    title: str | None = None
    description: str | None = None
    content_hash: bytes = b""
    processing_status: ProcessingStatus = ProcessingStatus.PROCESSING


@dataclass(frozen=True, slots=True)
class View:
    """When somebody last viewed a document; `id` is `view_id` of the two."""

    document_id: str
    viewer_id: str
    viewed_at: Instant

    @property
    def id(self) -> str:
        """The id of the record."""
        return view_id(self.document_id, self.viewer_id)


def view_id(document_id: str, viewer_id: str) -> str:
    """Return the id of the record of a view: there is one for each document and viewer."""
    return f"{document_id}/{viewer_id}"
