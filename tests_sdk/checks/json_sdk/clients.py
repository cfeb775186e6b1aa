"""One way to write a check for the sync and the async client."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

TEST_METHOD = "/triptych.test.v1.TestService/Unary"


async def done(value: Any) -> Any:
    """Return what a call gave, once the async client has it."""
    return await value if isawaitable(value) else value


async def collected(pages: Any) -> list[Any]:
    """Return the items of all pages, as the client's own iterator gives them."""
    if hasattr(pages, "__aiter__"):
        return [item async for item in pages]
    return list(pages)


async def echo(client: Any, text: str, **options: Any) -> Any:
    """Call the method that the server has for tests: `code:<name>` fails, other text comes back."""
    return await done(client.post(TEST_METHOD, body=text, cast_to=object, options=options))


async def create_token(client: Any, user_id: str, **fields: Any) -> str:
    """Create a token by a raw call, which the SDK has no method for; return its secret."""
    path = "/gitpod.v1.UserService/CreatePersonalAccessToken"
    return (await done(client.post(path, body={"userId": user_id, **fields}, cast_to=object)))["token"]
