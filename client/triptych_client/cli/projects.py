"""`triptych projects`: the projects of the caller's organization."""

from __future__ import annotations

from typing import Any, Final

import click

from triptych_api.gitpod.v1 import project_service_pb as rpc
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_pb import Project
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.gitpod.v1.sort_pb import Sort, SortOrder
from triptych_client.cli.confirm import confirm, one_or_many, yes_option
from triptych_client.cli.connection import connect
from triptych_client.cli.listing import limit_option, limited, page_size
from triptych_client.cli.options import ClientGroup, output
from triptych_client.cli.project_bulk import bulk_create, bulk_update, delete_all
from triptych_client.cli.project_fields import project_fields, set_fields
from triptych_client.cli.project_table import COLUMNS
from triptych_client.cli.requests import EnumChoice, from_option

_SORTS: Final = ("id", "-id", "popularity", "-popularity")


@click.group(cls=ClientGroup)
def projects() -> None:
    """List, get, create, update and delete projects."""


projects.add_command(bulk_create)
projects.add_command(bulk_update)


@projects.command(name="list")
@from_option(rpc.ListProjectsRequest)
@click.option(
    "--search", help="Only those with this in their name or a repository's, or that begin their id."
)
@click.option("--id", "ids", multiple=True, help="Only this project; may be repeated.")
@click.option("--creator", "creators", multiple=True, metavar="ID", help="Only theirs; may be repeated.")
@click.option("--runner", "runners", multiple=True, metavar="ID", help="Only those on it; may be repeated.")
@click.option("--runner-kind", "kinds", multiple=True, type=EnumChoice(RunnerKind), help="May be repeated.")
@click.option("--git", "uris", multiple=True, metavar="URI", help="Only of this repository; may be repeated.")
@click.option(
    "--sort",
    type=click.Choice(_SORTS, case_sensitive=False),
    help="Order; - is descending. [default: -popularity]",
)
@limit_option
def list_projects(
    request: rpc.ListProjectsRequest | None,
    search: str | None,
    sort: str | None,
    limit: int | None,
    **lists: tuple[Any, ...],
) -> None:
    """List projects."""
    request = request or rpc.ListProjectsRequest()
    keep = request.filter = request.filter or rpc.ListProjectsRequest.Filter()
    keep.search = keep.search if search is None else search
    keep.project_ids = [*lists["ids"]] or keep.project_ids
    keep.creator_ids = [*lists["creators"]] or keep.creator_ids
    keep.runner_ids = [*lists["runners"]] or keep.runner_ids
    keep.runner_kinds = [*lists["kinds"]] or keep.runner_kinds
    keep.spec_remote_uris = [*lists["uris"]] or keep.spec_remote_uris
    if sort:
        order = SortOrder.DESC if sort.startswith("-") else SortOrder.ASC
        request.sort = Sort(field=sort.removeprefix("-"), order=order)
    with connect() as client:
        found = client.projects.iter_projects(request, page_size=page_size(limit))
        output().items(limited(found, limit, "projects"), COLUMNS)


@projects.command()
@click.argument("project_id")
def get(project_id: str) -> None:
    """Show a project."""
    with connect() as client:
        _show(client.projects.get_project(rpc.GetProjectRequest(project_id=project_id)).project)


@projects.command()
@click.argument("name", required=False)
@from_option(rpc.CreateProjectRequest)
@click.option("--environment", metavar="ID", help="Take everything else from this environment.")
@project_fields
def create(
    name: str | None, request: rpc.CreateProjectRequest | None, environment: str | None, **fields: Any
) -> None:
    """Create a project.

    \b
    triptych projects create Website --git https://github.com/example/website.git --branch main
    triptych projects create --from project.yaml
    """  # noqa: D301 - the sign keeps click from wrapping
    if name is None and request is None:
        raise click.UsageError("Missing argument 'NAME', or --from.")
    if environment is not None:
        if name is None or request is not None or any(fields.values()):
            raise click.UsageError("--environment goes with a NAME and nothing else.")
        with connect() as client:
            source = rpc.CreateProjectFromEnvironmentRequest(name=name, environment_id=environment)
            _show(client.projects.create_project_from_environment(source).project)
        return
    request = request or rpc.CreateProjectRequest()
    request.name = request.name if name is None else name
    request.initializer = request.initializer or EnvironmentInitializer()
    set_fields(request, **fields)
    with connect() as client:
        _show(client.projects.create_project(request).project)


@projects.command()
@click.argument("project_id")
@from_option(rpc.UpdateProjectRequest)
@click.option("--name", help="The name.")
@project_fields
def update(
    project_id: str, request: rpc.UpdateProjectRequest | None, name: str | None, **fields: Any
) -> None:
    """Change what the options name, and nothing else. An empty value clears."""
    if request is None and name is None and not any(each not in (None, ()) for each in fields.values()):
        raise click.UsageError("There is nothing to change: give an option.")
    request = request or rpc.UpdateProjectRequest()
    request.project_id = project_id
    if name is not None:
        request.name = name
    set_fields(request, **fields)
    with connect() as client:
        _show(client.projects.update_project(request).project)


@projects.command()
@click.argument("project_ids", metavar="PROJECT_ID...", nargs=-1, required=True)
@yes_option
def delete(project_ids: tuple[str, ...], yes: bool) -> None:
    """Delete projects for good; asks first on a terminal, and needs --yes elsewhere."""
    with connect() as client:
        confirm(f"Delete {one_or_many('project', project_ids)}?", yes=yes)
        if len(project_ids) == 1:
            client.projects.delete_project(rpc.DeleteProjectRequest(project_id=project_ids[0]))
        else:
            delete_all(client, project_ids)


def _show(project: Project | None) -> None:
    output().item(project or Project(), COLUMNS)
