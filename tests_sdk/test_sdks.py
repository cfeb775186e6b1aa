"""Each released SDK of gitpod.v1 and factify, unmodified, against a real server: runs what is in checks/."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from environments import Sdk
from processes import seeded_server, triptych_serve

FACTIFY_SDKS = [Sdk("factify"), Sdk("factify-1.0", checks="factify")]
SDKS = [Sdk("json"), Sdk("connect"), *FACTIFY_SDKS]


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
def test_every_check(sdk: Sdk, tmp_path: Path) -> None:
    with seeded_server(tmp_path / "log") as server:
        sdk.check(server.url)
    # Checks that care how often a request is sent say so in its id: `sent-2:...`.
    counted = Counter(id for id in server.request_ids() if id.startswith("sent-"))
    assert counted
    for request_id, times in counted.items():
        assert times == int(request_id.removeprefix("sent-").partition(":")[0]), request_id


@pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.name)
def test_the_command_that_users_run(sdk: Sdk, tmp_path: Path) -> None:
    with triptych_serve(tmp_path / "log") as server:
        sdk.check(server.url, "test_first_steps")
    assert server.request_ids()


@pytest.mark.parametrize("sdk", FACTIFY_SDKS, ids=lambda sdk: sdk.name)
def test_a_limited_rate(sdk: Sdk, tmp_path: Path) -> None:
    with triptych_serve(tmp_path / "log", "--rate-limit") as server:
        sdk.check(server.url, "test_rate_limit")
