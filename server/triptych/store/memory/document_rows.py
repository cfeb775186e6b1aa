"""What is kept of documents, and the indexes that follow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sortedcontainers import SortedList

from triptych.store.memory.index import HeldIndex, Postings, SortedIndex
from triptych.store.memory.table import Rows
from triptych.store.memory.texts import TextIndex
from triptych.store.queries import DocumentSort, fold_text
from triptych.store.records import Document, View
from triptych.store.sizes import document_size
from triptych_api.factify.api.v1beta.document_pb import AccessLevel

_NO_ORGANIZATIONS: Final[Mapping[str, set[str]]] = {}
_NO_VIEWS: Final[Mapping[str, int]] = {}


class GrantIndex:
    """For each recipient, when which documents were last shared with them: sorted."""

    def __init__(self) -> None:
        self._values: dict[str, SortedList] = {}
        self._nothing = SortedList()

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document."""
        old = {} if before is None else last_grants(before)
        new = {} if after is None else last_grants(after)
        id = before.id if before is not None else after.id if after is not None else ""
        for recipient_id, instant in old.items() - new.items():
            values = self._values[recipient_id]
            values.remove((instant, id))
            if not values:
                del self._values[recipient_id]
        for recipient_id, instant in new.items() - old.items():
            self._values.setdefault(recipient_id, SortedList()).add((instant, id))

    def values(self, recipient_id: str) -> SortedList:
        """Return the instants and ids of what was shared with a recipient. The list changes with them."""
        return self._values.get(recipient_id, self._nothing)


class PartyIndex:
    """For each owner and recipient, the documents by the organization that they belong to."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, set[str]]] = {}

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document."""
        if before is not None:
            for party_id in _parties(before):
                organizations = self._ids[party_id]
                ids = organizations[before.organization_id]
                ids.remove(before.id)
                if not ids:
                    del organizations[before.organization_id]
                if not organizations:
                    del self._ids[party_id]
        if after is not None:
            for party_id in _parties(after):
                organizations = self._ids.setdefault(party_id, {})
                organizations.setdefault(after.organization_id, set()).add(after.id)

    def foreign(self, organization_id: str, party_ids: Iterable[str]) -> set[str]:
        """Return the documents of the parties that belong to other organizations than the one given."""
        found: set[str] = set()
        for party_id in party_ids:
            for other_id, ids in self._ids.get(party_id, _NO_ORGANIZATIONS).items():
                if other_id != organization_id:
                    found |= ids
        return found


class DocumentRows(Rows[Document]):
    """Documents, and an index for each filter and order."""

    def __init__(self) -> None:
        self.by_id = SortedIndex[Document](_organization, lambda each: each.id)
        self.sorted = {
            DocumentSort.CREATED_AT: SortedIndex[Document](
                _organization, lambda each: (each.created_at, each.id)
            ),
            DocumentSort.UPDATED_AT: SortedIndex[Document](
                _organization, lambda each: (each.updated_at, each.id)
            ),
            DocumentSort.NAME: SortedIndex[Document](_organization, lambda each: (name_key(each), each.id)),
        }
        self.held = HeldIndex[Document](document_size)
        self.grants = GrantIndex()
        self.organizations = Postings[Document](_organization)
        self.shared = Postings[Document](
            lambda each: () if each.access_level == AccessLevel.PRIVATE else (each.organization_id,)
        )
        self.owners = Postings[Document](lambda each: (each.owner.id,))
        self.recipients = Postings[Document](lambda each: {grant.recipient_id for grant in each.grants})
        self.parties = PartyIndex()
        self.creators = Postings[Document](lambda each: (each.creator,))
        self.access_levels = Postings[Document](lambda each: (each.access_level,))
        self.statuses = Postings[Document](lambda each: (each.processing_status,))
        self.formats = Postings[Document](lambda each: (each.source_format,))
        self.trashed = Postings[Document](lambda each: (each.trashed_at is not None,))
        self.titles = TextIndex(lambda each: each.title)
        self.descriptions = TextIndex(lambda each: each.description)
        super().__init__(
            (
                self.by_id,
                *self.sorted.values(),
                self.held,
                self.grants,
                self.organizations,
                self.shared,
                self.owners,
                self.recipients,
                self.parties,
                self.creators,
                self.access_levels,
                self.statuses,
                self.formats,
                self.trashed,
                self.titles,
                self.descriptions,
            )
        )


class LastViews:
    """For each viewer, when which documents were last viewed."""

    def __init__(self) -> None:
        self._instants: dict[str, dict[str, int]] = {}

    def change(self, before: View | None, after: View | None) -> None:
        """Note a change of a view."""
        if before is not None:
            instants = self._instants[before.viewer_id]
            del instants[before.document_id]
            if not instants:
                del self._instants[before.viewer_id]
        if after is not None:
            self._instants.setdefault(after.viewer_id, {})[after.document_id] = after.viewed_at

    def of(self, viewer_id: str) -> Mapping[str, int]:
        """Return the instants by document. The mapping changes with the views."""
        return self._instants.get(viewer_id, _NO_VIEWS)


class ViewRows(Rows[View]):
    """Views, and those of each viewer."""

    def __init__(self) -> None:
        self.last = LastViews()
        self.by_viewer = SortedIndex[View](
            lambda each: (each.viewer_id,), lambda each: (each.viewed_at, each.document_id)
        )
        super().__init__((self.last, self.by_viewer))


def _parties(document: Document) -> set[str]:
    return {document.owner.id, *(grant.recipient_id for grant in document.grants)}


def name_key(document: Document) -> tuple[str, str]:
    """Return what documents are sorted by for their name."""
    return fold_text(document.title), document.title


def last_grants(document: Document) -> dict[str, int]:
    """Return when the document was last shared with each of its recipients."""
    found: dict[str, int] = {}
    for grant in document.grants:
        found[grant.recipient_id] = max(grant.granted_at, found.get(grant.recipient_id, grant.granted_at))
    return found


def _organization(document: Document) -> tuple[str]:
    return (document.organization_id,)
