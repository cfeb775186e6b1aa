"""The data that Triptych is started with: one organization, a user, a token, projects in use, documents."""

from __future__ import annotations

from typing import Any

TOKEN = "bench-token-of-triptych"
PROJECTS = 100
DOCUMENTS = 50
PAGE = 25


def uuid(kind: int, number: int) -> str:
    """Return an id of version 7."""
    return f"01970000-{kind:04x}-7000-8000-{number:012x}"


USER: dict[str, Any] = {
    "id": uuid(1, 1),
    "organizationId": uuid(0, 1),
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "avatarUrl": "https://example.org/avatars/ada.png",
    "createdAt": "2025-01-06T09:00:00Z",
}


def seed() -> dict[str, Any]:
    """Return the content of a seed file."""
    runner, environment_class = uuid(2, 1), uuid(3, 1)
    return {
        "organizations": [{"id": uuid(0, 1), "name": "Lovelace Labs"}],
        "users": [{**USER, "role": "ROLE_ADMINISTRATOR"}],
        "tokens": [{"id": uuid(4, 1), "userId": USER["id"], "secret": TOKEN}],
        "runners": [{"id": runner, "name": "Frankfurt", "kind": "RUNNER_KIND_REMOTE"}],
        "environmentClasses": [{"id": environment_class, "runnerId": runner, "name": "Small"}],
        "projects": [project(number, environment_class) for number in range(PROJECTS)],
        "environments": [
            {"id": uuid(6, number), "creatorId": USER["id"], "projectId": uuid(5, number)}
            for number in range(0, PROJECTS, 2)
        ],
        "documents": [document(number) for number in range(DOCUMENTS)],
    }


def document_id(number: int) -> str:
    """Return the id of a document."""
    return f"doc_01{number:024}"


def document(number: int) -> dict[str, Any]:
    """Return a small document that everybody of the organization may view."""
    return {
        "id": document_id(number),
        "ownerId": USER["id"],
        "title": f"Notes on the engine {number}",
        "description": "What it may be trusted to do, and what not.",
        "text": "# Notes\n\nThe engine weaves algebraical patterns.\n",
        "fileName": "notes.md",
        "createdAt": f"2025-05-05T12:00:{number:02}Z",
    }


def project(number: int, environment_class: str) -> dict[str, Any]:
    """Return a project with what most of them have."""
    return {
        "id": uuid(5, number),
        "creatorId": USER["id"],
        "name": f"Analytical Engine {number}",
        "initializer": {
            "specs": [
                {
                    "git": {
                        "remoteUri": f"https://github.com/example/analytical-engine-{number}.git",
                        "targetMode": "CLONE_TARGET_MODE_REMOTE_BRANCH",
                        "cloneTarget": "main",
                    }
                }
            ]
        },
        "devcontainerFilePath": ".devcontainer/devcontainer.json",
        "automationsFilePath": ".gitpod/automations.yaml",
        "prebuildConfiguration": {
            "enabled": True,
            "environmentClassIds": [environment_class],
            "timeout": "1800s",
            "trigger": {"dailySchedule": {"hourUtc": 4}},
        },
        "environmentClasses": [{"environmentClassId": environment_class}],
        "recommendedEditors": {"editors": {"goland": {"versions": ["2025.1"]}, "vscode": {}}},
        "createdAt": f"2025-03-03T12:{number // 60:02}:{number % 60:02}Z",
    }
