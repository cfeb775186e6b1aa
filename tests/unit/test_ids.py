from __future__ import annotations

import string
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from triptych.ids import RandomIds


class Times:
    """A clock that shows the given times, and stays at the last."""

    def __init__(self, times: list[int]) -> None:
        self._times = iter(times)
        self._last = 0

    def now(self) -> int:
        self._last = next(self._times, self._last)
        return self._last


@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=50))
def test_ids_are_of_version_7_and_sort_by_creation_whatever_the_clock_does(times: list[int]) -> None:
    ids = RandomIds(Times(times))
    made = [ids.new() for _ in range(len(times) + 20)]
    assert made == sorted(set(made))
    assert {(UUID(id).version, UUID(id).variant) for id in made} == {(7, "specified in RFC 4122")}


def test_an_id_tells_its_millisecond() -> None:
    assert UUID(RandomIds(Times([1_700_000_000_123_456_789])).new()).int >> 80 == 1_700_000_000_123


def test_secrets_have_a_prefix_and_43_letters_and_digits() -> None:
    ids = RandomIds(Times([0]))
    secrets = {ids.secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("trp_")
        assert len(secret) == 47
        assert set(secret[4:]) <= set(string.ascii_letters + string.digits)
