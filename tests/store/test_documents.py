"""Pages of documents: random documents, changes and questions; the answers are those of a plain list."""

from __future__ import annotations

from dataclasses import replace
from functools import cmp_to_key
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from store.builders import uuid
from store.conftest import NewStore
from triptych.store.base import Store
from triptych.store.queries import DocumentPosition, DocumentQuery, DocumentSort, fold_text
from triptych.store.records import Document, DocumentRole, Grant, SubjectRef, View, view_id
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.identity_pb import Principal

ORGANIZATIONS = [uuid(900), uuid(901)]
PEOPLE = [uuid(910), uuid(911), uuid(912)]
SUBJECTS = [SubjectRef(id, Principal.USER) for id in PEOPLE]
LEVELS = [AccessLevel.PRIVATE, AccessLevel.ORGANIZATION, AccessLevel.PUBLIC]
STATUSES = [ProcessingStatus.PROCESSING, ProcessingStatus.READY]
FORMATS = ["pdf", "csv"]
TITLES = ["Straße", "STRASSE", "Apfel", "apfel", "Zebra", "I\u0307x", "é", "e\u0301"]
INSTANTS = st.integers(0, 5)

GRANTS = st.builds(
    Grant,
    recipient_id=st.sampled_from(PEOPLE + ORGANIZATIONS),
    role=st.sampled_from(DocumentRole),
    granted_at=INSTANTS,
)


def documents(number: int) -> st.SearchStrategy[Document]:
    return st.builds(
        Document,
        id=st.just(uuid(number)),
        organization_id=st.sampled_from(ORGANIZATIONS),
        owner=st.sampled_from(SUBJECTS),
        creator=st.sampled_from(SUBJECTS),
        title=st.sampled_from(TITLES),
        description=st.none() | st.sampled_from(["", "annual REPORT", "straße 5"]),
        access_level=st.sampled_from(LEVELS),
        processing_status=st.sampled_from(STATUSES),
        source_format=st.sampled_from(FORMATS),
        current_version_id=st.just(uuid(1000 + number)),
        created_at=INSTANTS,
        updated_at=INSTANTS,
        trashed_at=st.none() | INSTANTS,
        grants=st.lists(GRANTS, max_size=3).map(tuple),
    )


LIBRARIES = st.sets(st.integers(1, 30), max_size=14).flatmap(
    lambda numbers: st.tuples(*map(documents, sorted(numbers)))
)
VIEWS = st.lists(
    st.builds(View, st.integers(1, 30).map(uuid), st.sampled_from(PEOPLE), INSTANTS),
    max_size=8,
    unique_by=lambda view: view.id,
)
SOME = {
    "created_after": st.none() | INSTANTS,
    "created_before": st.none() | INSTANTS,
    "creators": st.lists(st.sampled_from(SUBJECTS), max_size=2).map(tuple),
    "access_levels": st.lists(st.sampled_from(LEVELS), max_size=2).map(tuple),
    "processing_statuses": st.lists(st.sampled_from(STATUSES), max_size=2).map(tuple),
    "owned": st.none() | st.booleans(),
    "trashed": st.none() | st.booleans(),
    "organization_only": st.booleans(),
    "query": st.sampled_from(["", "STRASSE", "report", "E", "5"]),
    "title_contains": st.sampled_from(["", "ss", "APFEL", "é", "zz"]),
    "description_contains": st.sampled_from(["", "annual", "ß"]),
    "source_formats": st.lists(st.sampled_from(FORMATS), max_size=2).map(tuple),
}
FREE = {
    "viewer_id": st.sampled_from(PEOPLE),
    "organization_id": st.sampled_from(ORGANIZATIONS),
    "administrator": st.booleans(),
    "sort": st.sampled_from(DocumentSort),
    "descending": st.booleans(),
}
# Most questions have few filters: else most answers are empty.
QUERIES = st.lists(st.sampled_from(sorted(SOME)), max_size=3, unique=True).flatmap(
    lambda names: st.builds(
        DocumentQuery, **FREE, **{"trashed": st.none(), **{name: SOME[name] for name in names}}
    )
)


def visible(query: DocumentQuery, document: Document) -> bool:
    own = document.organization_id == query.organization_id
    recipients = {grant.recipient_id for grant in document.grants}
    return (
        document.owner.id == query.viewer_id
        or bool(recipients & {query.viewer_id, query.organization_id})
        or (own and (query.administrator or document.access_level != AccessLevel.PRIVATE))
    )


def kept(query: DocumentQuery, document: Document) -> bool:
    title, description = fold_text(document.title), fold_text(document.description or "")
    has = document.description is not None
    return (
        (query.created_after is None or document.created_at >= query.created_after)
        and (query.created_before is None or document.created_at <= query.created_before)
        and (not query.creators or document.creator in query.creators)
        and (not query.access_levels or document.access_level in query.access_levels)
        and (not query.processing_statuses or document.processing_status in query.processing_statuses)
        and (query.owned is None or query.owned == (document.owner.id == query.viewer_id))
        and (query.trashed is None or query.trashed == (document.trashed_at is not None))
        and (not query.organization_only or document.organization_id == query.organization_id)
        and (not query.source_formats or document.source_format in query.source_formats)
        and fold_text(query.title_contains) in title
        and (not query.description_contains or (has and fold_text(query.description_contains) in description))
        and (fold_text(query.query) in title or (has and fold_text(query.query) in description))
    )


def key_of(query: DocumentQuery, document: Document, views: dict[str, View]) -> Any:
    view = views.get(view_id(document.id, query.viewer_id))
    grants = [grant.granted_at for grant in document.grants if grant.recipient_id == query.viewer_id]
    return {
        DocumentSort.CREATED_AT: document.created_at,
        DocumentSort.UPDATED_AT: document.updated_at,
        DocumentSort.NAME: (fold_text(document.title), document.title),
        DocumentSort.LAST_VIEWED_AT: view.viewed_at if view else None,
        DocumentSort.LAST_SHARED_AT: max(grants, default=None),
    }[query.sort]


def expected(query: DocumentQuery, library: dict[str, Document], views: dict[str, View]) -> list[str]:
    """Return the ids of all pages."""

    def compare(one: DocumentPosition, other: DocumentPosition) -> int:
        if (one.key is None) != (other.key is None):
            return 1 if one.key is None else -1
        left, right = (one.key, one.id), (other.key, other.id)
        if one.key is None:
            left, right = (0, one.id), (0, other.id)
        order = (left > right) - (left < right)  # type: ignore[operator] # keys of one sort compare
        return -order if query.descending else order

    found = [each for each in library.values() if visible(query, each) and kept(query, each)]
    places = [DocumentPosition(key_of(query, each, views), each.id) for each in found]
    return [place.id for place in sorted(places, key=cmp_to_key(compare))]


async def fill(store: Store, library: tuple[Document, ...], views: list[View]) -> None:
    async with store.write() as tx:
        for document in library:
            await tx.documents.put(document)
        for view in views:
            await tx.views.put(view)
        await tx.commit()


async def pages(store: Store, query: DocumentQuery, size: int, *, backwards: bool) -> list[str]:
    """Return the ids of all pages, in the order of the query."""
    seen: list[str] = []
    place: DocumentPosition | None = None
    async with store.read() as tx:
        while True:
            page = await tx.documents.page(query, place, size, backwards=backwards)
            ids = [document.id for document, _ in page]
            seen = ids + seen if backwards else seen + ids
            if len(page) < size:
                return seen
            place = page[0 if backwards else -1][1]


@settings(max_examples=300)
@given(library=LIBRARIES, views=VIEWS, query=QUERIES, size=st.integers(1, 4), backwards=st.booleans())
async def test_pages_in_both_directions(
    new_store: NewStore,
    library: tuple[Document, ...],
    views: list[View],
    query: DocumentQuery,
    size: int,
    backwards: bool,
) -> None:
    async with new_store() as store:
        await fill(store, library, views)
        wanted = expected(query, {each.id: each for each in library}, {each.id: each for each in views})
        assert await pages(store, query, size, backwards=backwards) == wanted
        assert await pages(store, query, 100, backwards=backwards) == wanted


@settings(max_examples=150)
@given(
    before=LIBRARIES,
    changed=LIBRARIES,
    deleted=st.sets(st.integers(1, 30), max_size=4),
    views=VIEWS,
    query=QUERIES,
)
async def test_changes_are_followed_and_undone(
    new_store: NewStore,
    before: tuple[Document, ...],
    changed: tuple[Document, ...],
    deleted: set[int],
    views: list[View],
    query: DocumentQuery,
) -> None:
    async with new_store() as store:
        await fill(store, before, views[:4])
        old = await pages(store, query, 100, backwards=False)
        for commit in (False, True):
            async with store.write() as tx:
                for document in changed:
                    await tx.documents.put(document)
                for number in deleted:
                    await tx.documents.delete(uuid(number))
                for view in views:
                    await tx.views.put(replace(view, viewed_at=view.viewed_at + 1))
                if commit:
                    await tx.commit()
            if not commit:
                assert await pages(store, query, 100, backwards=False) == old
        library = {each.id: each for each in (*before, *changed)}
        for number in deleted:
            library.pop(uuid(number), None)
        kept_views = {each.id: replace(each, viewed_at=each.viewed_at + 1) for each in views}
        assert await pages(store, query, 100, backwards=False) == expected(query, library, kept_views)


@settings(max_examples=100)
@given(library=LIBRARIES, gone=st.sets(st.integers(1, 30), max_size=5), query=QUERIES, size=st.integers(1, 3))
async def test_pages_go_on_where_rows_are_gone(
    new_store: NewStore, library: tuple[Document, ...], gone: set[int], query: DocumentQuery, size: int
) -> None:
    async with new_store() as store:
        await fill(store, library, [])
        wanted = expected(query, {each.id: each for each in library}, {})
        async with store.read() as tx:
            first = await tx.documents.page(query, None, size)
        async with store.write() as tx:
            for number in gone:
                await tx.documents.delete(uuid(number))
            await tx.commit()
        if first:
            async with store.read() as tx:
                rest = await tx.documents.page(query, first[-1][1], 100)
            removed = {uuid(number) for number in gone}
            assert [document.id for document, _ in rest] == [
                id for id in wanted[len(first) :] if id not in removed
            ]


async def test_views_of_a_viewer_are_found_by_document(store: Store) -> None:
    mine = [View(uuid(number), PEOPLE[0], number) for number in (1, 2)]
    async with store.write() as tx:
        for view in (*mine, View(uuid(1), PEOPLE[1], 9)):
            await tx.views.put(view)
        await tx.commit()
    async with store.write() as tx:  # rolled back
        await tx.views.put(View(uuid(1), PEOPLE[0], 7))
        await tx.views.delete(mine[1].id)
        assert await tx.views.viewed_at(PEOPLE[0], [uuid(1), uuid(2)]) == {uuid(1): 7}
    async with store.read() as tx:
        assert await tx.views.viewed_at(PEOPLE[0], [uuid(1), uuid(2), uuid(3)]) == {uuid(1): 1, uuid(2): 2}
        assert await tx.views.viewed_at(PEOPLE[0], [uuid(2)]) == {uuid(2): 2}
        assert await tx.views.viewed_at(PEOPLE[2], [uuid(1)]) == {}
        assert await tx.views.get_many([mine[0].id, "none"]) == {mine[0].id: mine[0]}
