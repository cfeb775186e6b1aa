"""Pages of documents: random documents, changes and questions; the answers are those of a plain list."""

from __future__ import annotations

from dataclasses import replace
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import builders as make
from store.builders import delete, put, undone, uuid
from store.naive import kept
from support.stores import NewStore
from triptych.store.base import Store, Transaction
from triptych.store.errors import AlreadyExistsError, ReadOnlyError
from triptych.store.queries import (
    Audience,
    DocumentPosition,
    DocumentQuery,
    DocumentSort,
    Held,
    Position,
    Reach,
    fold_text,
)
from triptych.store.records import Document, DocumentRole, DocumentVersion, Grant, SubjectRef, View, view_id
from triptych.store.sizes import document_size
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
# Mostly those of somebody; any will do.
AUDIENCES = st.sampled_from(
    [
        *(Audience(Reach.USER, id) for id in PEOPLE),
        *(Audience(reach, id) for id in ORGANIZATIONS for reach in Reach if reach is not Reach.USER),
    ]
)
SOME = {
    "created_after": st.none() | INSTANTS,
    "created_before": st.none() | INSTANTS,
    "creators": st.lists(st.sampled_from(SUBJECTS), max_size=2).map(tuple),
    "access_levels": st.lists(st.sampled_from(LEVELS), max_size=2).map(tuple),
    "processing_statuses": st.lists(st.sampled_from(STATUSES), max_size=2).map(tuple),
    "owned": st.none() | st.booleans(),
    "trashed": st.none() | st.booleans(),
    "organization_id": st.sampled_from(ORGANIZATIONS),
    "query": st.sampled_from(["", "STRASSE", "report", "E", "5"]),
    "title_contains": st.sampled_from(["", "ss", "APFEL", "é", "zz"]),
    "description_contains": st.sampled_from(["", "annual", "ß"]),
    "source_formats": st.lists(st.sampled_from(FORMATS), max_size=2).map(tuple),
}
FREE = {
    "audiences": st.lists(AUDIENCES, max_size=4).map(tuple),
    "viewer_id": st.sampled_from(PEOPLE),
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
    recipients = {grant.recipient_id for grant in document.grants}
    reached = {
        Audience(Reach.ADMINISTRATOR, document.organization_id),
        Audience(Reach.USER, document.owner.id),
    }
    reached |= {Audience(reach, id) for id in recipients for reach in (Reach.USER, Reach.ORGANIZATION)}
    if document.access_level != AccessLevel.PRIVATE:
        reached.add(Audience(Reach.OPEN, document.organization_id))
    return bool(reached & set(query.audiences))


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
    await put(store, "documents", *library)
    await put(store, "views", *views)


async def pages(store: Store, query: DocumentQuery, size: int, *, backwards: bool) -> list[str]:
    """Return the ids of all pages, in the order of the query."""
    seen: list[str] = []
    place: DocumentPosition | None = None
    async with store.read() as tx:
        while True:
            page, behind, _ = await tx.documents.page(query, place, size, backwards=backwards)
            assert behind is (place is not None), "what follows a place stands after what was at it"
            ids = [document.id for document, _ in page]
            seen = ids + seen if backwards else seen + ids
            if len(page) < size:
                return seen
            place = page[0 if backwards else -1][1]


@settings(max_examples=100)
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


@settings(max_examples=60)
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

        async def change(tx: Transaction) -> None:
            await tx.documents.put(*changed)
            await tx.documents.delete(*map(uuid, deleted))
            await tx.views.put(*(replace(view, viewed_at=view.viewed_at + 1) for view in views))

        await undone(store, change)
        assert await pages(store, query, 100, backwards=False) == old
        await store.write(change)
        library = {each.id: each for each in (*before, *changed)}
        for number in deleted:
            library.pop(uuid(number), None)
        kept_views = {each.id: replace(each, viewed_at=each.viewed_at + 1) for each in views}
        assert await pages(store, query, 100, backwards=False) == expected(query, library, kept_views)


@settings(max_examples=50)
@given(library=LIBRARIES, gone=st.sets(st.integers(1, 30), max_size=5), query=QUERIES, size=st.integers(1, 3))
async def test_pages_go_on_where_rows_are_gone(
    new_store: NewStore, library: tuple[Document, ...], gone: set[int], query: DocumentQuery, size: int
) -> None:
    async with new_store() as store:
        await fill(store, library, [])
        wanted = expected(query, {each.id: each for each in library}, {})
        async with store.read() as tx:
            first = (await tx.documents.page(query, None, size)).rows
        await delete(store, "documents", *map(uuid, gone))
        if first:
            async with store.read() as tx:
                rest, behind, _ = await tx.documents.page(query, first[-1][1], 100)
            removed = {uuid(number) for number in gone}
            assert [document.id for document, _ in rest] == [
                id for id in wanted[len(first) :] if id not in removed
            ]
            left = [id for id in wanted if id not in removed]
            assert behind is bool(left if not rest else left[: -len(rest)])


async def test_views_are_kept_where_they_are_later(store: Store) -> None:
    await put(store, "views", View(uuid(1), PEOPLE[0], 5), View(uuid(2), PEOPLE[0], 5))
    await store.note_views(
        [View(uuid(1), PEOPLE[0], 4), View(uuid(2), PEOPLE[0], 6), View(uuid(3), PEOPLE[1], 1)]
    )
    await store.note_views([])
    async with store.read() as tx:
        views = await tx.views.following("", 10)
    assert [(each.document_id, each.viewed_at) for each in views] == [
        (uuid(1), 5),
        (uuid(2), 6),
        (uuid(3), 1),
    ]


def created_by(number: int, creator: SubjectRef) -> Document:
    return replace(make.document(number), creator=creator)


async def test_documents_are_shown_with_names_and_views(store: Store) -> None:
    await put(store, "users", make.user(1, name="Ada"), make.user(2, name=""))
    await put(store, "service_accounts", make.service_account(3, "bot"))
    bot = Principal.SERVICE_ACCOUNT
    creators = [make.subject(1), make.subject(2), make.subject(3, bot), make.subject(4), make.subject(5, bot)]
    documents = [created_by(number, creator) for number, creator in enumerate(creators, 1)]
    await put(store, "documents", *documents)
    mine = [View(uuid(number), PEOPLE[0], number) for number in (1, 2)]
    await put(store, "views", *mine, View(uuid(1), PEOPLE[1], 9))
    names = {uuid(1): "Ada", uuid(2): "", uuid(3): "bot"}

    async def rolled_back(tx: Transaction) -> None:
        await tx.views.put(View(uuid(1), PEOPLE[0], 7))
        await tx.views.delete(mine[1].id)
        assert (await tx.documents.details(documents, PEOPLE[0])).viewed_at == {uuid(1): 7}

    await undone(store, rolled_back)
    async with store.read() as tx:
        assert await tx.documents.details(documents, PEOPLE[0]) == (names, {uuid(1): 1, uuid(2): 2})
        assert await tx.documents.details(documents[1:2], PEOPLE[1]) == ({uuid(2): ""}, {})
        assert await tx.documents.details((), PEOPLE[0]) == ({}, {})
        audiences = (Audience(Reach.ADMINISTRATOR, make.ORGANIZATION),)
        query = DocumentQuery(audiences=audiences, viewer_id=PEOPLE[0])
        page = await tx.documents.page(query, None, 10)
        assert (len(page.rows), page.details) == (5, (names, {uuid(1): 1, uuid(2): 2}))
        for document, name in zip(documents, ("Ada", "", "bot", None, None), strict=True):
            assert await tx.documents.shown(document.id) == (document, name)
        assert await tx.documents.shown(uuid(9)) is None


async def test_a_document_comes_with_its_version(store: Store) -> None:
    document, version = make.document(1), make.document_version(2)

    async def twice(tx: Transaction) -> None:
        await tx.documents.create(document, version)
        with pytest.raises(AlreadyExistsError):
            await tx.documents.create(document, make.document_version(3))
        with pytest.raises(AlreadyExistsError):
            await tx.documents.create(make.document(4), version)

    await store.write(twice)
    async with store.read() as tx:
        assert await tx.documents.following("", 9) == [document]
        assert await tx.document_versions.following("", 9) == [version]
        assert await tx.documents.held(document.organization_id) == Held(1, document_size(document))
        assert await tx.documents.held(uuid(9)) == Held(0, 0)


async def test_versions_that_wait_are_found_oldest_first(store: Store) -> None:
    def version(number: int, created_at: int, status: ProcessingStatus) -> DocumentVersion:
        return replace(make.document_version(number), created_at=created_at, processing_status=status)

    waiting = [version(number, at, STATUSES[0]) for number, at in ((1, 5), (2, 4), (3, 5), (4, 9), (5, 3))]
    await put(store, "document_versions", *waiting, version(6, 1, STATUSES[1]))
    await put(store, "document_versions", version(5, 3, STATUSES[1]))

    async def numbers(before: int, after: Position | None, limit: int) -> list[int]:
        async with store.read() as tx:
            found = await tx.document_versions.unprocessed(before, after, limit)
        return [int(each.id[:8], 16) for each in found]

    assert await numbers(9, None, 10) == [2, 1, 3]
    assert await numbers(10, None, 10) == [2, 1, 3, 4]
    assert await numbers(10, None, 2) == [2, 1]
    assert await numbers(10, Position(5, uuid(1)), 10) == [3, 4]
    assert await numbers(4, None, 10) == []


async def content(store: Store, number: int) -> list[bytes]:
    async with store.read() as tx:
        return [chunk async for chunk in tx.contents.chunks(uuid(number))]


async def test_contents_are_written_and_read_in_pieces(store: Store) -> None:
    large = [bytes([number]) * 700_000 for number in range(5)]
    await store.write(lambda tx: tx.contents.write(uuid(1), iter(large)))
    read = await content(store, 1)
    assert b"".join(read) == b"".join(large)
    assert max(map(len, read)) <= 1 << 20
    await undone(store, lambda tx: tx.contents.write(uuid(1), [b"other"]))
    await undone(store, lambda tx: tx.contents.delete(uuid(1)))
    assert b"".join(await content(store, 1)) == b"".join(large)
    await store.write(lambda tx: tx.contents.write(uuid(1), [b"a", b"", b"b"]))
    assert b"".join(await content(store, 1)) == b"ab"
    assert await store.write(lambda tx: tx.contents.delete(uuid(1), uuid(2))) == 1
    assert await content(store, 1) == []
    async with store.read() as tx:
        with pytest.raises(ReadOnlyError):
            await tx.contents.write(uuid(1), [b"a"])
