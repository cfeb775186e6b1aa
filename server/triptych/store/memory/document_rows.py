"""What is kept of documents, and the indexes that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sortedcontainers import SortedList

from triptych.store.memory.index import HeldIndex, Postings, SortedIndex
from triptych.store.memory.reach import groups
from triptych.store.memory.table import Rows
from triptych.store.memory.texts import Forget, Numbers, TextIndex
from triptych.store.queries import DocumentSort, fold_text
from triptych.store.records import Document, View
from triptych.store.sizes import document_size

_NO_VIEWS: Final[Mapping[str, int]] = {}
# What several indexes fold of one document is folded, and held, once.
_fold: Final = lru_cache(maxsize=16)(fold_text)


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


class DocumentRows(Rows[Document]):
    """Documents, and an index for each filter and order."""

    __slots__ = (
        "access_levels",
        "by_id",
        "creators",
        "descriptions",
        "formats",
        "grants",
        "held",
        "sorted",
        "statuses",
        "titles",
    )

    def __init__(self) -> None:
        self.by_id = SortedIndex[Document](groups, lambda each: each.id)
        self.sorted = {
            DocumentSort.CREATED_AT: SortedIndex[Document](groups, lambda each: (each.created_at, each.id)),
            DocumentSort.UPDATED_AT: SortedIndex[Document](groups, lambda each: (each.updated_at, each.id)),
            DocumentSort.NAME: SortedIndex[Document](groups, lambda each: (name_key(each), each.id)),
        }
        self.held = HeldIndex[Document](document_size)
        self.grants = GrantIndex()
        self.creators = Postings[Document](lambda each: (each.creator,))
        self.access_levels = Postings[Document](lambda each: (each.access_level,))
        self.statuses = Postings[Document](lambda each: (each.processing_status,))
        self.formats = Postings[Document](lambda each: (each.source_format,))
        numbers = Numbers()
        self.titles = TextIndex(numbers, lambda each: each.title, _fold)
        self.descriptions = TextIndex(numbers, lambda each: each.description, _fold)
        super().__init__(
            "documents",
            (
                numbers,
                self.by_id,
                *self.sorted.values(),
                self.held,
                self.grants,
                self.creators,
                self.access_levels,
                self.statuses,
                self.formats,
                self.titles,
                self.descriptions,
                Forget(numbers),
            ),
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
        super().__init__("views", (self.last, self.by_viewer))

    def note(self, view: View) -> None:
        """Keep a view, if it is later than the one known."""
        known = self.records.get(view.id)
        if known is None or known.viewed_at < view.viewed_at:
            self.change(view.id, known, view)


def name_key(document: Document) -> tuple[str, str]:
    """Return what documents are sorted by for their name."""
    return _fold(document.title), document.title


def last_grants(document: Document) -> dict[str, int]:
    """Return when the document was last shared with each of its recipients."""
    found: dict[str, int] = {}
    for grant in document.grants:
        found[grant.recipient_id] = max(grant.granted_at, found.get(grant.recipient_id, grant.granted_at))
    return found
