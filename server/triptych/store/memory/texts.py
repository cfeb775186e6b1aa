"""Which documents may contain a text: an index of runs of three characters."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, filterfalse

from triptych.store.memory.plan import Filter
from triptych.store.queries import fold_text
from triptych.store.records import Document

_GRAM = 3
_NUMBERS = "I"


class Numbers:
    """A small number for each document: what the lists of documents that have a run hold, in 4 bytes each."""

    def __init__(self) -> None:
        self._next = 0
        self.ids: dict[int, str] = {}
        self.of: dict[str, int] = {}

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document. A number is never given twice, so that lists grow at their ends."""
        if before is None and after is not None:
            self.ids[self._next] = after.id
            self.of[after.id] = self._next
            self._next += 1


class Forget:
    """Lets go of the numbers of documents that are gone, when all that need them have noted the change."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document."""
        if after is None and before is not None:
            del self._numbers.ids[self._numbers.of.pop(before.id)]


class TextIndex:
    """A text of each document, folded, and which documents have which runs of characters in it.

    Args:
        numbers: The numbers of documents; they follow changes before this does.
        text: Returns the text of a document; None if it has none.
        fold: Folds a text.
    """

    def __init__(
        self,
        numbers: Numbers,
        text: Callable[[Document], str | None],
        fold: Callable[[str], str] = fold_text,
    ) -> None:
        self._numbers = numbers
        self._text = text
        self._fold = fold
        self._folded: dict[str, str] = {}
        self._grams: dict[str, int | array[int]] = {}  # most runs of few texts are in one of them

    def change(self, before: Document | None, after: Document | None) -> None:
        """Note a change of a document."""
        old = None if before is None else self._text(before)
        new = None if after is None else self._text(after)
        document = after or before
        if old == new or document is None:
            return
        id, number = document.id, self._numbers.of[document.id]
        old_runs = _runs(self._folded.pop(id)) if old is not None else set()
        new_runs: set[str] = set()
        if new is not None:
            folded = self._folded[id] = self._fold(new)
            new_runs = _runs(folded)
        if old_runs:
            self._remove(old_runs - new_runs, number)
        self._add(new_runs - old_runs, number)

    def filter(self, searched: str) -> Filter:
        """Return the filter that passes the documents whose text contains `searched`, which is folded."""
        folded = self._folded
        if len(searched) < _GRAM:  # too short to be looked up, and likely to be in most texts
            return Filter(sys.maxsize, folded.keys, lambda id: searched in folded.get(id, ""))
        rarest = min(map(self._numbers_of, _runs(searched)), key=len)
        ids = self._numbers.ids
        return Filter(
            len(rarest),
            lambda: map(ids.__getitem__, rarest),
            lambda id: searched in folded.get(id, ""),
        )

    def _numbers_of(self, run: str) -> Sequence[int]:
        numbers = self._grams.get(run, ())
        return (numbers,) if isinstance(numbers, int) else numbers

    def _add(self, runs: Iterable[str], number: int) -> None:
        grams = self._grams
        for run in runs:
            numbers = grams.get(run)
            if numbers is None:
                grams[sys.intern(run)] = number
            elif isinstance(numbers, int):
                grams[run] = array(_NUMBERS, sorted((numbers, number)))
            elif numbers[-1] < number:
                numbers.append(number)
            else:
                numbers.insert(bisect_left(numbers, number), number)

    def _remove(self, runs: Iterable[str], number: int) -> None:
        grams = self._grams
        for run in runs:
            numbers = grams[run]
            if isinstance(numbers, int):
                del grams[run]
                continue
            del numbers[bisect_left(numbers, number)]
            if len(numbers) == 1:
                grams[run] = numbers[0]


def _runs(text: str) -> set[str]:
    return {text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)}


def either(one: Filter, other: Filter) -> Filter:
    """Return the filter that passes what one of two filters passes."""
    return Filter(
        min(one.size + other.size, sys.maxsize),
        lambda: chain(filter(one.passes, one.candidates()), filterfalse(one.passes, other.candidates())),
        lambda id: one.passes(id) or other.passes(id),
    )
