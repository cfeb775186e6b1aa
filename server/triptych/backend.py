"""What every service is built from, and what all of them do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from triptych.auth.last_uses import LastUses
from triptych.clock import Clock
from triptych.codec.kept import KeptParts
from triptych.ids import Ids
from triptych.paging import PageTokens
from triptych.quotas import NO_DOCUMENT_QUOTA, NO_PROJECT_QUOTA, NO_TOKEN_QUOTA, Quota
from triptych.rpc.call import Call
from triptych.rpc.validation import RequestValidator
from triptych.store.base import ResultT, Store, Transaction
from triptych.store.records import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The parts that the services share.

    Attributes:
        max_reply: The most bytes that a page should have in any form; it ends early for that.
        projects: The quota of an organization for projects.
        documents: For documents.
        tokens: For tokens.
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

    async def write(self, call: Call, body: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """Run what changes something for a call, as `Store.write`; a read-only token may change nothing."""
        if call.caller.read_only:
            async with self.store.read() as tx:
                return await body(tx)
        return await self.store.write(body, deadline=call.deadline)

    def origin(self, call: Call) -> Origin:
        """Return what is known of a thing that the caller makes now, with a new id."""
        return Origin(
            id=self.ids.new(),
            organization_id=call.caller.organization_id,
            creator=call.caller.subject,
            created_at=self.clock.now(),
        )
