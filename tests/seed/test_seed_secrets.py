"""No error repeats the secret of a token, wherever it stands."""

from __future__ import annotations

import traceback

import pytest

from seed.support import LoadText
from triptych.seed import SeedError

FILES = [
    ("a.yaml", "tokens:\n- secret: hidden-1\n  userId: x"),
    ("a.yaml", "tokens:\n- secret: ' hidden-1'\n  userId: 01970000-0000-7000-8000-000000000001"),
    ("a.yaml", "tokens:\n- secret: [hidden-1]"),
    ("a.yaml", "tokens:\n- secret: {hidden-1: hidden-1}"),
    ("a.yaml", "tokens:\n- {secret:hidden-1, userId: x}"),
    ("a.yaml", "tokens:\n- {secret:hidden-1, secret:hidden-1}"),
    ("a.yaml", "tokens:\n- userId: x\n  secret:hidden-1\n"),
    ("a.yaml", "tokens:\n- secret: *hidden-1"),
    ("a.yaml", "tokens:\n- secret: !hidden-1"),
    ("a.yaml", "tokens:\n- secret: !hidden-1!x y"),
    ("a.yaml", "tokens:\n- secret: 'hidden-1"),
    ("a.yaml", "tokens:\n- hidden-1"),
    ("a.yaml", "tokens: hidden-1"),
    ("a.yaml", "tokens:\n- expiresAt: hidden-1\n  readOnly: hidden-1"),
    ("a.yaml", "hidden-1"),
    ("a.yaml", "hidden-1: []"),
    ("a.json", '{"tokens": [{"secret": "hidden-1}]}'),
    ("a.json", '{"tokens": ["hidden-1"]}'),
    ("a.json", '{"tokens": [{"secret": "a", "secret": "hidden-1"}]}'),
    ("a.json", '{"tokens": [{"secret": "hidden-1\\ud800"}]}'),
    ("a.json", '"hidden-1"'),
    ("a.ndjson", '{"token": "hidden-1"}'),
    ("a.ndjson", '"hidden-1"'),
    ("a.ndjson", '{"secret": "hidden-1"}'),
    ("a.ndjson", '{"token": {"readOnly": "hidden-1"}}'),
    ("a.ndjson", '{"token": {"userId": "x", "secret": "hidden-1"}}'),
    ("a.ndjson", '{"token": {"secret": "hidden-1}'),
    ("a.ndjson", '{"user": {}, "token": {"secret": ["hidden-1"], "hidden-1": 1}}'),
]


@pytest.mark.parametrize(("name", "text"), FILES)
async def test_secrets_are_not_repeated(name: str, text: str, load_text: LoadText) -> None:
    with pytest.raises(SeedError) as error:
        await load_text(name, text)
    assert name in str(error.value)
    assert "hidden" not in "".join(traceback.format_exception(error.value))


async def test_what_is_wrong_is_still_told(load_text: LoadText) -> None:
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", "tokens:\n- secret: 12345\n  userID: x\n  readOnly: yes\n  the secret:: x")
    assert str(error.value).splitlines() == [
        "a.yaml:2: tokens[0].secret: must be a string",
        "a.yaml:3: tokens[0].userID: is no field of triptych.seed.v1.Token",
        "a.yaml:4: tokens[0].read_only: must be true or false",
        "a.yaml:5: tokens[0]: a key is no field of triptych.seed.v1.Token",
    ]
