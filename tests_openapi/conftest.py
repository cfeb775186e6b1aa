"""A server with the example data, of which what is in it may change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.servers import triptych

TOKEN = "triptych-admin-token"


@pytest.fixture
def url() -> Iterator[str]:
    """Return the base URL of a new server."""
    with triptych("--seed=examples/seed.yaml") as server:
        yield f"http://127.0.0.1:{server.http_port}"
