"""From pages to items: how the rpcs that list ask for the next page."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from protobuf import Message

from triptych_api.gitpod.v1.pagination_pb import PaginationRequest
from triptych_client.errors import InternalError

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)
Item = TypeVar("Item")


class Paging(Generic[Req, Res, Item]):
    """How one rpc lists: where its requests and responses keep the page and the items."""

    def __init__(self, *, items: Callable[[Res], Sequence[Item]], nested: bool) -> None:
        """Tell how.

        Args:
            items: Takes the items out of a page.
            nested: Whether the request has a `pagination` with `page_size` and `token`, answered by a
                `next_token`; else it has `page_size` and `page_token`, answered by `has_more` and a
                `next_page_token`.
        """
        self.items = items
        self._nested = nested

    def first(self, request: Req, page_size: int | None) -> Req:
        """Return the request for the first page; the one that is given is left as it is."""
        page: Any = copy.copy(request)
        if page_size is not None:
            if self._nested:
                token = page.pagination.token if page.pagination else ""
                page.pagination = PaginationRequest(page_size=page_size, token=token)
            else:
                page.page_size = page_size
        return page  # type: ignore[no-any-return]

    def next(self, request: Req, response: Res) -> Req | None:
        """Return the request for the page after this one; None if there is none.

        Raises:
            InternalError: The server gives the token of the page that it has just sent.
        """
        page: Any = copy.copy(request)
        answer: Any = response
        if self._nested:
            before, size = (
                ("", 0) if page.pagination is None else (page.pagination.token, page.pagination.page_size)
            )
            token = answer.pagination.next_token if answer.pagination else ""
            page.pagination = PaginationRequest(page_size=size, token=token)
        else:
            before = page.page_token
            more = answer.pagination is not None and answer.pagination.has_more
            page.page_token = token = answer.pagination.next_page_token if more else ""
        if token and token == before:
            raise InternalError("the server answered a page token with the same page token")
        return page if token else None


def iterate(
    paging: Paging[Req, Res, Item], fetch: Callable[[Req], Res], request: Req, page_size: int | None
) -> Iterator[Item]:
    """Yield the items, asking for a page when the one before is used up."""
    following: Req | None = paging.first(request, page_size)
    while following is not None:
        response = fetch(following)
        yield from paging.items(response)
        following = paging.next(following, response)


async def iterate_async(
    paging: Paging[Req, Res, Item],
    fetch: Callable[[Req], Awaitable[Res]],
    request: Req,
    page_size: int | None,
) -> AsyncIterator[Item]:
    """Yield the items, asking for a page when the one before is used up."""
    following: Req | None = paging.first(request, page_size)
    while following is not None:
        response = await fetch(following)
        for item in paging.items(response):
            yield item
        following = paging.next(following, response)
