"""What the servers start with: two users, an environment, and documents that are shared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from uuid import uuid4

from kill_test.ledger import Ledger, Thing
from triptych.documents.typeid import encode

TOKEN: Final = "a-token-for-this-test"
ADMINISTRATOR: Final = "01970000-0000-7000-8000-000000000011"
ENVIRONMENT: Final = "01970000-0000-7000-8000-000000000071"

_ORGANIZATION: Final = "01970000-0000-7000-8000-000000000001"
_TOKEN_ID: Final = "01970000-0000-7000-8000-000000000081"
_READER: Final = "01970000-0000-7000-8000-000000000012"
_CREATED: Final = "2025-01-06T09:00:00Z"


def content(title: str) -> bytes:
    """Return the text of the document that was created with a title: some are small, some span pages."""
    return f"# {title}\n".encode() + f"{title} ".encode() * (300 if title.endswith("7") else 3)


def write_seed(file: Path, ledger: Ledger, count: int) -> list[Thing]:
    """Write a seed file, and note what it holds.

    Args:
        file: Where to write, as JSON.
        ledger: Where to note it.
        count: How many documents there are.

    Returns:
        The documents.
    """
    documents = {str(uuid4()): f"shared-{number}" for number in range(count)}
    seed = {
        "organizations": [{"id": _ORGANIZATION, "name": "Kill test"}],
        "users": [
            {"id": ADMINISTRATOR, "name": "Ada", "role": "ROLE_ADMINISTRATOR", "createdAt": _CREATED},
            {"id": _READER, "name": "Max", "createdAt": _CREATED},
        ],
        "environments": [{"id": ENVIRONMENT, "creatorId": ADMINISTRATOR, "initializer": {"specs": []}}],
        "documents": [
            {
                "id": encode("doc", id),
                "ownerId": ADMINISTRATOR,
                "title": title,
                "fileName": "text.md",
                "text": content(title).decode(),
                "createdAt": _CREATED,
                "grants": [
                    {"recipientId": _READER, "role": "DOCUMENT_ROLE_VIEWER", "grantedAt": _CREATED},
                ],
            }
            for id, title in documents.items()
        ],
        "tokens": [{"id": _TOKEN_ID, "userId": ADMINISTRATOR, "secret": TOKEN, "description": "seeded"}],
    }
    file.write_text(json.dumps(seed))
    ledger.know("token", _TOKEN_ID, {"description": "seeded"})
    return [
        ledger.know("document", id, {"title": title, "description": None, "trashed": False, "grants": 1})
        for id, title in documents.items()
    ]
