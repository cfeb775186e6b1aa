"""Programs that are started, tell in their first line that they are ready, and are ended by their id."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_START_SECONDS: Final = 90
_STOP_SECONDS: Final = 15


class StartError(Exception):
    """A program did not start; the text has the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Started:
    """A program that runs.

    Attributes:
        process: The process.
        line: The first line that it printed.
    """

    process: subprocess.Popen[str]
    line: str

    def stop(self) -> int:
        """End it, with SIGTERM if that is enough, and return its exit code."""
        return _stop(self.process)


def clean_environment() -> dict[str, str]:
    """Return our environment without the settings of a server or of a client."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRIPTYCH_")}


@contextmanager
def started(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Started]:
    """Run a program until the end of the block.

    Args:
        command: What to run.
        log: The file that its stderr is added to.
        env: Its environment; that of `clean_environment` by default.

    Raises:
        StartError: It ended, or said nothing for 90 seconds.
    """
    if env is None:
        env = clean_environment()
    with (
        log.open("ab") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=env) as process,
    ):
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
            line = process.stdout.readline() if ready else ""
            if not line:
                raise StartError(f"{Path(command[0]).name} did not start: {log.read_text()[-2000:]}")
            yield Started(process, line)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> int:
    process.terminate()
    try:
        return process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
