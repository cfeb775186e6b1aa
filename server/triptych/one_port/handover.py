"""What the two processes of the one-port mode tell each other: files in a folder that only they can read."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Final

from triptych.app.first_start import FirstStart
from triptych.app.handed_on import from_text, to_text
from triptych.config import Settings

FOLDER_VARIABLE: Final = "TRIPTYCH_ONE_PORT_FOLDER"


# Envoy counts in whole seconds, and a client must come by to be told.
_LEAST_OPEN_SECONDS: Final = 1


def open_seconds(settings: Settings) -> int:
    """Return how long listeners stay open once it is time to drain."""
    return max(_LEAST_OPEN_SECONDS, ceil(settings.drain_seconds))


@dataclass(frozen=True, slots=True)
class Handover:
    """The folder: settings one way, what came of the start the other way, and whether it is time to drain."""

    folder: Path

    def write_settings(self, settings: Settings) -> None:
        """Tell the application what to serve."""
        self._server.write_text(str(os.getpid()))
        self._settings.write_text(to_text(settings))

    def read_settings(self) -> Settings:
        """Return what to serve, and take it away: it may hold the secret of a token."""
        text = self._settings.read_text()
        self._settings.unlink()
        return from_text(text)

    def write_outcome(self, outcome: FirstStart | str) -> None:
        """Tell that the application has started, or why it cannot."""
        told = {"error": outcome} if isinstance(outcome, str) else asdict(outcome)
        self._outcome.write_text(json.dumps(told))

    def take_outcome(self) -> FirstStart | str | None:
        """Return what came of the start, and take it away; None if nothing was told."""
        if not self._outcome.exists():
            return None
        told = json.loads(self._outcome.read_text())
        self._outcome.unlink()
        return told["error"] if "error" in told else FirstStart(**told)

    def begin_drain(self) -> None:
        """Tell the application that no new calls will come."""
        self._drain_mark.touch()

    def remove(self) -> None:
        """Take the folder away, with whatever was not taken from it: secrets, maybe."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def server(self) -> int:
        """The id of the process that runs Envoy."""
        return int(self._server.read_text())

    @property
    def draining(self) -> bool:
        """Whether it is time to drain."""
        return self._drain_mark.exists()

    @property
    def _server(self) -> Path:
        return self.folder / "server.pid"

    @property
    def _settings(self) -> Path:
        return self.folder / "settings.json"

    @property
    def _outcome(self) -> Path:
        return self.folder / "outcome.json"

    @property
    def _drain_mark(self) -> Path:
        return self.folder / "draining"
