"""The data: documents and projects of one organization, as NDJSON that `triptych store import` reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from triptych.documents import typeid

TOKENS: Final = {"administrator": "bench-token-of-the-administrator", "member": "bench-token-of-a-member"}
USERS: Final = 10
FORMATS: Final = ("markdown", "pdf", "docx", "xlsx", "csv")
WORDS: Final = (
    *("analysis", "annual", "answer", "archive", "article", "audit", "balance", "board", "brief", "budget"),
    *("campaign", "chapter", "client", "contract", "customer", "delivery", "design", "draft", "estimate"),
    *("exercise", "figure", "forecast", "handbook", "inventory", "invoice", "journal", "lecture", "ledger"),
    *("letter", "manual", "meeting", "memo", "minutes", "notes", "offer", "order", "outline", "paper"),
    *(
        "plan",
        "policy",
        "proposal",
        "protocol",
        "quarter",
        "record",
        "report",
        "request",
        "review",
    ),
    *(
        "roadmap",
        "sheet",
        "sketch",
        "strategy",
        "study",
        "summary",
        "survey",
        "target",
        "template",
        "thesis",
        "ticket",
    ),
    *("ticket", "travel", "update", "vision", "workshop"),
)
LEVELS: Final = ("PRIVATE", "ORGANIZATION", "PUBLIC")

_VIEWS: Final = 100_000
_SHARED: Final = 100
_TITLE: Final = 40
_DESCRIPTION: Final = 100
_SECONDS: Final = 365 * 86_400
_CONTENT: Final = base64.b64encode(b"# Text\n").decode()
_HASH: Final = base64.b64encode(bytes(32)).decode()


def uuid(kind: int, number: int) -> str:
    """Return an id of version 7."""
    return f"01970000-{kind:04x}-7000-8000-{number:012x}"


def document_id(number: int) -> str:
    """Return the id of a document by its number."""
    return typeid.encode("doc", uuid(7, number))


def creator_id(number: int) -> str:
    """Return the id of a user as documents show it."""
    return typeid.encode("user", uuid(1, number))


def write(file: Path, documents: int, projects: int) -> None:
    """Write a file with so many documents and projects; the same numbers give the same file."""
    with file.open("w") as stream:
        for line in _lines(documents, projects):
            stream.write(json.dumps(line, separators=(",", ":")) + "\n")


def _lines(documents: int, projects: int) -> Iterator[dict[str, Any]]:
    random = Random(documents)  # no secret
    yield {"organization": {"id": uuid(0, 1), "name": "Scale"}}
    for number in range(USERS):
        role = "ROLE_MEMBER" if number else "ROLE_ADMINISTRATOR"
        yield {"user": {"id": uuid(1, number), "name": f"User {number}", "role": role}}
    yield {"runner": {"id": uuid(2, 1), "name": "Runner", "kind": "RUNNER_KIND_REMOTE"}}
    for number in range(2):
        yield {"environmentClass": {"id": uuid(3, number), "runnerId": uuid(2, 1), "name": f"Class {number}"}}
    for number in range(projects):
        yield {"project": _project(number, random)}
    for number in range(0, min(projects, 1000), 2):
        environment = {
            "id": uuid(6, number),
            "creatorId": uuid(1, number % USERS),
            "projectId": uuid(5, number),
        }
        yield {"environment": environment}
    for number, secret in enumerate(TOKENS.values()):
        yield {"token": {"id": uuid(4, number), "userId": uuid(1, number), "secret": secret}}
    views = min(1.0, _VIEWS / documents) if documents else 0
    for number in range(documents):
        yield {"document": _document(number, random, views)}


def _project(number: int, random: Random) -> dict[str, Any]:
    name = f"{random.choice(WORDS)} {random.choice(WORDS)} {number}"
    remote = {"remoteUri": f"https://example.com/group/{name.replace(' ', '-')}.git"}
    return {
        "id": uuid(5, number),
        "creatorId": uuid(1, random.randrange(USERS)),
        "name": name,
        "initializer": {"specs": [{"git": remote}]},
        "environmentClasses": [{"environmentClassId": uuid(3, random.randrange(2))}],
        "createdAt": _instant(random),
    }


def _document(number: int, random: Random, views: float) -> dict[str, Any]:
    owner, created, updated = random.randrange(USERS), _instant(random), _instant(random)
    message: dict[str, Any] = {
        "id": document_id(number),
        "ownerId": uuid(1, owner),
        "creatorId": uuid(1, (owner + (random.random() < 1 / 10)) % USERS),
        "title": _text(random, _TITLE),
        "description": _text(random, _DESCRIPTION),
        "accessLevel": random.choice(
            ("ACCESS_LEVEL_PRIVATE", "ACCESS_LEVEL_ORGANIZATION", "ACCESS_LEVEL_PUBLIC")
        ),
        "data": _CONTENT,
        "createdAt": created,
        "updatedAt": updated,
        "current": {
            "id": uuid(8, number),
            "creatorId": uuid(1, owner),
            "createdAt": created,
            "sourceFormat": random.choice(FORMATS),
            "fileName": "text.md",
            "size": "7",
            "contentHash": _HASH,
            "status": f"PROCESSING_STATUS_{'READY' if random.random() < 99 / 100 else 'FAILED'}",
        },
    }
    if random.random() < 1 / 50:
        message["trashedAt"] = updated
    if number % _SHARED == 0:
        recipient = {"recipientId": uuid(1, random.randrange(USERS)), "role": "DOCUMENT_ROLE_VIEWER"}
        message["grants"] = [{**recipient, "grantedAt": updated}]
    if random.random() < views:
        message["views"] = [{"viewerId": uuid(1, random.randrange(USERS)), "viewedAt": updated}]
    return message


def _instant(random: Random) -> str:
    second = random.randrange(_SECONDS)
    day, rest = divmod(second, 86_400)
    month, day = divmod(day, 28)
    return f"2025-{month % 12 + 1:02}-{day + 1:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def _text(random: Random, length: int) -> str:
    """Return words of a length in characters, with a number that makes most of them different."""
    number = f" {random.randrange(10**8):08}"
    text = ""
    while len(text) < length - len(number):
        text += f"{random.choice(WORDS)} "
    return text[: length - len(number)].rstrip().ljust(length - len(number), "x") + number
