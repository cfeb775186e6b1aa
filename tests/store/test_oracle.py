"""Random questions of 5,000 documents are answered as a plain filter and sort does, while rows change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cmp_to_key
from random import Random
from typing import Any, Final

from store import randomly
from store.builders import uuid
from store.naive import kept
from support.stores import NewStore
from triptych.store.base import Store, Transaction
from triptych.store.queries import Audience, DocumentPosition, DocumentQuery, DocumentSort, Reach, fold_text
from triptych.store.records import Document, View, view_id
from triptych_api.factify.api.v1beta.document_pb import AccessLevel

DOCUMENTS: Final = 5000
QUERIES: Final = 40
PAGES: Final = 3


def reached(audience: Audience, document: Document) -> bool:
    granted = any(grant.recipient_id == audience.id for grant in document.grants)
    own = document.organization_id == audience.id
    match audience.reach:
        case Reach.USER:
            return granted or document.owner.id == audience.id
        case Reach.ORGANIZATION:
            return granted
        case Reach.OPEN:
            return own and document.access_level != AccessLevel.PRIVATE
        case Reach.ADMINISTRATOR:
            return own


class Library:
    """Documents and views in dictionaries, and the same in a store."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.documents: dict[str, Document] = {}
        self.views: dict[str, View] = {}

    async def fill(self, store: Store) -> None:
        documents = [self._document(number) for number in range(DOCUMENTS)]
        views = [randomly.view(self.random, self.random.randrange(DOCUMENTS)) for _ in range(DOCUMENTS // 5)]

        async def put(tx: Transaction) -> None:
            await tx.documents.put(*documents)
            await tx.views.put(*{view.id: view for view in views}.values())

        await store.write(put)
        self.documents = {each.id: each for each in documents}
        self.views = {each.id: each for each in views}

    async def change(self, store: Store) -> set[str]:
        """Change some documents, and return which."""
        numbers = self.random.sample(range(DOCUMENTS), 5)
        changed = [self._document(number) for number in numbers[:3]]
        gone = [uuid(number) for number in numbers[3:]]

        async def change(tx: Transaction) -> None:
            await tx.documents.put(*changed)
            await tx.documents.delete(*gone)

        await store.write(change)
        self.documents |= {each.id: each for each in changed}
        for id in gone:
            self.documents.pop(id, None)
        return set(map(uuid, numbers))

    def places(self, query: DocumentQuery) -> list[DocumentPosition]:
        """Return the whole list."""

        def compare(one: DocumentPosition, other: DocumentPosition) -> int:
            if (one.key is None) != (other.key is None):
                return 1 if one.key is None else -1
            left: Any = (one.key or 0, one.id)
            right: Any = (other.key or 0, other.id)
            order = (left > right) - (left < right)
            return -order if query.descending else order

        found = [
            DocumentPosition(self._key(query, each), each.id)
            for each in self.documents.values()
            if any(reached(audience, each) for audience in query.audiences) and kept(query, each)
        ]
        return sorted(found, key=cmp_to_key(compare))

    def _document(self, number: int) -> Document:
        random = self.random
        # Instants that are mostly distinct, and titles as well.
        document = randomly.document(random, number)
        return replace(
            document,
            created_at=random.randrange(10**19),
            title=random.choice((document.title, f"{document.title} {random.randrange(999)}")),
        )

    def _key(self, query: DocumentQuery, document: Document) -> Any:
        view = self.views.get(view_id(document.id, query.viewer_id))
        grants = [each.granted_at for each in document.grants if each.recipient_id == query.viewer_id]
        keys: Mapping[DocumentSort, Any] = {
            DocumentSort.CREATED_AT: document.created_at,
            DocumentSort.UPDATED_AT: document.updated_at,
            DocumentSort.NAME: (fold_text(document.title), document.title),
            DocumentSort.LAST_VIEWED_AT: view.viewed_at if view else None,
            DocumentSort.LAST_SHARED_AT: max(grants, default=None),
        }
        return keys[query.sort]


async def test_pages_are_those_of_a_plain_list_while_rows_change(new_store: NewStore) -> None:
    random = Random(12)
    library = Library(random)
    async with new_store() as store:
        await library.fill(store)
        for number in range(QUERIES):
            query, backwards = randomly.document_query(random), random.random() < 0.5
            size = random.choice((1, 7, 25, 100))
            place = await _somewhere(library, query)
            touched: set[str] = set()
            for _ in range(PAGES):
                expected = library.places(query)
                async with store.read() as tx:
                    found = await tx.documents.page(query, place, size, backwards=backwards)
                wanted, behind = _slice(query, expected, place, size, backwards)
                text = f"question {number}: {query}, {place}, {size}, {backwards}, {len(touched)} changed"
                assert [each for _, each in found.rows] == wanted, text
                assert [document for document, _ in found.rows] == [
                    library.documents[each.id] for each in wanted
                ], text
                assert found.behind is behind, text
                if not wanted:
                    break
                place = wanted[0 if backwards else -1]
                touched |= await library.change(store)


async def _somewhere(library: Library, query: DocumentQuery) -> DocumentPosition | None:
    places = library.places(query)
    return library.random.choice((None, library.random.choice(places))) if places else None


def _slice(
    query: DocumentQuery,
    expected: list[DocumentPosition],
    place: DocumentPosition | None,
    size: int,
    backwards: bool,
) -> tuple[list[DocumentPosition], bool]:
    """Return the page, and whether there is something behind it."""
    if place is None:
        return (expected[-size:] if backwards else expected[:size]), False

    def follows(each: DocumentPosition) -> bool:
        if (each.key is None) != (place.key is None):
            return each.key is None
        left: Any = (each.key or 0, each.id)
        right: Any = (place.key or 0, place.id)
        return bool(left < right if query.descending else left > right)

    if backwards:
        before = [each for each in expected if each != place and not follows(each)]
        page = before[-size:]
        return page, len(expected) > len(before) if page else bool(expected)
    after = [each for each in expected if follows(each)]
    page = after[:size]
    return page, len(expected) > len(after) if page else bool(expected)
