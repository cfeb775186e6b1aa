"""What a search asks an index for is in the text: whatever contains the text has it as well."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from triptych.store.postgresql.dialect import PostgresqlDialect
from triptych.store.sqlite.dialect import SqliteDialect, _grams

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=3, max_size=40)


@given(TEXTS)
def test_grams_of_sqlite_are_in_the_text(text: str) -> None:
    grams = _grams(text)
    assert 1 <= len(grams) <= 6
    assert all(len(gram) == 3 and gram in text for gram in grams)


def pattern_of(text: str) -> str:
    way = PostgresqlDialect().document_search(["title_folded"], text)
    assert way is not None
    [pattern] = way.where[0].values
    assert isinstance(pattern, str)
    return pattern


@given(TEXTS | st.text("ab 0%_\\-é", min_size=3, max_size=20))
def test_the_pattern_of_postgresql_is_one_of_the_text(text: str) -> None:
    pattern = pattern_of(text)
    pieces = re.split(r"(?<!\\)(?:\\\\)*%", pattern[1:-1])
    assert 1 <= len(pieces) <= 4
    place = 0
    for piece in pieces:
        plain = re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)(?:\\\\)*_", piece), "signs of patterns stand for themselves"
        place = text.replace(" ", "0").index(plain, place) + len(plain)


def test_what_joins_words_comes_first() -> None:
    assert _grams("letter budget")[0] == "r b"
    assert _grams("abc") == ["abc"]
    assert pattern_of("minutes offer") == "%min%es0of%"
    assert pattern_of("a long phrase of words") == "%a0lon%of0wo%"
    assert pattern_of("a_b%") == r"%a\_b\%%"
    assert pattern_of("inventory") == "%inventory%"
    assert SqliteDialect().document_search(["title_folded"], "ab") is None
    assert PostgresqlDialect().document_search(["title_folded"], "ab") is None
