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


@given(TEXTS)
def test_patterns_of_postgresql_are_in_the_text(text: str) -> None:
    way = PostgresqlDialect().document_search(["title_folded"], text)
    assert way is not None
    patterns = way.where[0].values
    assert 1 <= len(patterns) <= 3
    for pattern in patterns:
        assert re.sub(r"\\(.)", r"\1", pattern[1:-1], flags=re.DOTALL) in text
        assert not re.search(r"(?<!\\)(?:\\\\)*[%_]", pattern[1:-1]), "signs of patterns stand for themselves"


def test_what_joins_words_comes_first() -> None:
    assert _grams("letter budget")[0] == "r b"
    assert _grams("abc") == ["abc"]
    assert SqliteDialect().document_search(["title_folded"], "ab") is None
    assert PostgresqlDialect().document_search(["title_folded"], "ab") is None
