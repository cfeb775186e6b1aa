"""What the checks know of the server: its address, and what examples/seed.yaml put into it."""

from __future__ import annotations

import os
from uuid import uuid4

URL = os.environ["SDK_TEST_URL"]

ADMIN_TOKEN = "triptych-admin-token"
MEMBER_TOKEN = "triptych-member-token"
READ_ONLY_TOKEN = "triptych-read-only-token"

ADA = "f53d2330-3795-4c5d-a1f3-453121af9c60"
MAX = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
ENGINE = "b0e12f6c-4c67-429d-a4a6-d9838b5da047"
SEEDED_PROJECTS = {ENGINE, *(f"01970000-0000-7000-8000-0000000000{number}" for number in (62, 63, 64))}
ENVIRONMENT = "07e03a28-65a5-4d98-b532-8ea67b188048"
ENVIRONMENT_CLASS = "b0e12f6c-4c67-429d-a4a6-d9838b5da041"
RUNNER = "01970000-0000-7000-8000-000000000041"

ABSENT = "00000000-0000-4000-8000-000000000000"
PAGE_SIZES = [1, 2, 3, 7, 100]

# Each code, and the HTTP status that carries it.
STATUSES = {
    "canceled": 499,
    "unknown": 500,
    "invalid_argument": 400,
    "deadline_exceeded": 504,
    "not_found": 404,
    "already_exists": 409,
    "permission_denied": 403,
    "resource_exhausted": 429,
    "failed_precondition": 400,
    "aborted": 409,
    "out_of_range": 400,
    "unimplemented": 501,
    "internal": 500,
    "unavailable": 503,
    "data_loss": 500,
    "unauthenticated": 401,
}


def unique(text: str) -> str:
    """Return a name that no other check uses."""
    return f"{text} {uuid4().hex[:12]}"


def sent(times: int, what: str) -> dict[str, str]:
    """Return headers for a request that must reach the server so many times, or test_sdks.py fails."""
    return {"x-request-id": f"sent-{times}:{what}:{uuid4().hex[:12]}"}
