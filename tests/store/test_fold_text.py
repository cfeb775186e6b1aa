"""Folding of texts: what it gives, and that no text makes it expensive."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.store.queries import FOLDED_CHARACTERS, fold_text

# Marks of several classes, some of which decompose into two, between letters with and without marks.
MARKS = "\u0315\u0316\u0301\u0345\u0344\u0f73\u0f81\u1d165"
MIXED = st.text(st.sampled_from(MARKS + "aé\u1f80가ß")) | st.text()


@given(st.lists(MIXED | st.text(st.sampled_from(MARKS), min_size=100, max_size=300), max_size=5))
def test_it_is_the_normal_form_of_the_folded_text(texts: list[str]) -> None:
    text = "".join(texts)[:FOLDED_CHARACTERS]
    expected = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    assert fold_text(text) == (text.lower() if text.isascii() else expected)


@pytest.mark.parametrize("marks", ["\u0315\u0316", "\u0f73", "\u0316\u0315"])
def test_no_text_is_expensive(marks: str) -> None:
    half = FOLDED_CHARACTERS // 2 - 1
    text = "a" + marks[0] * half + marks[-1] * half
    began = time.thread_time()
    for _ in range(20):
        fold_text(text)
    assert time.thread_time() - began < 0.2


def test_a_text_that_the_contract_refuses_is_not_folded() -> None:
    fold_text("é" * FOLDED_CHARACTERS)
    for text in "é", "e":
        with pytest.raises(ValueError, match="too long to be folded"):
            fold_text(text * (FOLDED_CHARACTERS + 1))
