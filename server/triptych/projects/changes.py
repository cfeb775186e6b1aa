"""Changes of projects inside a transaction: what single and bulk rpcs and the seed file have in common.

Every function checks first and writes last, so that a refused change has written nothing.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from protobuf.wkt import Duration

from triptych.errors import failed_precondition, not_found, permission_denied
from triptych.rpc.call import Caller
from triptych.store.base import Transaction
from triptych.store.records import Environment, EnvironmentClass, Project, ProjectClass, SubjectRef
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.project_pb import ProjectPrebuildConfiguration
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectFromEnvironmentRequest,
    CreateProjectRequest,
    UpdateProjectRequest,
)
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind

_DEFAULT_PREBUILD_SECONDS = 3600


async def create(
    tx: Transaction, request: CreateProjectRequest, caller: Caller, id: str, now: int
) -> Project:
    """Add a project and return it, defaults filled in.

    Raises:
        RpcError: FAILED_PRECONDITION if something that the request names does not exist.
    """
    project = replace(
        _new_project(request, request.name, caller, id, now),
        technical_description=request.technical_description,
        prebuild_configuration=await prebuild_configuration(
            tx, request.prebuild_configuration, caller.organization_id, caller.subject
        ),
    )
    await tx.projects.put(project)
    return project


async def create_from_environment(
    tx: Transaction, request: CreateProjectFromEnvironmentRequest, caller: Caller, id: str, now: int
) -> Project:
    """Add a project with the configuration of an environment and return it.

    Raises:
        RpcError: NOT_FOUND if the caller can see no such environment.
    """
    environment = await tx.environments.get(request.environment_id.lower())
    if environment is None or environment.organization_id != caller.organization_id:
        raise not_found("environment", request.environment_id)
    where = await project_class(tx, environment.environment_class_id, 0, caller.organization_id)
    project = replace(_new_project(environment, request.name, caller, id, now), environment_classes=(where,))
    await tx.projects.put(project)
    return project


async def update(tx: Transaction, request: UpdateProjectRequest, caller: Caller, now: int) -> Project:
    """Change what the request sets and return the project.

    Raises:
        RpcError: NOT_FOUND, PERMISSION_DENIED, or FAILED_PRECONDITION as for `create`.
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
        configuration = await prebuild_configuration(
            tx, request.prebuild_configuration, project.organization_id, project.creator
        )
        changed = replace(changed, prebuild_configuration=configuration)
    if request.recommended_editors is not None:
        editors = request.recommended_editors
        changed = replace(changed, recommended_editors=editors if editors.editors else None)
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


async def prebuild_configuration(
    tx: Transaction,
    given: ProjectPrebuildConfiguration | None,
    organization_id: str,
    creator: SubjectRef,
) -> ProjectPrebuildConfiguration | None:
    """Return a prebuild configuration with its defaults filled in.

    Raises:
        RpcError: FAILED_PRECONDITION if a class or the executor does not exist in the organization.
    """
    if given is None:
        return None
    classes = [await _environment_class(tx, id, organization_id) for id in given.environment_class_ids]
    filled = copy(given)
    filled.environment_class_ids = [found.id for found in classes]
    if given.timeout is None:
        filled.timeout = Duration(seconds=_DEFAULT_PREBUILD_SECONDS)
    if given.executor is None or not given.executor.id:
        filled.executor = Subject(id=creator.id, principal=creator.principal)
    else:
        filled.executor = await _executor(tx, given.executor, organization_id)
    return filled


async def project_class(
    tx: Transaction, environment_class_id: str, order: int, organization_id: str
) -> ProjectClass:
    """Return the class of a project for an environment class, or for the local runner if the id is empty.

    Raises:
        RpcError: FAILED_PRECONDITION if the class does not exist in the organization.
    """
    if not environment_class_id:
        return ProjectClass(environment_class_id="", runner_id="", runner_kind=RunnerKind.LOCAL, order=order)
    found = await _environment_class(tx, environment_class_id, organization_id)
    return ProjectClass(
        environment_class_id=found.id, runner_id=found.runner_id, runner_kind=found.runner_kind, order=order
    )


def _new_project(
    template: CreateProjectRequest | Environment, name: str, caller: Caller, id: str, now: int
) -> Project:
    return Project(
        id=id,
        organization_id=caller.organization_id,
        name=name,
        creator=caller.subject,
        created_at=now,
        updated_at=now,
        initializer=template.initializer or EnvironmentInitializer(),
        devcontainer_file_path=template.devcontainer_file_path,
        automations_file_path=template.automations_file_path,
    )


async def _environment_class(tx: Transaction, class_id: str, organization_id: str) -> EnvironmentClass:
    found = await tx.environment_classes.get(class_id.lower())
    if found is None or found.organization_id != organization_id:
        raise failed_precondition(f"environment class {class_id} does not exist")
    return found


async def _executor(tx: Transaction, given: Subject, organization_id: str) -> Subject:
    id = given.id.lower()
    for principal, table in (
        (Principal.USER, tx.users),
        (Principal.SERVICE_ACCOUNT, tx.service_accounts),
    ):
        if given.principal in (Principal.UNSPECIFIED, principal):
            found = await table.get(id)
            if found is not None and found.organization_id == organization_id:
                return Subject(id=id, principal=principal)
    raise failed_precondition(
        f"prebuild executor {given.id} is no user or service account of the organization"
    )


async def _require_role(tx: Transaction, project: Project, caller: Caller, group_ids: frozenset[str]) -> None:
    if caller.administrator or caller.id == project.creator.id:
        return
    if not group_ids & await tx.groups.of_member(caller.id):
        raise permission_denied(f"project {project.id} is not yours to change")
