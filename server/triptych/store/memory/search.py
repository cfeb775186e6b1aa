"""Search for a part of a text: the index that finds it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, filterfalse

from triptych.store.memory.index import Postings, SortedIndex
from triptych.store.memory.plan import Filter
from triptych.store.queries import fold_text
from triptych.store.records import Project
from triptych.store.texts import project_texts

_LONGEST_GRAM = 3
_AFTER_ALL_TEXT = "\U0010ffff"


def _grams(project: Project) -> Iterator[tuple[str, str]]:
    """Yield every run of up to three characters of the project's texts, with its organization."""
    for text in project_texts(project):
        for length in range(1, _LONGEST_GRAM + 1):
            for start in range(len(text) - length + 1):
                yield project.organization_id, text[start : start + length]


class SearchIndex:
    """The texts of projects, and which projects have which runs of characters."""

    def __init__(self, ids: SortedIndex[Project]) -> None:
        self._ids = ids
        self._grams = Postings(_grams)
        self._texts: dict[str, frozenset[str]] = {}

    def change(self, before: Project | None, after: Project | None) -> None:
        """Note a change of a project."""
        self._grams.change(before, after)
        if after is not None:
            self._texts[after.id] = project_texts(after)
        elif before is not None:
            del self._texts[before.id]

    def filter(self, organization_id: str, search: str) -> Filter:
        """Return the filter that passes the projects of the organization that match."""
        text = fold_text(search)
        length = min(len(text), _LONGEST_GRAM)
        grams = {text[start : start + length] for start in range(len(text) - length + 1)}
        rarest = min((self._grams.ids((organization_id, gram)) for gram in grams), key=len)
        ids = self._ids.values(organization_id)
        last_id = text + _AFTER_ALL_TEXT

        def passes(id: str) -> bool:
            return (id in rarest and any(text in each for each in self._texts[id])) or id.startswith(text)

        return Filter(
            len(rarest) + ids.bisect_left(last_id) - ids.bisect_left(text),
            lambda: chain(rarest, filterfalse(rarest.__contains__, ids.irange(text, last_id))),
            passes,
        )
