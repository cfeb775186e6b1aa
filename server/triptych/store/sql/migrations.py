"""Changes of a schema, numbered, each applied once: which there are, and which are still to be applied.

A library for this was looked at (yoyo-migrations): it brings database drivers of its own, knows a migration
by its name and not by what it says, and takes a database of a newer version for its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

from triptych.store.errors import UnusableError

_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """A change of the schema.

    Attributes:
        version: Its number; they follow one another from 1 on.
        name: What it is called.
        text: Its statements.
    """

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """What tells whether it says the same."""
        return sha256(self.text.encode()).hexdigest()


def read_migrations(package: str) -> Sequence[Migration]:
    """Return the migrations in the folder `migrations` of a package, in order."""
    found = [
        Migration(int(match[1]), match[2], file.read_text("utf-8"))
        for file in files(package).joinpath("migrations").iterdir()
        if (match := _NAME.fullmatch(file.name))
    ]
    return sorted(found, key=lambda each: each.version)


def missing(migrations: Sequence[Migration], applied: Mapping[int, str]) -> Sequence[Migration]:
    """Return the migrations that are still to be applied.

    Args:
        migrations: All of them.
        applied: The checksums of those that were, by version.

    Raises:
        UnusableError: Others were applied: by a newer version, or one that was changed since.
    """
    newest = migrations[-1].version
    if applied and max(applied) > newest:
        raise UnusableError(
            f"its schema has version {max(applied)}, and this Triptych knows {newest}: a newer one is needed"
        )
    for each in migrations:
        if applied.get(each.version, each.checksum) != each.checksum:
            raise UnusableError(f"version {each.version} of its schema is not the one of this Triptych")
    return [each for each in migrations if each.version not in applied]
