"""What a seed file that cannot be used is answered with."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")


class SeedError(Exception):
    """A seed file cannot be used.

    Its text has a line for each thing that is wrong: file, line, path of the field, what is wrong. It never
    holds the secret of a token.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n".join(problems))


def file_error(file: str, text: str, *, line: int | None = None, column: int | None = None) -> SeedError:
    """Tell what is wrong with a file as such, or with the syntax of a line."""
    place = ":".join(str(part) for part in (file, line, column) if part is not None)
    return SeedError([f"{place}: {text}"])


def naming(key: str) -> str:
    """Name a key in a text, unless it looks like none and could be a secret, as in `secret:123`."""
    return f"the key {key}" if _PLAIN_KEY.fullmatch(key) else "a key"
