"""What several of the tests need."""

from __future__ import annotations

from typing import Any

import pytest

from triptych.codec import json
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    DeleteProjectsRequest,
    ListProjectsRequest,
)


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parsing an error of the test."""

    def parse(*arguments: Any) -> Any:
        pytest.fail("a body was parsed that should have been refused before")

    monkeypatch.setattr(json, "parse", parse)
    for message_class in (CreateProjectRequest, DeleteProjectsRequest, ListProjectsRequest):
        monkeypatch.setattr(message_class, "from_json", parse)
        monkeypatch.setattr(message_class, "from_binary", parse)
