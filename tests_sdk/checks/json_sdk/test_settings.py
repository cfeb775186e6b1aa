"""How a client is told where the server is and who it is."""

from __future__ import annotations

from typing import Any

import gitpod
import pytest
from clients import done
from gitpod import AsyncGitpod, Gitpod
from served import ADA, ADMIN_TOKEN, MAX, MEMBER_TOKEN, URL


@pytest.fixture(params=[Gitpod, AsyncGitpod])
def client_class(request: pytest.FixtureRequest) -> Any:
    """Return one class after the other."""
    return request.param


async def caller(client: Any) -> str:
    """Return the id of whom the client calls as."""
    user = (await done(client.users.get_authenticated_user())).user
    page = await done(client.projects.list(page_size=1))
    assert len((await done(page.get_next_page())).projects) == 1
    await done(client.close())
    return str(user.id)


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/"])
async def test_base_urls(client_class: Any, suffix: str) -> None:
    assert await caller(client_class(base_url=URL + suffix, bearer_token=ADMIN_TOKEN)) == ADA


async def test_environment_variables(client_class: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITPOD_BASE_URL", URL + "/api")
    monkeypatch.setenv("GITPOD_API_KEY", MEMBER_TOKEN)
    assert await caller(client_class()) == MAX
    assert await caller(client_class(bearer_token=ADMIN_TOKEN)) == ADA


async def test_a_client_needs_a_token(client_class: Any) -> None:
    with pytest.raises(gitpod.GitpodError, match="GITPOD_API_KEY"):
        client_class(base_url=URL)


async def test_another_token_for_one_call(client_class: Any) -> None:
    client = client_class(base_url=URL, bearer_token=ADMIN_TOKEN)
    assert await caller(client.with_options(bearer_token=MEMBER_TOKEN)) == MAX
    await done(client.close())
