"""What every service is built from, and what all of them do with it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from triptych.auth.last_uses import LastUses
from triptych.clock import Clock
from triptych.codec.kept import KeptParts
from triptych.ids import Ids
from triptych.paging import PageTokens
from triptych.quotas import NO_DOCUMENT_QUOTA, NO_PROJECT_QUOTA, NO_TOKEN_QUOTA, Quota
from triptych.rpc.call import Call
from triptych.rpc.validation import RequestValidator
from triptych.store.base import Store, Transaction
from triptych.store.records import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The parts that the services share.

    Attributes:
        max_reply: The most bytes that a page should have in any form; it ends early for that.
        projects: The quota of an organization's projects.
        documents: That of its documents.
        tokens: That of its tokens.
    """

    store: Store
    clock: Clock
    ids: Ids
    page_tokens: PageTokens
    last_uses: LastUses
    validator: RequestValidator
    kept: KeptParts = field(default_factory=KeptParts)
    max_reply: int = 4 * 1024 * 1024
    projects: Quota = NO_PROJECT_QUOTA
    documents: Quota = NO_DOCUMENT_QUOTA
    tokens: Quota = NO_TOKEN_QUOTA

    def write(self, call: Call) -> AbstractAsyncContextManager[Transaction]:
        """Open the transaction of a call that changes something; a read-only token's refuses the change."""
        return self.store.read() if call.caller.read_only else self.store.write()

    def origin(self, call: Call) -> Origin:
        """Return what is known of a thing that the caller makes now, with a new id."""
        return Origin(
            id=self.ids.new(),
            organization_id=call.caller.organization_id,
            creator=call.caller.subject,
            created_at=self.clock.now(),
        )

    async def commit(self, tx: Transaction) -> None:
        """Commit, and write with it what is known of the use of tokens."""
        await self.last_uses.write(tx)
        await tx.commit()
