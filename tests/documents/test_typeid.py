from __future__ import annotations

import re
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.documents.typeid import Prefix, TypeIdError, decode, encode, suffix

PREFIXES = st.sampled_from(get_args(Prefix))


@given(PREFIXES, st.uuids())
def test_an_id_gives_its_uuid_back(prefix: Prefix, uuid: UUID) -> None:
    typeid = encode(prefix, str(uuid))
    assert re.fullmatch(prefix + "_[0-7][0-9a-hjkmnp-tv-z]{25}", typeid)
    assert decode(prefix, typeid) == str(uuid)


@given(st.uuids(), st.uuids())
def test_ids_sort_as_their_uuids_do(one: UUID, other: UUID) -> None:
    assert (suffix(str(one)) < suffix(str(other))) == (str(one) < str(other))


@pytest.mark.parametrize(
    ("uuid", "digits"),
    [
        ("00000000-0000-0000-0000-000000000000", "00000000000000000000000000"),
        ("00000000-0000-0000-0000-000000000001", "00000000000000000000000001"),
        ("00000000-0000-0000-0000-00000000000a", "0000000000000000000000000a"),
        ("00000000-0000-0000-0000-000000000010", "0000000000000000000000000g"),
        ("00000000-0000-0000-0000-000000000020", "00000000000000000000000010"),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
        ("01890a5d-ac96-774b-bcce-b302099a8057", "01h455vb4pex5vsknk084sn02q"),
    ],
)
def test_the_examples_of_the_specification(uuid: str, digits: str) -> None:
    assert suffix(uuid) == digits
    assert decode("doc", f"doc_{digits}") == uuid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "doc",
        "doc_",
        "01h455vb4pex5vsknk084sn02q",
        "ver_01h455vb4pex5vsknk084sn02q",
        "_01h455vb4pex5vsknk084sn02q",
        "doc__1h455vb4pex5vsknk084sn02q",
        "DOC_01h455vb4pex5vsknk084sn02q",
        "doc_01H455VB4PEX5VSKNK084SN02Q",
        "doc_01h455vb4pex5vsknk084sn02",
        "doc_01h455vb4pex5vsknk084sn02qq",
        "doc_01h455vb4pex5vsknk084sn02q\n",
        " doc_01h455vb4pex5vsknk084sn02q",
        "doc_01h455vb4pex5vsknk084sn02i",
        "doc_01h455vb4pex5vsknk084sn02l",
        "doc_01h455vb4pex5vsknk084sn02o",
        "doc_01h455vb4pex5vsknk084sn02u",
        "doc_01h455vb4pex5vsknk084sn02-",
        "doc_\u0660" + "1h455vb4pex5vsknk084sn02q",
        "doc_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "doc_zzzzzzzzzzzzzzzzzzzzzzzzzz",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(TypeIdError, match="doc_ and 26 digits"):
        decode("doc", text)


@given(st.text())
def test_any_text_is_refused_or_an_id(text: str) -> None:
    try:
        uuid = decode("doc", text)
    except TypeIdError:
        return
    assert encode("doc", uuid) == text
