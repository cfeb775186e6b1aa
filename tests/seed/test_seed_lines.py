"""Files of a line an item: read ahead or not, in any order, and by the parser that fits."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seed.support import LoadText, records
from triptych.codec.json import JsonReader
from triptych.errors import RpcError
from triptych.rpc.validation import RequestValidator
from triptych.seed import SeedError, ahead, files
from triptych.seed.items import KINDS, SeedItem
from triptych.seed.plain import PlainLines
from triptych.store.base import Store
from triptych_api.triptych.seed.v1 import seed_pb

ORGANIZATION, ADA, MAX = (f"01970000-0000-7000-8000-00000000000{digit}" for digit in "123")
PLAIN = PlainLines(seed_pb.SeedLine.desc())
READER = JsonReader("refuse")
DOCUMENT: dict[str, Any] = {
    "ownerId": ADA,
    "title": "Größe: 1",
    "description": 'a "quoted": text, with \\ and {[',
    "accessLevel": "ACCESS_LEVEL_PRIVATE",
    "data": "IyBU",
    "createdAt": "2025-01-01T00:00:00Z",
    "version": "12",
    "isDemo": True,
    "grants": [{"recipientId": MAX, "role": "DOCUMENT_ROLE_VIEWER"}],
    "current": {"id": MAX, "size": 5, "createdAt": "2025-01-01T00:00:00.5Z"},
}


def line(**changed: Any) -> bytes:
    return json.dumps({"document": {**DOCUMENT, **changed}}).encode()


def carefully(data: bytes) -> seed_pb.SeedLine | None:
    try:
        return READER.read_carefully(data, seed_pb.SeedLine)
    except RpcError:
        return None


def test_lines_as_programs_write_them_are_plain() -> None:
    for data in (
        line(),
        json.dumps({"document": DOCUMENT}, ensure_ascii=False).encode(),
        json.dumps({"document": DOCUMENT}, separators=(",", ":")).replace("\\u", "").encode(),
        b'{"organization": {"id": "x"}}',
        b'{"project": {"initializer": {"specs": [{"git": {"remoteUri": "https://a/b"}}]}}}',
    ):
        if b"\\u" not in data:
            assert PLAIN.trusts(data), data
            assert seed_pb.SeedLine.from_json(data) == carefully(data)


@pytest.mark.parametrize(
    "data",
    [
        line(version="1_0"),
        line(version="+5"),
        line(version=5.0),
        line(version=None),
        line(title=1),
        line(accessLevel=7),
        line(owner_id=MAX),
        line(unknown=1),
        line(text="a"),
        line(grants={}),
        line(grants=[[]]),
        line(current=[]),
        line(isDemo="true"),
        b'{"document": {"title": "a", "title": "b"}}',
        b'{"document": {"title": "a", "tit\\u006ce": "b"}}',
        b'{"document": {}, "user": {}}',
        b'{"document": {}} {}',
        b'{"document": {"title": "\xff"}}',
        b'{"document": ' + b"[" * 200,
        b'{"group": {"memberIds": [' + b'"",' * 3000 + b'""]}}',
        b"[]",
        b"",
    ],
)
def test_all_else_is_left_to_the_reader_of_requests(data: bytes) -> None:
    assert not PLAIN.trusts(data)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["5", "x:y", 0.5, 1e9])
)
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*DOCUMENT, "text"]), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*DOCUMENT, "text", "path"]), TREES, max_size=3))
def test_what_is_trusted_is_read_as_the_reader_of_requests_reads_it(changed: dict[str, Any]) -> None:
    for data in (line(**changed), json.dumps({"document": changed}, ensure_ascii=False).encode()):
        if PLAIN.trusts(data):
            try:
                message = seed_pb.SeedLine.from_json(data)
            except Exception:  # then it is read carefully
                continue
            assert message == carefully(data)


def text_of(*lines: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in lines)


def user(number: int, **fields: Any) -> dict[str, Any]:
    return {"user": {"id": f"01970000-0000-7000-8000-{number:012}", "name": f"U{number}", **fields}}


async def test_kinds_may_stand_in_any_order(load_text: LoadText, store: Store) -> None:
    lines = [
        {"token": {"id": MAX, "userId": user(11)["user"]["id"], "secret": "s"}},
        user(10),
        {"organization": {"id": ORGANIZATION, "name": "O"}},
        user(11),
    ]
    text = (
        text_of(*lines).replace('{"organization"', '\n\t{ "organization"') + '{"\\u0075ser": {"name": "V"}}'
    )
    summary = await load_text("a.ndjson", text)
    assert {name: count for name, count in summary.counts.items() if count} == {
        "organizations": 1,
        "users": 3,
        "tokens": 1,
    }
    found = await records(store, [ORGANIZATION, MAX, user(11)["user"]["id"]])
    assert [len(found[table]) for table in ("organizations", "users", "tokens")] == [1, 1, 1]


@pytest.fixture
def reads_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files of a few lines read ahead."""
    monkeypatch.setattr(files, "_MANY", 20)
    monkeypatch.setattr(ahead, "_LINES", 3)


@pytest.mark.usefixtures("reads_ahead")
async def test_lines_that_are_read_ahead_are_the_same(load_text: LoadText, store: Store) -> None:
    organization = {"organization": {"id": ORGANIZATION, "name": "O"}}
    lines = [organization, *(user(number, createdAt="2025-01-01T00:00:00Z") for number in range(100, 150))]
    await load_text("a.ndjson", text_of(*lines))
    async with store.read() as tx:
        users = await tx.users.following("", 100)
    assert [each.name for each in users] == [f"U{number}" for number in range(100, 150)]
    with pytest.raises(SeedError) as error:
        await load_text("b.ndjson", text_of(*lines[1:31], {"user": {"name": ""}}, *lines[31:]))
    assert str(error.value) == "b.ndjson:31: user.name: must not be empty"


@pytest.mark.usefixtures("reads_ahead")
def test_when_the_process_that_reads_ahead_is_ended_this_one_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(text_of(*(user(number) for number in range(100, 150))))
    file = files.open_seed(path, RequestValidator())
    items = file.of_kind(KINDS[1])
    found: list[SeedItem] = [next(items)]
    assert isinstance(file, files._Lines)
    assert file._ahead is not None
    for pid in list(file._ahead._process._processes):
        os.kill(pid, signal.SIGKILL)
    found += items
    assert [each.place.node.line for each in found] == list(range(1, 51))
    file.close()
