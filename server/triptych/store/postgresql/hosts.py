"""Which host of a database takes writes, when there are several, and after that was another one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from triptych.store.errors import UnavailableError
from triptych.store.postgresql.errors import ERRORS, store_error

_FIND_SECONDS: Final = 4.0
_HOST_SECONDS: Final = 3.0
_OTHERS_SECONDS: Final = 0.5
_STATEMENTS_KEPT: Final = 500
_LONGEST_STATEMENT_KEPT: Final = 64 * 1024
_PORT: Final = "5432"
_SAID: Final = asyncpg.PostgresError

# The timeline counts how often a standby was made the primary: of two primaries, the one with more is it.
_READ_ONLY: Final = "SELECT current_setting('transaction_read_only', true) = 'on'"
_ROLE: Final = f"""{_READ_ONLY},
        CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END"""


class Host(NamedTuple):
    """A host in the list of a URL."""

    name: str
    port: int


class Opened(NamedTuple):
    """A connection.

    Attributes:
        connection: The connection.
        writable: Whether the server takes writes.
        timeline: How often a standby of it was made the primary; 0 if it cannot tell.
    """

    connection: asyncpg.Connection
    writable: bool
    timeline: int


def hosts_of(url: str) -> Sequence[Host]:
    """Return the hosts that a URL lists, or the variables for what it leaves out; none if it is one alone.

    Raises:
        ValueError: There are no numbers where ports should be, or not one for each host.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    listed = parts.netloc.rpartition("@")[2]
    listed = listed or query.get("host", [""])[0] or os.environ.get("PGHOST", "")
    names = listed.split(",")
    if len(names) == 1:
        return ()
    ports = (query.get("port", [""])[0] or os.environ.get("PGPORT", "") or _PORT).split(",")
    ports = ports * len(names) if len(ports) == 1 else ports
    found = []
    for each, usual in zip(names, ports, strict=True):
        bracketed = each.startswith("[")
        name, _, port = each[1:].partition("]") if bracketed else each.partition(":")
        found.append(Host(unquote(name), int(port.removeprefix(":") or usual)))
    return found


class Hosts:
    """Opens connections to whichever host takes writes.

    Args:
        url: As `postgresql://user@host:port/database`; several hosts may be given, with commas between.
        settings: Settings of the server for each connection.

    Attributes:
        timeline: The highest one seen: a server with less was the primary once, and does not know it.
    """

    def __init__(self, url: str, settings: Mapping[str, str]) -> None:
        self._url = url
        self._settings = settings
        self._last: Host | None = None
        self.timeline = 0

    def doubt(self) -> None:
        """Ask all hosts the next time: the one that was found may be it no more."""
        self._last = None

    async def connect(self) -> Opened:
        """Open a connection: of several hosts, to the one that takes writes; of one, whether or not it does.

        Raises:
            UnavailableError: There is none, or it refuses.
        """
        try:
            async with asyncio.timeout(_FIND_SECONDS):
                hosts = hosts_of(self._url)
                opened = await self._find(hosts) if hosts else await self._open(None)
        except (*ERRORS, ValueError) as error:
            raise store_error(error) or UnavailableError(f"postgresql: {error}") from error
        self.timeline = max(self.timeline, opened.timeline)
        return opened

    async def _find(self, hosts: Sequence[Host]) -> Opened:
        if self._last is not None:
            with suppress(UnavailableError, *ERRORS):
                opened = await self._open(self._last)
                if opened.writable:
                    return opened
                opened.connection.terminate()
            self._last = None
        tasks = {asyncio.create_task(self._open(host)): host for host in hosts}
        best: asyncio.Task[Opened] | None = None
        try:
            await self._first_writable(tasks)
            # One that was the primary may not know yet that it is not: another one does.
            await asyncio.wait(tasks, timeout=_OTHERS_SECONDS)
            writable = [task for task in tasks if _writable(task)]
            best = max(writable, key=lambda task: task.result().timeline)
        finally:
            for task in tasks:
                if task is not best:
                    task.cancel()
                    task.add_done_callback(_let_go)
        self._last = tasks[best]
        return best.result()

    async def _first_writable(self, tasks: Mapping[asyncio.Task[Opened], Host]) -> None:
        """Wait until one of the hosts is found to take writes.

        Raises:
            UnavailableError: None does; its cause is what one of them said.
        """
        left = set(tasks)
        while left:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            if any(map(_writable, done)):
                return
        told = "; ".join(f"{host.name}:{host.port}: {_told(task)}" for task, host in tasks.items())
        said = next((error for task in tasks if isinstance(error := task.exception(), _SAID)), None)
        raise UnavailableError(f"postgresql: no host takes writes: {told}") from said

    async def _open(self, host: Host | None) -> Opened:
        """Open a connection to a host of a list, or to the only one.

        Raises:
            UnavailableError: It was the primary before another one.
            Exception: What the driver raises.
        """
        at: dict[str, Any] = {}
        if host is not None:
            at = {"host": host.name, "port": host.port, "target_session_attrs": "any"}
        connection = await asyncpg.connect(
            self._url,
            timeout=_FIND_SECONDS if host is None else _HOST_SECONDS,
            statement_cache_size=_STATEMENTS_KEPT,
            max_cacheable_statement_size=_LONGEST_STATEMENT_KEPT,
            server_settings=self._settings,
            **at,
        )
        try:
            async with asyncio.timeout(_HOST_SECONDS):
                opened = await _role(connection)
        except BaseException:
            connection.terminate()
            raise
        if opened.writable and opened.timeline < self.timeline:
            connection.terminate()
            raise UnavailableError("postgresql: this server was the primary before another one")
        return opened


async def _role(connection: asyncpg.Connection) -> Opened:
    try:
        read_only, timeline = await connection.fetchrow(_ROLE)
    except asyncpg.PostgresError as error:
        if not str(error.sqlstate).startswith("42"):
            raise
        # No PostgreSQL, but something like it; or one where not everybody may know that.
        read_only, timeline = await connection.fetchval(_READ_ONLY), None
    return Opened(connection, not read_only, 0 if timeline is None else int(timeline, 16))


def _writable(task: asyncio.Task[Opened]) -> bool:
    return _is_good(task) and task.result().writable


def _is_good(task: asyncio.Task[Opened]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _let_go(task: asyncio.Task[Opened]) -> None:
    """Close what was opened besides."""
    if _is_good(task):
        task.result().connection.terminate()


def _told(task: asyncio.Task[Opened]) -> str:
    error = task.exception()
    return "a standby" if error is None else str(error) or type(error).__name__
