"""A power cut, as far as a file can tell: what is left of it if nothing was kept but what was synced.

The page cache outlives SIGKILL, so a kill cannot show whether a disk was waited for. strace can: it notes
every write and every sync of a file, and played back, writes count from the next sync of their file on.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Final

_CALL: Final = re.compile(r"(\d+) +(\w+)\(\d+<([^>]*)>(.*)")
_RESUMED: Final = re.compile(r"(\d+) +<\.\.\. \w+ resumed>.*")
_WRITE: Final = re.compile(r', "((?:\\x[0-9a-f]{2})*)", \d+, (\d+)')
_TRUNCATE: Final = re.compile(r", (\d+)")
_UNFINISHED: Final = "<unfinished ...>"
_LONGEST: Final = 1024 * 1024  # bytes of a write
_PATIENCE: Final = 60.0


def strace() -> str | None:
    """Return the program; None if it is not there."""
    return which("strace")


def command(log: Path, database: Path) -> list[str | Path]:
    """Return what runs a program, given after it, and notes what it does to a file of SQLite."""
    calls = "trace=pwrite64,ftruncate,fsync,fdatasync"
    paths = [argument for path in files(database) for argument in ("-P", path)]
    return ["strace", "-D", "-f", "-y", "-xx", "-s", str(_LONGEST), "-e", calls, *paths, "-o", log]


def files(database: Path) -> tuple[Path, Path]:
    """Return the files whose bytes make a database: itself, and what was written since its checkpoint."""
    return database, database.with_name(f"{database.name}-wal")


@dataclass(slots=True)
class Disk:
    """Files as a disk has them.

    Attributes:
        kept: The bytes that a file has for sure.
        pending: What was written to it since: where, and what; None for a new length.
        syncs: How many syncs there were.
    """

    kept: dict[str, bytearray] = field(default_factory=dict)
    pending: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)
    syncs: int = 0

    def play(self, name: str, file: str, arguments: str) -> None:
        """Do what a system call did."""
        pending = self.pending.setdefault(file, [])
        if name == "pwrite64":
            match = _WRITE.match(arguments)
            assert match is not None, f"a write that cannot be read: {arguments[:80]}"
            pending.append((int(match[2]), bytes.fromhex(match[1].replace("\\x", ""))))
        elif name == "ftruncate":
            match = _TRUNCATE.match(arguments)
            assert match is not None
            pending.append((int(match[1]), None))
        else:
            self.syncs += 1
            _apply(self.kept.setdefault(file, bytearray()), pending)
            pending.clear()


def _apply(kept: bytearray, pending: list[tuple[int, bytes | None]]) -> None:
    for offset, data in pending:
        if data is None:
            del kept[offset:]
        kept.extend(bytes(max(0, offset - len(kept))))
        if data is not None:
            kept[offset : offset + len(data)] = data


def wait_for_end(log: Path, pid: int) -> None:
    """Wait until everything is noted of a process that was killed."""
    end = time.monotonic() + _PATIENCE
    while f"{pid} +++ killed" not in log.read_text()[-4096:].replace("  ", " "):
        if time.monotonic() > end:
            raise TimeoutError("strace does not end")
        time.sleep(0.01)


def replay(log: Path) -> Disk:
    """Return what a disk has after all that a log tells."""
    disk = Disk()
    begun: dict[str, tuple[str, str, str]] = {}
    with log.open() as lines:
        for line in lines:
            if (match := _CALL.match(line)) is not None:
                call = (match[2], _path(match[3]), match[4])
                if _UNFINISHED in line:
                    begun[match[1]] = call
                else:
                    disk.play(*call)
            elif (match := _RESUMED.match(line)) is not None and match[1] in begun:
                disk.play(*begun.pop(match[1]))
    return disk


def _path(text: str) -> str:
    """Return a path, whose bytes may be told as numbers."""
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text
