from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.rpc.shares import Shares, address_of

owners = st.sampled_from("abcdef")


@given(limit=st.integers(1, 50), asked=st.lists(owners, max_size=200))
def test_whatever_others_took_somebody_new_gets_something(limit: int, asked: list[str]) -> None:
    shares = Shares(limit)
    taken = Counter(owner for owner in asked if shares.take(owner))
    assert shares.free == limit - taken.total()
    assert all(held <= (limit + 1) // 2 for held in taken.values())
    assert shares.take("somebody new") or limit < 2 ** len(taken)


@pytest.mark.parametrize(("count", "share"), [(1, 500), (3, 250), (9, 100)])
def test_owners_that_want_all_get_the_same(count: int, share: int) -> None:
    shares = Shares(1000)
    taken = Counter(owner for owner in [*map(str, range(count))] * 1000 if shares.take(owner))
    assert all(abs(taken[str(owner)] - share) <= 1 for owner in range(count))


@given(st.lists(st.tuples(owners, st.integers(1, 20)), max_size=50))
def test_what_is_given_back_is_free(asked: list[tuple[str, int]]) -> None:
    shares = Shares(100)
    taken = [each for each in asked if shares.take(*each)]
    for owner, amount in taken:
        shares.give_back(owner, amount)
    assert shares.free == 100
    assert shares.take("a", 100)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("127.0.0.1:80", "127.0.0.1"),
        ("ipv4:127.0.0.1:80", "127.0.0.1"),
        ("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:80", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1:80", "2001:db8:1:2::"),
        ("ipv6:%5Bfe80::1%25eth0%5D:80", "fe80::"),
        ("", ""),
        ("unix:", "unix"),
        ("no address: at all:1", "no address: at all"),
    ],
)
def test_an_address_is_what_one_client_has(peer: str, address: str) -> None:
    assert address_of(peer) == address
