"""What tables show of projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_client.cli.cells import TIME, time, to_seconds
from triptych_client.cli.table import Column
from triptych_client.cli.terminal import cut_start


def _sources(initializer: EnvironmentInitializer | None) -> Iterator[str]:
    """Return the URIs that a project's content comes from."""
    for each in initializer.specs if initializer else ():
        if each.spec is not None and each.spec.field == "git":
            yield each.spec.value.remote_uri
        elif each.spec is not None:
            yield each.spec.value.url


COLUMNS: Final = (
    Column("ID", lambda project: project.id),
    Column("NAME", lambda project: project.metadata.name if project.metadata else "", least=8),
    Column("SOURCE", lambda project: ", ".join(_sources(project.initializer)), least=8, cut=cut_start),
    Column(
        "UPDATED",
        lambda project: time(project.metadata.updated_at if project.metadata else None),
        least=TIME,
        shorten=to_seconds,
    ),
)
