"""What a seed file that cannot be used is answered with."""

from __future__ import annotations

from collections.abc import Iterable


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
