"""What tables show of projects."""

from __future__ import annotations

from typing import Final

from triptych.cli.cells import TIME, time
from triptych.cli.project_fields import repositories
from triptych.cli.table import Column
from triptych.cli.terminal import cut_start

COLUMNS: Final = (
    Column("ID", lambda project: project.id),
    Column("NAME", lambda project: project.metadata.name if project.metadata else "", least=8),
    Column("SOURCE", lambda project: ", ".join(repositories(project.initializer)), least=8, cut=cut_start),
    Column(
        "UPDATED", lambda project: time(project.metadata.updated_at if project.metadata else None), least=TIME
    ),
)
