"""Which core the servers run on, and which one the load comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """A core for the servers and one for the load, or None where there are not two that we may choose.

    Processes inherit the cores of the one that starts them.

    Attributes:
        server: The one of the servers.
        load: The one of the load, and of databases.
        both: Whether servers may use that of the load as well.
    """

    server: int | None
    load: int | None
    both: bool = False

    @contextmanager
    def for_starting_servers(self) -> Iterator[None]:
        """Be on the core of the servers for a while."""
        _move_to(self.server, *((self.load,) if self.both else ()))
        try:
            yield
        finally:
            _move_to(self.load)

    def __str__(self) -> str:
        if self.server is None:
            return "NOT PINNED, there are no two cores to choose: servers and load disturb each other"
        return f"servers on core {self.server}, load from core {self.load}"


def choose_cores() -> Cores:
    """Take the first two cores that this process may run on."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return Cores(*usable[:2]) if usable[1:] else Cores(None, None)


def _move_to(*cores: int | None) -> None:
    chosen = {core for core in cores if core is not None}
    if chosen:
        os.sched_setaffinity(0, chosen)
