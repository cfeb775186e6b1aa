"""Expecting a call to fail."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from support.api import CallError


async def fails(code: str, call: Awaitable[object]) -> CallError:
    """Return the error of a call that must fail with that code."""
    with pytest.raises(CallError) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value
