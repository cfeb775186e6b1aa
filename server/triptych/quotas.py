"""How much an organization may have stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triptych.errors import Code, Reason, RpcError
from triptych.store.queries import Held


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that an organization may have of a kind of things.

    Attributes:
        kind: The kind, as "projects".
        count: How many it may have; 0 for as many as it likes.
        size: How many bytes they may have, likewise.
    """

    kind: str
    count: int = 0
    size: int = 0

    @property
    def restricts(self) -> bool:
        """Whether there is anything to check."""
        return bool(self.count or self.size)

    def check(self, held: Held, size: int, count: int = 1) -> None:
        """Refuse what would be more than the quota. What makes nothing grow is never refused.

        Args:
            held: What there is.
            size: How many bytes would be added.
            count: How many things would be added.

        Raises:
            RpcError: RESOURCE_EXHAUSTED (QUOTA_EXCEEDED).
        """
        if self.count and count > 0 and held.count + count > self.count:
            self._refuse(f"has {held.count} {self.kind}, and its quota is {self.count}")
        if self.size and size > 0 and held.size + size > self.size:
            self._refuse(
                f"has {held.size} bytes of {self.kind}, its quota is {self.size}, and this has {size} more"
            )

    def _refuse(self, why: str) -> None:
        text = f"the organization {why}"
        raise RpcError(Code.RESOURCE_EXHAUSTED, text, reason=Reason.QUOTA_EXCEEDED)


NO_PROJECT_QUOTA: Final = Quota("projects")
NO_DOCUMENT_QUOTA: Final = Quota("documents")
NO_TOKEN_QUOTA: Final = Quota("tokens")
