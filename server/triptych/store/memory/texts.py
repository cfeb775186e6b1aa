"""Which documents may contain a text: an index of runs of three characters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import chain

from triptych.store.memory.index import Postings
from triptych.store.memory.plan import Filter
from triptych.store.queries import fold_text
from triptych.store.records import Document

_GRAM = 3


class TextIndex:
    """A text of each document, folded, and which documents have which runs of characters in it.

    Args:
        text: Returns the text of a document; None if it has none.
    """

    def __init__(self, text: Callable[[Document], str | None]) -> None:
        self._text = text
        self._folded: dict[str, str] = {}
        self._grams = Postings[Document](self._runs)

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document."""
        if before is not None and after is not None and self._text(before) == self._text(after):
            return
        self._grams.change(before, after)
        if before is not None:
            self._folded.pop(before.id, None)
        text = None if after is None else self._text(after)
        if after is not None and text is not None:
            self._folded[after.id] = fold_text(text)

    def filter(self, searched: str) -> Filter:
        """Return the filter that passes the documents whose text contains `searched`, which is folded."""
        folded = self._folded
        grams = {searched[start : start + _GRAM] for start in range(len(searched) - _GRAM + 1)}
        if not grams:  # too short to be looked up, and likely to be in most texts
            return Filter(sys.maxsize, folded.keys, lambda id: searched in folded.get(id, ""))
        rarest = min(map(self._grams.ids, grams), key=len)
        return Filter(len(rarest), lambda: rarest, lambda id: id in rarest and searched in folded.get(id, ""))

    def _runs(self, document: Document) -> Iterator[str]:
        text = fold_text(self._text(document) or "")
        return (text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1))


def either(one: Filter, other: Filter) -> Filter:
    """Return the filter that passes what one of two filters passes."""

    def candidates() -> Iterator[str]:
        first = set(one.candidates())
        return chain(first, (id for id in other.candidates() if id not in first))

    return Filter(
        min(one.size + other.size, sys.maxsize), candidates, lambda id: one.passes(id) or other.passes(id)
    )
