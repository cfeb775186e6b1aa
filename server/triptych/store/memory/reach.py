"""Which documents an audience reaches: as groups of indexes, and of a single document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from triptych.store.queries import Audience, Reach
from triptych.store.records import Document
from triptych_api.factify.api.v1beta.document_pb import AccessLevel

Group: TypeAlias = tuple[str, str, bool]
"""What documents are indexed by: a kind, an id of that kind, and whether they are in the trash."""

_KINDS = {
    Reach.USER: ("owner", "recipient"),
    Reach.ORGANIZATION: ("recipient",),
    Reach.OPEN: ("open",),
    Reach.ADMINISTRATOR: ("open", "private"),
}


def groups(document: Document) -> list[Group]:
    """Return the groups that a document is in."""
    trashed = document.trashed_at is not None
    level = "private" if document.access_level == AccessLevel.PRIVATE else "open"
    found = [(level, document.organization_id, trashed), ("owner", document.owner.id, trashed)]
    if document.grants:
        found += [("recipient", grant.recipient_id, trashed) for grant in document.grants]
    return found


@lru_cache(maxsize=1024)
def reached(audiences: tuple[Audience, ...], trashed: bool | None) -> Sequence[Group]:
    """Return the groups that hold all that the audiences reach; `trashed` is as in DocumentQuery."""
    states = (False, True) if trashed is None else (trashed,)
    found = {(kind, each.id): None for each in audiences for kind in _KINDS[each.reach]}
    return tuple((kind, id, state) for kind, id in found for state in states)


def reaches(audiences: Iterable[Audience]) -> Callable[[Document], bool]:
    """Return what tells whether any of the audiences reaches a document."""
    ids: dict[str, set[str]] = {"owner": set(), "recipient": set(), "open": set(), "private": set()}
    for each in audiences:
        for kind in _KINDS[each.reach]:
            ids[kind].add(each.id)
    owners, recipients, opened, private = ids["owner"], ids["recipient"], ids["open"], ids["private"]

    def reach(document: Document) -> bool:
        own = private if document.access_level == AccessLevel.PRIVATE else opened
        return (
            document.organization_id in own
            or document.owner.id in owners
            or any(grant.recipient_id in recipients for grant in document.grants)
        )

    return reach
