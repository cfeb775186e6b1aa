"""Commands that create, update or delete many projects, up to a hundred in each call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

import click

from triptych_api.gitpod.v1 import project_service_pb as rpc
from triptych_api.gitpod.v1.project_pb import Project
from triptych_client import Client
from triptych_client.cli.connection import connect
from triptych_client.cli.failures import complain
from triptych_client.cli.options import ClientCommand, output
from triptych_client.cli.progress import Bar
from triptych_client.cli.project_table import COLUMNS
from triptych_client.cli.requests import RequestsFile
from triptych_client.cli.terminal import escape

T = TypeVar("T")
_Outcome: TypeAlias = tuple[Sequence[Project], Sequence[tuple[int, str, str]]]
"""The projects that an answer holds; and of what failed the index, the name or id, and why."""
_MOST_AT_ONCE: Final = 100
_CREATES: Final = RequestsFile(rpc.CreateProjectRequest)
_UPDATES: Final = RequestsFile(rpc.UpdateProjectRequest)


@click.command(cls=ClientCommand, name="bulk-create")
@click.argument("requests", metavar="FILE", type=_CREATES)
def bulk_create(requests: list[rpc.CreateProjectRequest]) -> None:
    """Create many projects from a file.

    FILE holds messages CreateProjectRequest: a list of them in JSON or YAML, or a line of JSON for each; - is
    stdin. Prints the projects that were created. What fails is told on stderr, and makes the exit code 1.
    """

    def call(client: Client, batch: Sequence[rpc.CreateProjectRequest]) -> _Outcome:
        response = client.projects.create_projects(rpc.CreateProjectsRequest(projects=list(batch)))
        failed = [(each.index, each.name, each.error) for each in response.failed_projects]
        return response.created_projects, failed

    with connect() as client:
        _each_batch(client, requests, "Creating", call, show=True)


@click.command(cls=ClientCommand, name="bulk-update")
@click.argument("requests", metavar="FILE", type=_UPDATES)
def bulk_update(requests: list[rpc.UpdateProjectRequest]) -> None:
    """Change many projects from a file.

    FILE holds messages UpdateProjectRequest, as for bulk-create. Prints the projects that were changed. What
    fails is told on stderr, and makes the exit code 1.
    """

    def call(client: Client, batch: Sequence[rpc.UpdateProjectRequest]) -> _Outcome:
        response = client.projects.update_projects(rpc.UpdateProjectsRequest(projects=list(batch)))
        failed = [(each.index, each.project_id, each.error) for each in response.failed_projects]
        return response.updated_projects, failed

    with connect() as client:
        _each_batch(client, requests, "Updating", call, show=True)


def delete_all(client: Client, ids: Sequence[str]) -> None:
    """Delete projects; those that fail are told on stderr, and the command ends with 1."""

    def call(client: Client, batch: Sequence[str]) -> _Outcome:
        response = client.projects.delete_projects(rpc.DeleteProjectsRequest(project_ids=list(batch)))
        return [], [(each.index, each.project_id, each.error) for each in response.failed_projects]

    _each_batch(client, ids, "Deleting", call, show=False)


def _each_batch(
    client: Client,
    items: Sequence[T],
    label: str,
    call: Callable[[Client, Sequence[T]], _Outcome],
    *,
    show: bool,
) -> None:
    """Make the calls; print the projects of their answers and what failed, also if one call fails as such."""
    projects: list[Project] = []
    failed: list[str] = []
    try:
        with Bar(label, len(items)) as progress:
            for number, batch in enumerate(_batches(items)):
                done, failures = call(client, batch)
                projects += done
                for index, what, why in failures:
                    name = "" if what in why else f" ({escape(what)})"
                    failed.append(f"item {number * _MOST_AT_ONCE + index + 1}{name}: {escape(why)}")
                progress.update(len(batch))
    finally:
        if show:
            output().items(projects, COLUMNS)
        for line in failed:
            complain(line)
    if failed:
        click.get_current_context().exit(1)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Return the items in as many calls as they need."""
    for start in range(0, len(items), _MOST_AT_ONCE):
        yield items[start : start + _MOST_AT_ONCE]
