"""What is asked of a store: which rows, in which order, and from where on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import groupby
from operator import and_
from typing import Final, NamedTuple

from triptych.store.records import Document, Project, SubjectRef
from triptych_api.factify.api.v1beta.document_pb import AccessLevel, ProcessingStatus
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind


@dataclass(frozen=True, slots=True)
class Held:
    """What an organization has of a kind of things.

    Attributes:
        count: How many.
        size: The bytes that they have together.
    """

    count: int
    size: int


SEARCHED_CHARACTERS: Final = 200
"""What a search of projects looks at of the names of a project's repositories, all together.

A remote URI may be as long as a message; indexing all of it would hold up everything else.
"""


FOLDED_CHARACTERS: Final = 2000
"""The longest text that is folded, in characters: that of a description. The contract refuses longer ones."""

_STRIDE: Final = 64


def fold_text(text: str) -> str:
    """Return a text as it is compared: two that differ only in case or normal form (Unicode) fold alike.

    The time that it takes is at most proportional to the length.

    Raises:
        ValueError: The text has more than `FOLDED_CHARACTERS`.
    """
    if len(text) > FOLDED_CHARACTERS:
        raise ValueError(f"a text of {len(text)} characters is too long to be folded")
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _decomposed(text).casefold())


def _decomposed(text: str) -> str:
    """Return the normal form NFD.

    The library sorts the combining marks that follow one another by insertion, so a thousand of them in the
    wrong order take milliseconds. Where there may be many, they are sorted here.
    """
    # A run of twice the stride holds two neighbours of what is looked at.
    marks = [bool(unicodedata.combining(unicodedata.normalize("NFD", each)[0])) for each in text[::_STRIDE]]
    if not any(map(and_, marks, marks[1:])):
        return unicodedata.normalize("NFD", text)
    characters = "".join(unicodedata.normalize("NFD", each) for each in text)
    runs = groupby(characters, lambda each: bool(unicodedata.combining(each)))
    return "".join(
        "".join(sorted(run, key=unicodedata.combining) if combining else run) for combining, run in runs
    )


class ProjectSort(Enum):
    """What projects can be sorted by."""

    ID = "id"
    POPULARITY = "popularity"


class Position(NamedTuple):
    """Where a page ended: the sort key of its last row, and the row's id, which breaks ties.

    What follows is found whether or not there still is such a row. Where the id alone is the key, `key` is 0.
    """

    key: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectQuery:
    """Which projects of an organization, in which order.

    Empty filters do not restrict; filters combine with AND.
    `search` matches as ListProjectsRequest.Filter.search says. Ties of popularity go newest first in both
    directions.
    """

    organization_id: str
    project_ids: tuple[str, ...] = ()
    search: str = ""
    runner_ids: tuple[str, ...] = ()
    runner_kinds: tuple[RunnerKind, ...] = ()
    spec_remote_uris: tuple[str, ...] = ()
    creator_ids: tuple[str, ...] = ()
    sort: ProjectSort = ProjectSort.POPULARITY
    descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenQuery:
    """Which tokens of an organization, newest first (by creation, then id), expired ones left out.

    `owner_ids` None means those of everybody, an empty tuple nobody's. A token has expired when `expires_at`
    is not later than `now`.
    """

    organization_id: str
    owner_ids: tuple[str, ...] | None
    now: int


class DocumentSort(StrEnum):
    """What documents can be sorted by; the last two are what they are for the viewer."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    NAME = "name"
    LAST_VIEWED_AT = "last_viewed_at"
    LAST_SHARED_AT = "last_shared_at"


class DocumentPosition(NamedTuple):
    """A place in a sorted list of documents: the sort key of a document and its id, which breaks ties.

    The key is an instant, or the folded title and the title for NAME; None for a document without a value,
    which comes after all others in both directions.
    """

    key: int | tuple[str, str] | None
    id: str


class Reach(StrEnum):
    """What kinds of audiences there are, by the documents that they reach.

    USER: those that the user or service account of the id owns, and those granted to it.
    ORGANIZATION: those granted to the organization of the id.
    OPEN: those of the organization of the id whose access level is not PRIVATE.
    ADMINISTRATOR: all of the organization of the id.
    """

    USER = "user"
    ORGANIZATION = "org"
    OPEN = "open"
    ADMINISTRATOR = "admin"


class Audience(NamedTuple):
    """Some documents, by what they are to the one who looks: `audiences` of a caller makes them."""

    reach: Reach
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentQuery:
    """Which documents get listed, in which order.

    Listed is what any of the audiences reaches, once, and all filters keep; empty filters do not restrict.

    Texts match as sub-strings of what `fold_text` makes of title and description; `query` of either. What has
    no description has none to match. Ties of the sort go by id, ascending; descending reverses both.

    Attributes:
        audiences: What may be seen. Whom that is for is no matter of the store.
        viewer_id: Whose views and shares the sorts of those names mean, and whose ownership `owned` does.
        created_after: Inclusive, in nanoseconds.
        created_before: Inclusive, in nanoseconds.
        owned: True keeps what the viewer owns, False the rest.
        trashed: True keeps what is in the trash, False the rest.
        organization_id: Keeps what belongs to the organization.
    """

    audiences: tuple[Audience, ...]
    viewer_id: str
    created_after: int | None = None
    created_before: int | None = None
    creators: tuple[SubjectRef, ...] = ()
    access_levels: tuple[AccessLevel, ...] = ()
    processing_statuses: tuple[ProcessingStatus, ...] = ()
    owned: bool | None = None
    trashed: bool | None = False
    organization_id: str = ""
    query: str = ""
    title_contains: str = ""
    description_contains: str = ""
    source_formats: tuple[str, ...] = ()
    sort: DocumentSort = DocumentSort.CREATED_AT
    descending: bool = True


class DocumentDetails(NamedTuple):
    """What is shown with documents.

    Attributes:
        names: The names of their creators, by id; those of nobody are left out.
        viewed_at: When the viewer last viewed them, by id; those never viewed are left out.
    """

    names: Mapping[str, str]
    viewed_at: Mapping[str, int]


class DocumentSlice(NamedTuple):
    """Part of a list of documents.

    Attributes:
        rows: The documents, each with its position.
        behind: Whether there are documents on the other side of where it starts: before the first of the
            rows or, backwards, after the last of them. Without rows, whether there are any. Without a start,
            False.
        details: What is shown with them.
    """

    rows: Sequence[tuple[Document, DocumentPosition]]
    behind: bool
    details: DocumentDetails


class UsedBy(NamedTuple):
    """Who has environments that were made from a project: how many, and the up to 10 latest, latest first."""

    total: int
    latest: tuple[SubjectRef, ...]


UNUSED: Final = UsedBy(0, ())
"""Nobody."""


class ProjectSlice(NamedTuple):
    """Part of a list of projects.

    Attributes:
        rows: The projects, each with its position.
        used_by: Who has environments that were made from them, by id.
    """

    rows: Sequence[tuple[Project, Position]]
    used_by: Mapping[str, UsedBy]
