"""What the README shows, and the life of a project: also run against `triptych serve`."""

from __future__ import annotations

from typing import Any

import pytest
from clients import collected, done
from gitpod import NotFoundError
from served import ADA, ENGINE, SEEDED_PROJECTS, unique


async def test_first_steps(ada: Any) -> None:
    assert (await done(ada.users.get_authenticated_user())).user.id == ADA
    names = {project.id: project.metadata.name for project in await collected(ada.projects.list())}
    assert set(names) >= SEEDED_PROJECTS
    assert names[ENGINE] == "Analytical Engine"
    project = (await done(ada.projects.create(name=unique("p"), initializer={"specs": []}))).project
    assert (await done(ada.projects.retrieve(project_id=project.id))).project.id == project.id
    await done(ada.projects.delete(project_id=project.id))
    with pytest.raises(NotFoundError):
        await done(ada.projects.retrieve(project_id=project.id))
