"""What the tests expect of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triptych.errors import Code, RpcError, Violation


def refusal(read: Callable[..., Any], *arguments: Any) -> RpcError:
    """Return the error that reading ends with."""
    with pytest.raises(RpcError) as caught:
        read(*arguments)
    return caught.value


def violations(read: Callable[..., Any], *arguments: Any) -> tuple[Violation, ...]:
    """Return what reading finds wrong with the fields of a message."""
    error = refusal(read, *arguments)
    assert error.code is Code.INVALID_ARGUMENT
    assert error.violations
    assert error.reason == error.violations[0].reason
    for violation in error.violations:
        assert len(violation.description) < 200
        assert len(violation.field) <= 200
    str(error).encode()
    return error.violations


def paths(read: Callable[..., Any], *arguments: Any) -> list[str]:
    """Return the paths of what reading finds wrong."""
    return [violation.field for violation in violations(read, *arguments)]
