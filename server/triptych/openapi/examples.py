"""Values to try calls with: those of examples/seed.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from protobuf import DescField, DescMessage

from triptych.codec.descriptors import form_of
from triptych.openapi.rules import is_required

BY_NAME: Final[dict[str, Any]] = {
    "document_id": "doc_01jw000000e00800000000004h",
    "environment_id": "07e03a28-65a5-4d98-b532-8ea67b188048",
    "personal_access_token_id": "d2c94c27-3b76-4a42-b88c-95a85e392c68",
    "project_id": "b0e12f6c-4c67-429d-a4a6-d9838b5da047",
    "user_id": "f53d2330-3795-4c5d-a1f3-453121af9c60",
}
"""By the name of a field, of whatever service."""

_TO_DELETE: Final = "01970000-0000-7000-8000-000000000083"

BY_FIELD: Final[dict[str, Any]] = {
    "factify.api.v1beta.CreateDocumentRequest.title": "Budget",
    "factify.api.v1beta.CreateDocumentRequest.file_name": "budget.csv",
    "factify.api.v1beta.CreateDocumentRequest.payload": "aXRlbSxhbW91bnQK",
    "factify.api.v1beta.UpdateDocumentRequest.title": "Notes on the Analytical Engine",
    "gitpod.v1.CreateProjectRequest.name": "Website",
    "gitpod.v1.CreateProjectFromEnvironmentRequest.name": "Analytical Engine",
    "gitpod.v1.UpdateProjectRequest.name": "Analytical Engine",
    "gitpod.v1.DeleteProjectsRequest.project_ids": ["01970000-0000-7000-8000-000000000064"],
    "gitpod.v1.DeletePersonalAccessTokenRequest.personal_access_token_id": _TO_DELETE,
    "gitpod.v1.DeleteProjectRequest.project_id": "01970000-0000-7000-8000-000000000064",
    "gitpod.v1.GitInitializer.remote_uri": "https://github.com/example/website.git",
}
"""By the full name of a field. The bytes are the first line of the seed's budget.csv."""


def sample_of(message: DescMessage, key: Callable[[DescField], str], leave: Iterable[str] = ()) -> Any:
    """Return a request that is not refused for its form: what is required, and what there are examples of.

    Args:
        message: The type of the request.
        key: Returns the key of a field.
        leave: The names of the fields that are given otherwise.
    """
    found: dict[str, Any] = {}
    for field in message.fields:
        if field.name in leave:
            continue
        example = example_of(field)
        form = form_of(field)
        if example is None and is_required(field) and isinstance(form.element, DescMessage):
            inner = sample_of(form.element, key)
            example = [inner] if form.shape == "list" else inner
        if example is not None:
            found[key(field)] = example
    return found


def example_of(field: DescField) -> Any:
    """Return a value for a field of a request; None if there is none."""
    full = f"{field.parent.type_name}.{field.name}"
    return BY_FIELD.get(full, BY_NAME.get(field.name))
