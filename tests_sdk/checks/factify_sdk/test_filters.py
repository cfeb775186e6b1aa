"""Filters of the list, alone and together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from clients import IS_OLDER, Documents, listed, processed, uploaded
from served import unique

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Library:
    """Documents by short names, all with one word in their titles."""

    word: str
    documents: dict[str, Any]

    async def found(self, client: Documents, **arguments: Any) -> str:
        """Return the short names of what is listed, in the order of the titles."""
        arguments = {"query": self.word, "sort": "name", **arguments}
        names = {document.id: name for name, document in self.documents.items()}
        return " ".join(names[id] for id in await listed(client, page_size=2, **arguments))

    def creator(self, name: str) -> str:
        """Return who created a document."""
        return str(self.documents[name].created_by.id)


@pytest.fixture(scope="module")
async def library(ada: Documents, max: Documents) -> Library:
    word = unique("shelf")
    made = {
        "a": await uploaded(ada, f"{word} A Budget", "a.pdf", access_level="public"),
        "b": await uploaded(ada, f"{word} b", "b.csv", description="100% BUDGET_plan & Straße+"),
        "c": await uploaded(max, f"{word} C ÉTÉ", "c.docx", access_level="private", description="x"),
        "d": await uploaded(max, f"{word} d", "d.xlsx", description="strasse"),
        "e": await uploaded(max, f"{word} E", "e.pdf", content=b"%PDF-1.4 without an end"),
        "t": await uploaded(max, f"{word} T", "t.md"),
    }
    for document in made.values():
        await processed(max if document is not made["a"] else ada, document.id)
    await max.trash(document_id=made["t"].id, body={})
    return Library(word, made)


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "a b c d e"),
    ({"access_level": ["public"]}, "a"),
    ({"access_level": ["private", "public"]}, "a c"),
    ({"access_level": []}, "a b c d e"),
    ({"processing_status": ["ready"]}, "a b c d"),
    ({"processing_status": ["failed"]}, "e"),
    ({"processing_status": ["failed", "ready", "processing"]}, "a b c d e"),
    ({"ownership": ["owned"]}, "c d e"),
    ({"ownership": ["not_owned"]}, "a b"),
    ({"ownership": ["owned", "not_owned"]}, "a b c d e"),
    ({"trash_state": ["trashed"]}, "t"),
    ({"trash_state": ["active"]}, "a b c d e"),
    ({"trash_state": ["trashed", "active"]}, "a b c d e t"),
    ({"organization_scope": True}, "a b c d e"),
    ({"organization_scope": False}, "a b c d e"),
    ({"ownership": ["owned"], "access_level": ["organization"], "processing_status": ["ready"]}, "d"),
    ({"trash_state": ["trashed"], "access_level": ["organization"]}, ""),
]
NEWER_CASES: list[tuple[dict[str, Any], str]] = [
    ({"source_format": ["pdf"]}, "a e"),
    ({"source_format": ["docx", "xlsx", "csv"]}, "b c d"),
    ({"source_format": ["markdown"]}, ""),
    ({"source_format": ["markdown"], "trash_state": ["trashed"]}, "t"),
    ({"title_contains": "bUDGet"}, "a"),
    ({"title_contains": "e\N{COMBINING ACUTE ACCENT}t"}, "c"),
    ({"title_contains": ""}, "a b c d e"),
    ({"description_contains": "strasse"}, "b d"),
    ({"description_contains": "% budget_PLAN & stra\N{LATIN SMALL LETTER SHARP S}e+"}, "b"),
    ({"description_contains": "_"}, "b"),
    ({"description_contains": ""}, "a b c d e"),
    ({"title_contains": "budget", "source_format": ["pdf"], "ownership": ["not_owned"]}, "a"),
]


@pytest.mark.parametrize(("arguments", "expected"), CASES + ([] if IS_OLDER else NEWER_CASES), ids=str)
async def test_filters(max: Documents, library: Library, arguments: dict[str, Any], expected: str) -> None:
    assert await library.found(max, **arguments) == expected


async def test_query(max: Documents, library: Library) -> None:
    assert await library.found(max, query=library.word.upper()) == "a b c d e"
    assert await library.found(max, query=f"{library.word} c été") == "c"
    assert library.documents["b"].id in await listed(max, query="100% budget_plan & STRASSE+")


async def test_creators(ada: Documents, max: Documents, library: Library) -> None:
    by_ada, by_max = library.creator("a"), library.creator("c")
    bot = f"bot_{by_ada.removeprefix('user_')}"
    for client in (ada, max):
        assert await library.found(client, created_by_id=[by_ada]) == "a b"
        assert await library.found(client, created_by_id=[by_max, bot]) == "c d e"
        assert await library.found(client, created_by_id=[by_max, by_ada]) == "a b c d e"
        assert await library.found(client, created_by_id=[bot]) == ""


@pytest.mark.parametrize("hours", [0, 2, -9.5], ids=str)
async def test_instants(max: Documents, library: Library, hours: float) -> None:
    def created(name: str) -> datetime:
        zone = timezone(timedelta(hours=hours))
        instant: datetime = library.documents[name].created_at
        return instant.astimezone(zone)

    assert await library.found(max, created_after=created("c")) == "c d e"
    assert await library.found(max, created_before=created("c")) == "a b c"
    assert await library.found(max, created_before=created("c"), created_after=created("c")) == "c"
    assert await library.found(max, created_before=created("c") - MICROSECOND) == "a b"
    assert await library.found(max, created_after=created("c") + MICROSECOND) == "d e"
    both = {"created_after": created("b"), "created_before": created("d")}
    assert await library.found(max, **both) == "b c d"
    assert await library.found(max, **both, ownership=["owned"], page_token="") == "c d"
    same = created("c") + timedelta(days=1)
    assert await library.found(max, created_after=same, created_before=same) == ""
