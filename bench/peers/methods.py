"""The two calls that are measured, with the messages that answer them."""

from __future__ import annotations

from protobuf import Message

from bench.peers.serving import answer
from triptych_api.gitpod.v1.project_service_pb import (
    GetProjectRequest,
    GetProjectResponse,
    ListProjectsRequest,
    ListProjectsResponse,
)

METHODS: list[tuple[str, str, type[Message], type[Message]]] = [
    ("gitpod.v1.ProjectService", "GetProject", GetProjectRequest, GetProjectResponse),
    ("gitpod.v1.ProjectService", "ListProjects", ListProjectsRequest, ListProjectsResponse),
]


def message(name: str, kind: type[Message]) -> Message:
    """Return the message that answers a call."""
    return kind.from_binary(answer(f"{name}.binpb"))
