"""What every service is built from, and what all of them do with it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from triptych.auth.last_uses import LastUses
from triptych.clock import Clock
from triptych.codec.kept import KeptParts
from triptych.errors import Code, Reason, RpcError
from triptych.ids import Ids
from triptych.paging import PageTokens
from triptych.rpc.call import Call
from triptych.rpc.validation import RequestValidator
from triptych.store.base import Store, Transaction
from triptych.store.records import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The parts that the services share.

    Attributes:
        project_quota: The most projects that an organization may have; 0 for as many as it likes.
        document_quota: The most documents, likewise.
        max_reply: The most bytes that a page should have in any form; it ends early for that.
    """

    store: Store
    clock: Clock
    ids: Ids
    page_tokens: PageTokens
    last_uses: LastUses
    validator: RequestValidator
    kept: KeptParts = field(default_factory=KeptParts)
    max_reply: int = 4 * 1024 * 1024
    project_quota: int = 0
    document_quota: int = 0

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


def check_quota(kind: str, held: int, quota: int) -> None:
    """Refuse one more `kind` (as "projects") for an organization that has as many as it may.

    Raises:
        RpcError: RESOURCE_EXHAUSTED (QUOTA_EXCEEDED).
    """
    if quota and held >= quota:
        text = f"the organization has {held} {kind}, and its quota is {quota}"
        raise RpcError(Code.RESOURCE_EXHAUSTED, text, reason=Reason.QUOTA_EXCEEDED)
