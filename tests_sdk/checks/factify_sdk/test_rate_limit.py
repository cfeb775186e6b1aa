"""Calls beyond the limit, on a server that has one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from clients import MOST, PATH, Documents, told, uploaded
from factify import errors


async def test_rate_limit(max: Documents, raw: httpx.AsyncClient) -> None:
    response = await raw.get(PATH)
    if "x-ratelimit-limit" not in response.headers:
        pytest.skip("this server has no limit")
    assert response.headers["x-ratelimit-limit"] == "1000"
    error: Any = None
    for _ in range(MOST):  # twice the limit, should a minute end meanwhile
        try:
            await uploaded(max, "one of many")
        except errors.FactifyError as caught:
            error = caught
            break
    assert type(error) is errors.ErrorResponse
    assert told(error) == (429, "resource_exhausted", [("rate_limit_exceeded", None)])
    assert error.headers["x-ratelimit-limit"] == "100"
    assert error.headers["x-ratelimit-remaining"] == "0"
    assert 1 <= int(error.headers["retry-after"]) <= 60
    assert (await max.list()).result.items, "other calls go on"
