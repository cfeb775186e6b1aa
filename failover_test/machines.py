"""The machines of the database: each etcd, Patroni and its PostgreSQL, to be killed alone or together."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from failover_test.site import DATABASES, Command, Site

_POLL: Final = 0.2
_START_SECONDS: Final = 120
_SET_CHILD_SUBREAPER: Final = 36
_OK: Final = 200
_DEAD: Final = "(postgres) Z"
_ACCOUNT: Final = "nobody"
_RIGHTS: Final = "-all,+dac_override"
# PostgreSQL refuses to run as root; but a Python that is root's own must be read.
_NOT_ROOT: Final = (
    (
        *("setpriv", f"--reuid={_ACCOUNT}", "--regid=nogroup", "--clear-groups"),
        *(f"--{each}={_RIGHTS}" for each in ("inh-caps", "ambient-caps", "bounding-set")),
    )
    if os.geteuid() == 0
    else ()
)


class Machine:
    """A machine of the database.

    Args:
        name: Its name in the files.
        site: Where all of them are.
    """

    def __init__(self, name: str, site: Site) -> None:
        self.name = name
        self._site = site
        self._folder = site.folder / name
        self._etcd: subprocess.Popen[bytes] | None = None
        self._patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start what does not run."""
        etcd, patroni = self._site.etcd(self.name), self._site.patroni(self.name)
        if _NOT_ROOT:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, _ACCOUNT)
        if self._etcd is None:
            self._etcd = self._run(etcd, "etcd.log")
        if self._patroni is None:
            self._patroni = self._run(patroni, "patroni.log")

    def kill(self) -> None:
        """Kill everything."""
        self.kill_patroni()
        self.kill_postgresql()
        self.kill_etcd()

    def kill_postgresql(self) -> None:
        """Kill PostgreSQL, all of its processes."""
        self._tell_postgresql(signal.SIGKILL)

    def kill_patroni(self) -> None:
        """Kill Patroni; PostgreSQL goes on."""
        if self._patroni is not None:
            _kill(self._patroni)
            self._patroni = None

    def kill_etcd(self) -> None:
        """Kill etcd."""
        if self._etcd is not None:
            _kill(self._etcd)
            self._etcd = None

    def freeze(self) -> None:
        """Hold everything, as a machine that hangs: connections stay, and nobody answers."""
        for each in (self._patroni, self._etcd):
            if each is not None:
                each.send_signal(signal.SIGSTOP)
        self._tell_postgresql(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let everything go on that was held."""
        self._tell_postgresql(signal.SIGCONT)
        for each in (self._patroni, self._etcd):
            if each is not None:
                each.send_signal(signal.SIGCONT)

    async def is_primary(self) -> bool:
        """Tell whether Patroni holds this one to be the primary."""
        return await self._patroni_answers("primary")

    async def is_synchronous(self) -> bool:
        """Tell whether Patroni holds this one to be the synchronous standby."""
        return await self._patroni_answers("synchronous")

    async def is_standby(self) -> bool:
        """Tell whether Patroni holds this one to be a standby that follows."""
        return await self._patroni_answers("replica")

    async def _patroni_answers(self, question: str) -> bool:
        url = f"http://127.0.0.1:{self._site.port(DATABASES[self.name], 8008)}/{question}"
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            try:
                return (await client.get(url)).status_code == _OK
            except httpx.HTTPError:
                return False

    def _run(self, command: Command, log: str) -> subprocess.Popen[bytes]:
        environment = {**command.environment, "HOME": str(self._folder)}
        with (self._folder / log).open("ab") as file:
            return subprocess.Popen(
                [*_NOT_ROOT, *command.arguments],
                env=environment,
                cwd=self._folder,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def _tell_postgresql(self, what: signal.Signals) -> None:
        """Send all processes of PostgreSQL a signal."""
        file = self._site.data(self.name) / "postmaster.pid"
        try:
            pid = int(file.read_text().split("\n", 1)[0])
            if not os.path.samefile(f"/proc/{pid}/cwd", file.parent):  # noqa: PTH121 # of links in /proc
                return
        except (OSError, ValueError):
            return
        for each in (pid, *_children(pid)):
            with suppress(ProcessLookupError):
                os.kill(each, what)


class Machines:
    """All three of them.

    Args:
        site: Where they are.
    """

    def __init__(self, site: Site) -> None:
        # What Patroni starts is nobody's child: a PostgreSQL that ended and that nobody waits for would stay
        # in the way of the next, where the first process of all is none that does.
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._site = site
        self._all = [Machine(name, site) for name in DATABASES]

    async def start(self) -> None:
        """Start all that do not run; return when all are there, and one is in step with the primary.

        Raises:
            TimeoutError: They are not after two minutes.
        """
        for each in self._all:
            each.start()
        await self._until_whole()

    async def make_database(self) -> None:
        """Make the database of the servers."""
        primary = await self.primary()
        connection = await asyncpg.connect(**self._site.superuser(primary.name), database="postgres")
        for statement in self._site.statements():
            await connection.execute(statement)
        await connection.close()

    def stop(self) -> None:
        """Stop all of them."""
        for each in self._all:
            each.kill()

    async def primary(self, but: Machine | None = None) -> Machine:
        """Return the one that is the primary.

        Args:
            but: One that is not asked.

        Raises:
            LookupError: None is.
        """
        for each in self._all:
            if each is not but and await each.is_primary():
                return each
        raise LookupError("there is no primary")

    async def bury(self) -> None:
        """Wait for all PostgreSQL that end, until cancelled."""
        while True:
            _bury()
            await asyncio.sleep(_POLL)

    async def _until_whole(self) -> None:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                counts = [
                    sum([await ask(each) for each in self._all])
                    for ask in (Machine.is_primary, Machine.is_synchronous, Machine.is_standby)
                ]
                if counts == [1, 1, len(self._all) - 1]:
                    return
                await asyncio.sleep(_POLL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _bury() -> None:
    for pid in _children(os.getpid()):
        with suppress(OSError):
            if _DEAD in Path(f"/proc/{pid}/stat").read_text():
                os.waitpid(pid, os.WNOHANG)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
