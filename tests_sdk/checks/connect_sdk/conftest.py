"""gitpod-sdk 1.2.0: its client, which is sync, and the async clients that it has beside that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients import Api, Service
from gitpod.v1.project_connect import ProjectServiceClient
from gitpod.v1.user_connect import UserServiceClient
from ona_sdk import create_client
from served import ADMIN_TOKEN, MEMBER_TOKEN, URL


def sync_api(token: str | None, url: str, *, get: bool) -> Api:
    """Return what the SDK's own client calls."""
    services = create_client(api_key=token, base_url=url).services
    return Api(Service(services.user, get), Service(services.project, get))


def async_api(token: str | None, url: str, *, get: bool) -> Api:
    """Return what the generated async clients call; unlike the SDK's own, they compress requests."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    clients = UserServiceClient(url), ProjectServiceClient(url)
    return Api(*(Service(client, get, headers) for client in clients))


FORMS = {
    "sync": (sync_api, False),
    "sync-get": (sync_api, True),
    "async": (async_api, False),
    "async-get": (async_api, True),
}


@pytest.fixture(params=FORMS)
def connect(request: pytest.FixtureRequest) -> Callable[..., Api]:
    """Return a maker of clients."""
    make, get = FORMS[request.param]

    def api(token: str | None, url: str = URL) -> Api:
        return make(token, url, get=get)

    return api


@pytest.fixture
def ada(connect: Callable[..., Api]) -> Api:
    """Return a client of the administrator."""
    return connect(ADMIN_TOKEN)


@pytest.fixture
def max(connect: Callable[..., Api]) -> Api:
    """Return a client of a member."""
    return connect(MEMBER_TOKEN)
