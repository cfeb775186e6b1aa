"""When each token was last used: kept in memory on every call, written with the next write or by and by."""

from __future__ import annotations

from triptych.store.base import Store, Transaction
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

    async def write(self, tx: Transaction) -> None:
        """Put what is noted into a transaction that is about to be committed."""
        unwritten, self._unwritten = self._unwritten, {}
        await tx.tokens.note_uses(unwritten)

    async def flush(self, store: Store) -> None:
        """Write what is noted, if there is anything."""
        if self._unwritten:
            async with store.write() as tx:
                await self.write(tx)
                await tx.commit()
