"""Tokens: by id, by digest, and in pages of those that have not expired."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from triptych.store.memory.index import Changes, HeldIndex, Postings, SortedIndex
from triptych.store.memory.plan import Filter, Order, Rank, find_page
from triptych.store.memory.table import MemoryTable, Rows
from triptych.store.queries import Held, Position, TokenQuery
from triptych.store.records import Token
from triptych.store.sizes import token_size

_NEVER = 1 << 100  # later than any instant


def _expiry(token: Token) -> int:
    return _NEVER if token.expires_at is None else token.expires_at


def _groups(token: Token) -> Sequence[Hashable]:
    """Return what tokens are listed by: an organization, and an owner in it."""
    return (token.organization_id, None), (token.organization_id, token.owner.id)


class TokenRows(Rows[Token]):
    """Tokens, and their indexes."""

    __slots__ = ("by_creation", "by_digest", "by_expiry", "held")

    def __init__(self, changes: Changes) -> None:
        self.by_digest = Postings[Token](lambda token: (token.digest,))
        self.by_creation = SortedIndex[Token](_groups, lambda token: (token.created_at, token.id))
        self.by_expiry = SortedIndex[Token](_groups, lambda token: (_expiry(token), token.id))
        self.held = HeldIndex[Token](token_size)
        super().__init__("tokens", (self.held, self.by_digest, self.by_creation, self.by_expiry, changes))

    def clash(self, record: Token) -> str:
        """Return "digest" if another token has the digest of the record."""
        return "digest" if self.by_digest.ids(record.digest) - {record.id} else ""

    def of_digest(self, digest: bytes) -> Token | None:
        """Return the token whose secret has this SHA-256, or None."""
        for id in self.by_digest.ids(digest):
            return self.records[id]
        return None

    def note_uses(self, uses: Mapping[str, int]) -> None:
        """Set the last use of tokens, by their ids, where it is later than the one known."""
        for id, used in uses.items():
            token = self.records.get(id)
            if token is not None and (token.last_used is None or token.last_used < used):
                self.records[id] = replace(token, last_used=used)  # nothing is indexed by it


class MemoryTokens(MemoryTable[Token]):
    """Tokens, for one transaction."""

    __slots__ = ()

    _rows: TokenRows

    async def held(self, organization_id: str) -> Held:
        """Return how many tokens an organization has, and how large they are together."""
        self._work.check_open()
        return self._rows.held.of(organization_id)

    async def page(self, query: TokenQuery, after: Position | None, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens that follow `after`. The key of a position is `created_at`."""
        self._work.check_open()
        rows = self._rows
        owner_ids = (None,) if query.owner_ids is None else set(query.owner_ids)
        groups = [(query.organization_id, owner_id) for owner_id in owner_ids]
        place = None if after is None else (after.key, after.id)
        order = Order(self._newest_first(groups, place), self._rank, place, descending=True)
        ids = await find_page(self._work.lock, order, [self._active(groups, query.now)], limit)
        return [rows.records[id] for id in ids]

    def _newest_first(self, groups: Sequence[Hashable], after: Rank | None) -> Iterator[str]:
        walks = (
            self._rows.by_creation.values(group).irange(maximum=after, inclusive=(True, False), reverse=True)
            for group in groups
        )
        return (id for _, id in heapq.merge(*walks, reverse=True))

    def _rank(self, id: str) -> Rank:
        return self._rows.records[id].created_at, id

    def _active(self, groups: Sequence[Hashable], now: int) -> Filter:
        """Return the filter that passes those of the groups that expire after `now`."""
        first = (now + 1,)
        by_expiry = [self._rows.by_expiry.values(group) for group in groups]
        records = self._rows.records
        return Filter(
            sum(len(values) - values.bisect_left(first) for values in by_expiry),
            lambda: (id for _, id in chain.from_iterable(values.irange(first) for values in by_expiry)),
            lambda each: _expiry(records[each]) > now,
        )
