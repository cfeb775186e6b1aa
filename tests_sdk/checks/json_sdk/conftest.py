"""gitpod-sdk 0.11.0 in its four forms: sync and async, each believing what it gets or checking it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from clients import done
from gitpod import AsyncGitpod, Gitpod
from served import ADMIN_TOKEN, MEMBER_TOKEN, URL

FORMS = {
    "sync": (Gitpod, False),
    "sync-strict": (Gitpod, True),
    "async": (AsyncGitpod, False),
    "async-strict": (AsyncGitpod, True),
}


@pytest.fixture(scope="session", params=FORMS)
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Any]]:
    """Return a maker of clients; options that it is not given are those of the administrator."""
    client_class, strict = FORMS[request.param]
    clients = []

    def make(**options: Any) -> Any:
        options = {"base_url": URL, "bearer_token": ADMIN_TOKEN, **options}
        clients.append(client_class(_strict_response_validation=strict, **options))
        return clients[-1]

    yield make
    for client in clients:
        await done(client.close())


@pytest.fixture(scope="session")
def ada(connect: Callable[..., Any]) -> Any:
    """Return a client of the administrator."""
    return connect()


@pytest.fixture(scope="session")
def max(connect: Callable[..., Any]) -> Any:
    """Return a client of a member."""
    return connect(bearer_token=MEMBER_TOKEN)
