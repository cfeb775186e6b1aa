"""When each token was last used: kept in memory on every call, written by and by."""

from __future__ import annotations

from triptych.store.base import Store
from triptych.store.records import Token


class LastUses:
    """The uses that the store does not know yet."""

    def __init__(self) -> None:
        self._unwritten: dict[str, int] = {}

    def note(self, token_id: str, now: int) -> None:
        """Note that a token was used."""
        self._unwritten[token_id] = now

    def of(self, token: Token) -> int | None:
        """Return the last use of a token that is known at this moment."""
        return self._unwritten.get(token.id, token.last_used)

    async def flush(self, store: Store) -> None:
        """Write what is noted, if there is anything. What cannot be written stays noted.

        Raises:
            StoreError: It could not be written.
        """
        if not self._unwritten:
            return
        written = dict(self._unwritten)
        await store.note_uses(written)
        for token_id, used in written.items():
            if self._unwritten.get(token_id) == used:
                del self._unwritten[token_id]
