"""What several of the tests need."""

from __future__ import annotations

from typing import Any

import pytest

from triptych.codec import binary, parser
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

    monkeypatch.setattr(parser, "_run", parse)
    monkeypatch.setattr(binary, "check_wellformed", parse)
    monkeypatch.setattr(DeleteProjectsRequest, "from_binary", parse)
    monkeypatch.setattr(CreateProjectRequest, "from_binary", parse)
    monkeypatch.setattr(ListProjectsRequest, "from_binary", parse)
