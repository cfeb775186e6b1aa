"""What services answer from kept parts is what they would answer if they built and printed all of it anew."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from protobuf import Message

from store import builders as make
from store.builders import ORGANIZATION, put, undone, uuid
from store.strategies import projects
from store.test_documents import LIBRARIES, ORGANIZATIONS, PEOPLE, VIEWS
from triptych.auth.last_uses import LastUses
from triptych.backend import Backend
from triptych.clock import SystemClock, timestamp
from triptych.codec.binary import write_binary
from triptych.codec.composed import Composed
from triptych.codec.json import ProtoJsonWriter
from triptych.codec.kept import KeptParts
from triptych.documents import changes, typeid
from triptych.documents.messages import DocumentMessages
from triptych.documents.service import DocumentService, DocumentSettings
from triptych.ids import RandomIds
from triptych.paging import PageTokens
from triptych.projects.messages import project_message
from triptych.projects.service import ProjectService
from triptych.rpc.call import Call, Caller
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.validation import RequestValidator
from triptych.store.memory import MemoryStore
from triptych.store.records import Document, SubjectRef
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.writer import JsonWriter
from triptych.users.messages import user as user_message
from triptych.users.service import UserService
from triptych_api.factify.api.v1beta.document_pb import AccessLevel
from triptych_api.factify.api.v1beta.document_service_pb import GetDocumentRequest, ListDocumentsRequest
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.gitpod.v1.project_service_pb import (
    GetProjectRequest,
    ListProjectsRequest,
    UpdateProjectRequest,
)
from triptych_api.gitpod.v1.user_service_pb import GetUserRequest

METHOD: Method = unknown_method("/a.Service/Method")
WRITERS: list[Any] = [ProtoJsonWriter(), JsonWriter(EnumNames())]
SETTINGS = settings(max_examples=40, deadline=None)


def backend(store: MemoryStore, limit: int = 1_000_000) -> Backend:
    clock = SystemClock()
    return Backend(
        store=store,
        clock=clock,
        ids=RandomIds(clock),
        page_tokens=PageTokens(b"k" * 32),
        last_uses=LastUses(),
        validator=RequestValidator(),
        kept=KeptParts(limit),
    )


def call(viewer_id: str = uuid(1), organization_id: str = ORGANIZATION, administrator: bool = True) -> Call:
    made = Call(METHOD, "grpc", [])
    subject = SubjectRef(viewer_id, Principal.USER)
    made.caller = Caller(subject, organization_id, administrator=administrator, read_only=False)
    return made


def assert_prints(response: Composed[Any], whole: Message) -> None:
    """Assert that a joined response is what a whole message would be, in every form."""
    assert response.message() == whole
    assert type(whole).from_binary(write_binary(response)) == whole
    for writer in WRITERS:
        assert json.loads(writer.write(response)) == json.loads(writer.write(whole))


limits = st.sampled_from([0, 3_000, 10_000, 1_000_000])
changed_projects = st.lists(st.tuples(st.integers(1, 4), st.text(min_size=1, max_size=5)), max_size=6)
used_projects = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=6)


@SETTINGS
@given(
    st.tuples(*(projects(st.just(number)) for number in range(1, 5))), changed_projects, used_projects, limits
)
async def test_projects(
    records: tuple[Any, ...], changed: list[tuple[int, str]], used: list[tuple[int, int]], limit: int
) -> None:
    store = MemoryStore()
    service = ProjectService(backend(store, limit))
    await put(store, "projects", *(replace(each, organization_id=ORGANIZATION) for each in records))

    async def check() -> None:
        answer = await service.list_projects(ListProjectsRequest(), call())
        found = answer.message()
        assert len(found.projects) == len(records)
        async with store.read() as tx:
            shown = await tx.projects.shown([each.id for each in found.projects])
            for each in found.projects:
                assert each == project_message(*shown[each.id])
        assert_prints(answer, found)
        for each in found.projects:
            one = await service.get_project(GetProjectRequest(project_id=each.id), call())
            assert one.message().project == each
            assert_prints(one, one.message())

    await check()
    for index, (project, creator) in enumerate(used):
        await put(store, "environments", make.environment(100 + index, project, creator))
        await check()
    for number, name in changed:
        request = UpdateProjectRequest(project_id=uuid(number), name=name, technical_description=name)
        response = await service.update_project(request, call())
        assert response.project is not None
        assert response.project.technical_description == name
        await check()


@SETTINGS
@given(LIBRARIES, VIEWS, st.sampled_from(PEOPLE), st.sampled_from(ORGANIZATIONS), st.booleans(), limits)
async def test_documents(
    library: tuple[Any, ...],
    views: list[Any],
    viewer: str,
    organization: str,
    administrator: bool,
    limit: int,
) -> None:
    store = MemoryStore()
    shared = backend(store, limit)

    def run_in_background(work: Callable[[], Awaitable[None]]) -> None:
        """Note no views: the answers would change."""

    service = DocumentService(shared, DocumentSettings(public_url="https://d.example.org"), run_in_background)
    plain = DocumentMessages(KeptParts(0), "https://d.example.org")
    await put(store, "users", *(make.user(number) for number in (910, 911)))  # and 912 was deleted
    await put(store, "documents", *library)
    await put(store, "views", *views)
    made = call(viewer, organization, administrator)

    async def check() -> None:
        answer = await service.list_documents(ListDocumentsRequest(), made)
        found = answer.message()
        for each in found.items:
            async with store.read() as tx:
                record = await tx.documents.get(typeid.decode("doc", each.id))
                assert record is not None
                whole = await plain.changed(tx, record, made.caller)
            assert each == whole
            one = await service.get_document(GetDocumentRequest(document_id=each.id), made)
            viewed = one.message().document
            assert viewed is not None
            assert viewed.last_viewed_at is not None
            assert viewed.last_viewed_at.seconds > timestamp(0).seconds
            viewed.last_viewed_at = whole.last_viewed_at
            assert viewed == whole
            assert_prints(one, one.message())
        assert_prints(answer, found)

    await check()
    for record in library[:3]:  # a change of the record, and of a name that is not in it
        await put(store, "documents", replace(record, title="changed", version=record.version + 1))
        await put(store, "users", make.user(910, name=record.title))
        await check()


async def test_users_are_kept_as_they_were_put_last() -> None:
    store = MemoryStore()
    service = UserService(backend(store))
    for name in ("Ada", "Ada Lovelace"):
        record = make.user(1, name=name)
        await put(store, "users", record)
        for _ in range(2):
            answer = await service.get_user(GetUserRequest(user_id=uuid(1)), call())
            assert answer.message().user == user_message(record)
            assert_prints(answer, answer.message())


async def test_a_version_that_was_rolled_back_is_never_served() -> None:
    store = MemoryStore()
    shared = backend(store)
    service = ProjectService(shared)
    await put(store, "projects", make.project(1, "first"))

    async def name() -> str:
        answer = await service.get_project(GetProjectRequest(project_id=uuid(1)), call())
        project = json.loads(WRITERS[0].write(answer))["project"]
        return str(project["metadata"]["name"])

    assert await name() == "first"
    refused = UpdateProjectRequest(project_id=uuid(1), name="refused")
    for _ in range(2):  # version 2 is written and its message is built, but not committed
        await undone(
            store, lambda tx: service._update(tx, call(), [refused], lambda change: change(0, refused), 5)
        )
        assert await name() == "first"
    await service.update_project(UpdateProjectRequest(project_id=uuid(1), name="second"), call())
    assert await name() == "second"


async def test_every_change_of_a_document_is_seen() -> None:
    store = MemoryStore()
    service = DocumentService(
        backend(store), DocumentSettings(public_url="https://d.example.org"), lambda _: None
    )
    subject = make.subject(1)
    record = Document(
        id=uuid(2),
        organization_id=ORGANIZATION,
        owner=subject,
        creator=subject,
        title="t",
        access_level=AccessLevel.PUBLIC,
        source_format="pdf",
        current_version_id=uuid(3),
        created_at=1,
        updated_at=1,
    )
    await put(store, "users", make.user(1))
    await put(store, "documents", record)
    request = GetDocumentRequest(document_id=typeid.encode("doc", record.id))

    async def trashed() -> bool:
        answer = await service.get_document(request, call())
        return "trashed_at" in json.loads(WRITERS[1].write(answer))["document"]

    assert not await trashed()
    await undone(store, lambda tx: changes.trash(tx, request.document_id, call().caller, 7))
    assert not await trashed()
    await store.write(lambda tx: changes.trash(tx, request.document_id, call().caller, 7))
    assert await trashed()
    await store.write(lambda tx: changes.untrash(tx, request.document_id, call().caller, 8))
    assert not await trashed()
