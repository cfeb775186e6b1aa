"""Settings as one process hands them on to another."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from triptych.config import Settings

_PATHS: Final = ("tls_cert", "tls_key", "tls_client_ca", "seed")


def to_text(settings: Settings) -> str:
    """Return the settings as JSON: with all secrets that they hold."""
    return json.dumps(asdict(settings), default=str)


def from_text(text: str) -> Settings:
    """Return the settings that a text of `to_text` stands for."""
    values: dict[str, Any] = json.loads(text)
    for name in _PATHS:
        if values[name] is not None:
            values[name] = Path(values[name])
    return Settings(**values | {"cors_origin": tuple(values["cors_origin"])})
