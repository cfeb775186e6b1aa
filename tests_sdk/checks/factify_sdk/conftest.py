"""The factify SDK in both forms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from clients import Documents, uploaded
from factify import Factify
from served import ADMIN_TOKEN, MEMBER_TOKEN, URL, unique


@pytest.fixture(scope="session", params=["sync", "async"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Documents]]:
    """Return a maker of clients from a token and options."""
    with httpx.Client() as client:
        async with httpx.AsyncClient() as async_client:

            def make(token: str = ADMIN_TOKEN, url: str = URL) -> Documents:
                sdk = Factify(bearer_auth=token, server_url=url, client=client, async_client=async_client)
                return Documents(sdk, request.param)

            yield make


@pytest.fixture(scope="session")
def ada(connect: Callable[..., Documents]) -> Documents:
    """Return a client of the administrator."""
    return connect()


@pytest.fixture(scope="session")
def max(connect: Callable[..., Documents]) -> Documents:
    """Return a client of a member."""
    return connect(MEMBER_TOKEN)


@pytest.fixture(scope="session")
async def seven(max: Documents) -> tuple[str, list[str]]:
    """Create seven documents with a word of their own in the title; return the word and their ids."""
    word = unique("word")
    return word, [(await uploaded(max, f"{word} {index}")).id for index in range(7)]


@pytest.fixture
async def raw() -> AsyncIterator[httpx.AsyncClient]:
    """Return an HTTP client for what the SDK cannot send, as the member."""
    headers = {"authorization": f"Bearer {MEMBER_TOKEN}"}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as client:
        yield client
