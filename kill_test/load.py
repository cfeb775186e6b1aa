"""A mixed load: every call that writes, one after the other, by many clients, each with things of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from random import Random
from typing import Any, Final

from kill_test.callers import Answer, Caller, answer
from kill_test.ledger import Change, Creation, Kind, Ledger, Outcome, State, Thing
from kill_test.seed import ENVIRONMENT, content
from triptych.documents.typeid import decode, encode
from triptych_api.factify.api.v1beta.document_service_pb import (
    CreateDocumentRequest,
    TrashDocumentRequest,
    UntrashDocumentRequest,
    UpdateDocumentRequest,
)
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectFromEnvironmentRequest,
    CreateProjectRequest,
    CreateProjectsRequest,
    DeleteProjectRequest,
    DeleteProjectsRequest,
    UpdateProjectRequest,
    UpdateProjectsRequest,
)
from triptych_api.gitpod.v1.user_service_pb import (
    CreatePersonalAccessTokenRequest,
    DeletePersonalAccessTokenRequest,
)

_BULK: Final = 4
_NUMBERS: Final = count(1)
_PAUSE: Final = 0.1


class Worker:
    """A client that writes until it is told to stop.

    Args:
        ledger: Where it notes what came of its calls.
        random: Chooses what it does.
        user_id: The caller.
        things: What it may change.
    """

    def __init__(self, ledger: Ledger, random: Random, user_id: str, things: list[Thing]) -> None:
        self._ledger = ledger
        self._random = random
        self._user_id = user_id
        self.things = things

    async def run(self, caller: Caller, stop: asyncio.Event) -> None:
        """Write until it is told to stop."""
        self._caller = caller
        self._client = caller.client
        calls = (
            self._create_project,
            self._create_projects,
            self._from_environment,
            self._update_project,
            self._update_projects,
            self._delete_project,
            self._delete_projects,
            self._create_document,
            self._create_document,
            self._update_document,
            self._update_document,
            self._move_document,
            self._create_token,
            self._delete_token,
        )
        while not stop.is_set():
            if await self._random.choice(calls)() is not Outcome.ACKNOWLEDGED:
                await asyncio.sleep(_PAUSE)  # the server is away, or its database

    def _adopt(self, thing: Thing) -> None:
        self.things.append(thing)

    async def _create_project(self) -> Outcome:
        name = _name("project")
        request = CreateProjectRequest(
            name=name, initializer=EnvironmentInitializer(), technical_description=name
        )
        return await self._create(
            "project",
            {name: _project(name, name)},
            lambda: self._client.projects.create_project(request),
            lambda response: {name: response.project.id},
        )

    async def _create_projects(self) -> Outcome:
        names = [_name("bulk") for _ in range(_BULK)]
        items = [CreateProjectRequest(name=name, initializer=EnvironmentInitializer()) for name in names]
        items.insert(2, CreateProjectRequest(name=""))  # one that fails, and takes no other with it
        request = CreateProjectsRequest(projects=items)
        return await self._create(
            "project",
            {name: _project(name, "") for name in names},
            lambda: self._client.projects.create_projects(request),
            lambda response: {project.metadata.name: project.id for project in response.created_projects},
        )

    async def _from_environment(self) -> Outcome:
        name = _name("copied")
        request = CreateProjectFromEnvironmentRequest(name=name, environment_id=ENVIRONMENT)
        return await self._create(
            "project",
            {name: _project(name, "")},
            lambda: self._client.projects.create_project_from_environment(request),
            lambda response: {name: response.project.id},
        )

    async def _update_project(self) -> Outcome:
        changes = {thing: _project(_name("renamed"), _name("text")) for thing in self._some("project", 1)}
        return await self._change(
            changes,
            lambda items: self._client.projects.update_project(items[0]),
            _project_update,
        )

    async def _update_projects(self) -> Outcome:
        changes = {thing: _project(_name("renamed"), _name("text")) for thing in self._some("project", _BULK)}
        return await self._change(
            changes,
            lambda items: self._client.projects.update_projects(UpdateProjectsRequest(projects=items)),
            _project_update,
        )

    async def _delete_project(self) -> Outcome:
        return await self._change(
            dict.fromkeys(self._some("project", 1)),
            lambda items: self._client.projects.delete_project(DeleteProjectRequest(project_id=items[0])),
            lambda thing, _: thing.id,
        )

    async def _delete_projects(self) -> Outcome:
        return await self._change(
            dict.fromkeys(self._some("project", 2)),
            lambda items: self._client.projects.delete_projects(DeleteProjectsRequest(project_ids=items)),
            lambda thing, _: thing.id,
        )

    async def _create_document(self) -> Outcome:
        title = _name("document")
        request = CreateDocumentRequest(title=title, payload=content(title), file_name="text.md")
        return await self._create(
            "document",
            {title: {"title": title, "description": None, "trashed": False, "grants": 0}},
            lambda: self._caller.documents.create_document(request),
            lambda response: {title: decode("doc", response.document.id)},
        )

    async def _update_document(self) -> Outcome:
        changes = {
            thing: {**(thing.state or {}), "title": _name("retitled"), "description": _name("text")}
            for thing in self._some("document", 1, trashed=False)
        }
        return await self._change(
            changes,
            lambda items: self._caller.documents.update_document(items[0]),
            lambda thing, state: UpdateDocumentRequest(
                document_id=encode("doc", thing.id), title=state["title"], description=state["description"]
            ),
        )

    async def _move_document(self) -> Outcome:
        changes: dict[Thing, State] = {}
        trashes = True
        for thing in self._some("document", 1):
            trashes = not (thing.state or {})["trashed"]
            gone = {"trashed": True, "grants": 0} if trashes else {"trashed": False}
            changes[thing] = {**(thing.state or {}), **gone}
        documents = self._caller.documents
        return await self._change(
            changes,
            lambda items: (
                documents.trash_document(TrashDocumentRequest(document_id=items[0]))
                if trashes
                else documents.untrash_document(UntrashDocumentRequest(document_id=items[0]))
            ),
            lambda thing, _: encode("doc", thing.id),
        )

    async def _create_token(self) -> Outcome:
        name = _name("token")
        request = CreatePersonalAccessTokenRequest(description=name, user_id=self._user_id)
        return await self._create(
            "token",
            {name: {"description": name}},
            lambda: self._client.users.create_personal_access_token(request),
            None,
        )

    async def _delete_token(self) -> Outcome:
        return await self._change(
            dict.fromkeys(self._some("token", 1)),
            lambda items: self._client.users.delete_personal_access_token(
                DeletePersonalAccessTokenRequest(personal_access_token_id=items[0])
            ),
            lambda thing, _: thing.id,
        )

    def _some(self, kind: Kind, number: int, *, trashed: bool = True) -> list[Thing]:
        """Choose some things, with or without those in the trash; none if there are too few."""
        mine = [
            thing
            for thing in self.things
            if thing.kind == kind and thing.state is not None and (trashed or not thing.state["trashed"])
        ]
        return self._random.sample(mine, number) if len(mine) >= number else []

    async def _create(
        self,
        kind: Kind,
        states: Mapping[str, State],
        call: Callable[[], Awaitable[Any]],
        ids: Callable[[Any], Mapping[str, str]] | None,
    ) -> Outcome:
        """Make a call that makes things.

        Args:
            kind: What it makes.
            states: What they will be like, by name.
            call: Makes the call.
            ids: Returns the ids by name, given the response; None if it does not tell.
        """
        got = await answer(call)
        made = None
        if got.outcome is Outcome.ACKNOWLEDGED and ids is not None:
            made = ids(got.response)
            if made.keys() != states.keys():
                self._ledger.faults.append(f"{sorted(states)} were asked for, and {sorted(made)} made")
                return got.outcome
        self._ledger.created(Creation(kind, states, self._adopt), got.outcome, made)
        return self._judged(got)

    async def _change(
        self,
        changes: Mapping[Thing, State],
        call: Callable[[list[Any]], Awaitable[Any]],
        item: Callable[[Thing, Any], Any],
    ) -> Outcome:
        if not changes:
            return await self._create_project()
        items = [item(thing, state) for thing, state in changes.items()]
        got = await answer(lambda: call(items))
        if got.outcome is Outcome.ACKNOWLEDGED and None in changes.values():
            self.things = [thing for thing in self.things if thing not in changes]
        self._ledger.changed(Change(list(changes.items()), self._adopt), got.outcome)
        if got.outcome is Outcome.UNKNOWN:
            # Nobody changes them until it is known what became of them.
            self.things = [thing for thing in self.things if thing not in changes]
        if failed := getattr(got.response, "failed_projects", ()):
            self._ledger.faults.append(f"items failed: {failed}")
        return self._judged(got)

    def _judged(self, got: Answer) -> Outcome:
        self._ledger.told += got.told
        if got.fault:
            self._ledger.faults.append(f"an answer that should not be: {got.fault}")
        return got.outcome


def _name(kind: str) -> str:
    return f"{kind}-{next(_NUMBERS)}"


def _project(name: str, text: str) -> State:
    return {"name": name, "technical_description": text}


def _project_update(thing: Thing, state: Any) -> UpdateProjectRequest:
    return UpdateProjectRequest(
        project_id=thing.id, name=state["name"], technical_description=state["technical_description"]
    )
