"""notes.v1.NoteService."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from gen.notes.v1.note_service_pb import (
    CreateNoteRequest,
    CreateNoteResponse,
    GetNoteRequest,
    GetNoteResponse,
    ListNotesRequest,
    ListNotesResponse,
    Note,
)
from protobuf.wkt import Timestamp

from triptych.errors import not_found
from triptych.rpc.call import Call


@dataclass
class NoteService:
    """Keeps notes in memory, by their authors."""

    notes: dict[str, dict[str, Note]] = field(default_factory=dict)

    async def create_note(self, request: CreateNoteRequest, call: Call) -> CreateNoteResponse:
        """Keep a note."""
        note = Note(
            id=str(uuid4()), text=request.text, priority=request.priority, create_time=Timestamp.now()
        )
        self.notes.setdefault(call.caller.id, {})[note.id] = note
        return CreateNoteResponse(note=note)

    async def get_note(self, request: GetNoteRequest, call: Call) -> GetNoteResponse:
        """Return a note of the caller."""
        note = self.notes.get(call.caller.id, {}).get(request.note_id)
        if note is None:
            raise not_found("note", request.note_id)
        return GetNoteResponse(note=note)

    async def list_notes(self, request: ListNotesRequest, call: Call) -> ListNotesResponse:
        """Return the notes of the caller."""
        own = reversed(self.notes.get(call.caller.id, {}).values())
        return ListNotesResponse(notes=[note for note in own if request.priority in (0, note.priority)])
