"""Settings of a database by which it forgets what it acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from triptych.store.sql.statements import Sql

SETTINGS: Final = Sql(
    "SELECT current_setting('fsync', true), current_setting('full_page_writes', true),"
    " current_setting('synchronous_commit', true)"
)

_NO_FSYNC: Final = "fsync is off: when the machine of the database fails, all of its data may be broken"
_NO_FULL_PAGES: Final = "full_page_writes is off: when the machine of the database fails, pages may be broken"
_COMMITS: Final = {
    "off": "synchronous_commit is off: when the database crashes, it forgets writes that were acknowledged",
    "local": "synchronous_commit is local: a standby that takes over may lack writes that were acknowledged",
}


def risks_of(
    fsync: str | None, full_page_writes: str | None, synchronous_commit: str | None
) -> Sequence[str]:
    """Return what puts acknowledged writes at risk, given what SETTINGS selects; None: there is no such."""
    found = [_NO_FSYNC] if fsync == "off" else []
    found += [_NO_FULL_PAGES] if full_page_writes == "off" else []
    if commits := _COMMITS.get(synchronous_commit or ""):
        found.append(commits)
    return found
