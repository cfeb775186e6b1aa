"""Names of files, which may come beside a message and so pass none of its rules."""

from __future__ import annotations

import pytest

from triptych.documents.files import read_file
from triptych.errors import Code, RpcError
from triptych.rpc.upload import Upload


@pytest.mark.parametrize("name", ["a\0.csv", "a" * 252 + ".csv"])
async def test_names_that_cannot_be_kept_are_refused(name: str) -> None:
    with pytest.raises(RpcError) as raised:
        await read_file(b"", "", Upload((b"a,b",), (name,), "text/csv"))
    assert raised.value.code is Code.INVALID_ARGUMENT
    assert [each.field for each in raised.value.violations] == ["payload"]
