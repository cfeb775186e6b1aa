"""The fields of a project as options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

import click
from protobuf import Oneof

from triptych_api.gitpod.v1.environment_initializer_pb import (
    ContextURLInitializer,
    EnvironmentInitializer,
    GitInitializer,
)
from triptych_api.gitpod.v1.project_service_pb import CreateProjectRequest, UpdateProjectRequest

_Spec: TypeAlias = EnvironmentInitializer.Spec
_Mode: TypeAlias = GitInitializer.CloneTargetMode

_TARGETS: Final = {
    "branch": _Mode.REMOTE_BRANCH,
    "tag": _Mode.REMOTE_TAG,
    "commit": _Mode.REMOTE_COMMIT,
}


def project_fields(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that `set_fields` takes."""
    for option in reversed(
        [
            click.option("--git", "git", multiple=True, metavar="URI", help="A repository; may be repeated."),
            click.option("--branch", help="The branch of the one repository."),
            click.option("--tag", help="Its tag."),
            click.option("--commit", help="Its commit."),
            click.option(
                "--context-url", multiple=True, metavar="URL", help="Content by URL; may be repeated."
            ),
            click.option(
                "--devcontainer-file", metavar="PATH", help="Relative to the root of the repository."
            ),
            click.option("--automations-file", metavar="PATH", help="Likewise."),
            click.option("--description", help="A long, technical description."),
        ]
    ):
        command = option(command)
    return command


def set_fields(
    request: CreateProjectRequest | UpdateProjectRequest,
    *,
    git: tuple[str, ...],
    context_url: tuple[str, ...],
    devcontainer_file: str | None,
    automations_file: str | None,
    description: str | None,
    **target: str | None,
) -> None:
    """Set the fields whose options were given.

    Args:
        request: What to change.
        git: URIs of repositories.
        context_url: URLs of other content.
        devcontainer_file: A path.
        automations_file: A path.
        description: The technical description.
        **target: The branch, the tag or the commit to clone.

    Raises:
        click.UsageError: The options do not go together.
    """
    given = {name: value for name, value in target.items() if value is not None}
    if len(given) > 1 or (given and len(git) != 1):
        raise click.UsageError("One of --branch, --tag and --commit goes with one --git.")
    if git or context_url:
        specs = [_git(uri, given) for uri in git]
        specs += [_context(url) for url in context_url]
        request.initializer = EnvironmentInitializer(specs=specs)
    if devcontainer_file is not None:
        request.devcontainer_file_path = devcontainer_file
    if automations_file is not None:
        request.automations_file_path = automations_file
    if description is not None:
        request.technical_description = description


def _git(uri: str, target: dict[str, str]) -> EnvironmentInitializer.Spec:
    initializer = GitInitializer(remote_uri=uri)
    for name, value in target.items():
        initializer.target_mode, initializer.clone_target = _TARGETS[name], value
    spec: Oneof[Literal["git"], GitInitializer] = Oneof("git", initializer)
    return _Spec(spec=spec)


def _context(url: str) -> EnvironmentInitializer.Spec:
    spec: Oneof[Literal["context_url"], ContextURLInitializer] = Oneof(
        "context_url", ContextURLInitializer(url=url)
    )
    return _Spec(spec=spec)
