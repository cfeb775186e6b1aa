"""Changes of projects inside a transaction: what single and bulk rpcs and the seed file have in common.

Every function checks first and writes last, so that a refused change has written nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TypeAlias

from protobuf.wkt import Duration

from triptych.errors import failed_precondition, not_found, permission_denied
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import EnvironmentClass, Origin, Project, ProjectClass, SubjectRef
from triptych.users.subjects import find_subject, reference
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.project_pb import ProjectPrebuildConfiguration, RecommendedEditors
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectFromEnvironmentRequest,
    CreateProjectRequest,
    UpdateProjectRequest,
)
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind

Admit: TypeAlias = Callable[[Project, Project | None], Awaitable[None]]
"""Refuses to have a project stored, with an RpcError: given it and the one before, if any."""

_DEFAULT_PREBUILD_SECONDS = 3600


async def new_project(
    tx: Transaction,
    origin: Origin,
    *,
    name: str,
    initializer: EnvironmentInitializer | None,
    devcontainer_file_path: str = "",
    automations_file_path: str = "",
    technical_description: str = "",
    prebuilds: ProjectPrebuildConfiguration | None = None,
    recommended_editors: RecommendedEditors | None = None,
    environment_classes: Sequence[tuple[str, int]] = (),
    admit: Admit | None = None,
) -> Project:
    """Add a project and return it, defaults filled in.

    Args:
        tx: Where to add it.
        origin: Its id, who made it and when.
        name: The name.
        initializer: What content its environments start with; None for nothing.
        devcontainer_file_path: The path of the devcontainer file.
        automations_file_path: The path of the automations file.
        technical_description: A long description.
        prebuilds: How prebuilds are made; None for not at all.
        recommended_editors: The editors that are recommended; None or an empty one for none.
        environment_classes: The ids of environment classes, empty for the local runner, and their order.
        admit: Asked before it is added.

    Raises:
        RpcError: FAILED_PRECONDITION if a class or the executor of prebuilds does not exist in the
            organization; its `field` is that of SeedProject.
    """
    project = Project(
        id=origin.id,
        organization_id=origin.organization_id,
        name=name,
        creator=origin.creator,
        created_at=origin.created_at,
        updated_at=origin.created_at,
        initializer=initializer or EnvironmentInitializer(),
        devcontainer_file_path=devcontainer_file_path,
        automations_file_path=automations_file_path,
        technical_description=technical_description,
        environment_classes=await _project_classes(tx, environment_classes, origin.organization_id),
        prebuild_configuration=await _prebuild_configuration(
            tx, prebuilds, origin.organization_id, origin.creator
        ),
        recommended_editors=_editors(recommended_editors),
    )
    if admit is not None:
        await admit(project, None)
    await tx.projects.put(project)
    return project


async def create(tx: Transaction, request: CreateProjectRequest, origin: Origin, admit: Admit) -> Project:
    """Add the project that a request describes and return it.

    Raises:
        RpcError: FAILED_PRECONDITION if something that the request names does not exist; and that of `admit`.
    """
    return await new_project(
        tx,
        origin,
        name=request.name,
        initializer=request.initializer,
        devcontainer_file_path=request.devcontainer_file_path,
        automations_file_path=request.automations_file_path,
        technical_description=request.technical_description,
        prebuilds=request.prebuild_configuration,
        admit=admit,
    )


async def create_from_environment(
    tx: Transaction, request: CreateProjectFromEnvironmentRequest, origin: Origin, admit: Admit
) -> Project:
    """Add a project with the configuration of an environment and return it.

    Raises:
        RpcError: NOT_FOUND if the caller can see no such environment; and that of `admit`.
    """
    environment = await tx.environments.get(request.environment_id.lower())
    if environment is None or environment.organization_id != origin.organization_id:
        raise not_found("environment", request.environment_id)
    return await new_project(
        tx,
        origin,
        name=request.name,
        initializer=environment.initializer,
        devcontainer_file_path=environment.devcontainer_file_path,
        automations_file_path=environment.automations_file_path,
        environment_classes=[(environment.environment_class_id, 0)],
        admit=admit,
    )


async def update(
    tx: Transaction, request: UpdateProjectRequest, caller: Caller, now: int, admit: Admit
) -> Project:
    """Change what the request sets and return the project.

    Raises:
        RpcError: NOT_FOUND, PERMISSION_DENIED, or FAILED_PRECONDITION as for `create`; and that of `admit`.
    """
    project = await visible(tx, request.project_id, caller)
    await _require_role(tx, project, caller, project.admin_group_ids | project.editor_group_ids)
    changed = replace(project, updated_at=now, version=project.version + 1)
    for field in ("name", "devcontainer_file_path", "automations_file_path", "technical_description"):
        if request.has_field(field):
            changed = replace(changed, **{field: getattr(request, field)})
    if request.initializer is not None:
        changed = replace(changed, initializer=request.initializer)
    if request.prebuild_configuration is not None:
        configuration = await _prebuild_configuration(
            tx, request.prebuild_configuration, project.organization_id, project.creator
        )
        changed = replace(changed, prebuild_configuration=configuration)
    if request.recommended_editors is not None:
        changed = replace(changed, recommended_editors=_editors(request.recommended_editors))
    await admit(changed, project)
    await tx.projects.put(changed)
    return changed


async def delete(tx: Transaction, project_id: str, caller: Caller) -> None:
    """Remove a project.

    Raises:
        RpcError: NOT_FOUND or PERMISSION_DENIED.
    """
    project = await visible(tx, project_id, caller)
    await _require_role(tx, project, caller, project.admin_group_ids)
    await tx.projects.delete(project.id)


async def visible(tx: Transaction, project_id: str, caller: Caller) -> Project:
    """Return a project of the caller's organization.

    Raises:
        RpcError: NOT_FOUND if the caller can see no such project.
    """
    project = await tx.projects.get(project_id.lower())
    if project is None or project.organization_id != caller.organization_id:
        raise not_found("project", project_id)
    return project


async def _prebuild_configuration(
    tx: Transaction,
    given: ProjectPrebuildConfiguration | None,
    organization_id: str,
    creator: SubjectRef,
) -> ProjectPrebuildConfiguration | None:
    """Return a prebuild configuration with its defaults filled in."""
    if given is None:
        return None
    ids = {
        f"prebuild_configuration.environment_class_ids[{index}]": id
        for index, id in enumerate(given.environment_class_ids)
    }
    await _environment_classes(tx, ids, organization_id)
    filled = copy(given)
    filled.environment_class_ids = [id.lower() for id in given.environment_class_ids]
    if given.timeout is None:
        filled.timeout = Duration(seconds=_DEFAULT_PREBUILD_SECONDS)
    if given.executor is None or not given.executor.id:
        filled.executor = Subject(id=creator.id, principal=creator.principal)
    else:
        filled.executor = await _executor(tx, given.executor, organization_id)
    return filled


async def _project_classes(
    tx: Transaction, given: Sequence[tuple[str, int]], organization_id: str
) -> tuple[ProjectClass, ...]:
    """Return the classes of a project, in their order."""
    ids = {
        f"environment_classes[{index}].environment_class_id": id for index, (id, _) in enumerate(given) if id
    }
    found = await _environment_classes(tx, ids, organization_id)
    classes = [_project_class(found.get(id.lower()), order) for id, order in given]
    return tuple(sorted(classes, key=lambda each: each.order))


def _project_class(found: EnvironmentClass | None, order: int) -> ProjectClass:
    if found is None:
        return ProjectClass(environment_class_id="", runner_id="", runner_kind=RunnerKind.LOCAL, order=order)
    return ProjectClass(
        environment_class_id=found.id, runner_id=found.runner_id, runner_kind=found.runner_kind, order=order
    )


async def _environment_classes(
    tx: Transaction, ids: Mapping[str, str], organization_id: str
) -> Mapping[str, EnvironmentClass]:
    """Return the environment classes that are named, by id.

    Args:
        tx: Where to look.
        ids: Their ids, in any case, by the paths of the fields that name them.
        organization_id: The organization that they must belong to.

    Raises:
        RpcError: FAILED_PRECONDITION if one does not exist in the organization.
    """
    if not ids:
        return {}
    found = await tx.environment_classes.get_many({id.lower() for id in ids.values()})
    for field, id in ids.items():
        record = found.get(id.lower())
        if record is None or record.organization_id != organization_id:
            raise failed_precondition(f"environment class {id} does not exist", field)
    return found


async def _executor(tx: Transaction, given: Subject, organization_id: str) -> Subject:
    found = await find_subject(tx, given.id.lower())
    if found is not None and found.organization_id == organization_id:
        executor = reference(found)
        if given.principal in (Principal.UNSPECIFIED, executor.principal):
            return Subject(id=executor.id, principal=executor.principal)
    raise failed_precondition(
        f"prebuild executor {given.id} is no user or service account of the organization",
        "prebuild_configuration.executor.id",
    )


def _editors(given: RecommendedEditors | None) -> RecommendedEditors | None:
    return given if given is not None and given.editors else None


async def _require_role(tx: Transaction, project: Project, caller: Caller, group_ids: frozenset[str]) -> None:
    if caller.administrator or caller.id == project.creator.id:
        return
    if not group_ids & await tx.groups.of_member(caller.id):
        raise permission_denied(f"project {project.id} is not yours to change")
