"""What the README of the SDK shows, and the life of a document: also run against `triptych serve`."""

from __future__ import annotations

from clients import FILES
from factify import Factify
from served import ADMIN_TOKEN, URL, unique

PAYLOAD = {"file_name": "agreement.pdf", "content": FILES["pdf"]}


def test_first_steps() -> None:
    title = unique("first")
    with Factify(bearer_auth=ADMIN_TOKEN, server_url=URL) as factify:
        document = factify.documents.create(payload=PAYLOAD, title=title).result.document
        assert factify.documents.get(document_id=document.id).result.document.title == title
        response = factify.documents.list(query=title)
        assert response is not None
        assert [item.id for item in response.result.items or []] == [document.id]
        assert response.next() is None
        factify.documents.update(document_id=document.id, title=f"{title}, signed")
        factify.documents.trash(document_id=document.id, body={})
        factify.documents.untrash(document_id=document.id, body={})
        got = factify.documents.get(document_id=document.id).result.document
        assert got.title == f"{title}, signed"


async def test_first_async_steps() -> None:
    title = unique("first")
    async with Factify(bearer_auth=lambda: ADMIN_TOKEN, server_url=f"{URL}/") as factify:
        response = await factify.documents.create_async(payload=PAYLOAD, title=title)
        id = response.result.document.id
        page = await factify.documents.list_async(query=title)
        assert page is not None
        assert [item.id for item in page.result.items or []] == [id]
        assert await page.next() is None
        await factify.documents.trash_async(document_id=id, body={})
        await factify.documents.untrash_async(document_id=id, body={})
        assert (await factify.documents.get_async(document_id=id)).result.document.trashed_at is None
