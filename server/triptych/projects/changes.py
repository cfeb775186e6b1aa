"""Changes of projects inside a transaction: what single and bulk rpcs and the seed file have in common.

What changes need to know is read first, with one statement for all of them. Then each is worked out, or
refused, without the store, and what came of it is written with one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

from protobuf.wkt import Duration

from triptych.errors import failed_precondition, not_found
from triptych.projects.rights import Rights
from triptych.rpc.call import Caller
from triptych.store.base import References, Transaction
from triptych.store.records import Environment, EnvironmentClass, Origin, Project, ProjectClass, SubjectRef
from triptych.users.subjects import reference
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.project_pb import ProjectPrebuildConfiguration, RecommendedEditors
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectFromEnvironmentRequest,
    CreateProjectRequest,
    UpdateProjectRequest,
)
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind

_DEFAULT_PREBUILD_SECONDS = 3600
_NOTHING: Final = References({}, {})


async def find_references(
    tx: Transaction,
    prebuilds: Iterable[ProjectPrebuildConfiguration | None],
    class_ids: Iterable[str] = (),
    member_id: str = "",
) -> References:
    """Return what projects are to refer to, as far as there is such a thing.

    Args:
        tx: Where to look.
        prebuilds: The configurations of prebuilds that are given.
        class_ids: The ids of environment classes that are given beside them; empty ones are passed over.
        member_id: Whose groups are asked for as well; empty for nobody's.
    """
    classes = {id.lower() for id in class_ids if id}
    executors: set[str] = set()
    for given in prebuilds:
        if given is not None:
            classes.update(id.lower() for id in given.environment_class_ids)
            if given.executor is not None and given.executor.id:
                executors.add(given.executor.id.lower())
    if not classes and not executors and not member_id:
        return _NOTHING
    return await tx.references(executors, classes, member_id)


def new_project(
    references: References,
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
) -> Project:
    """Return a new project, defaults filled in.

    Args:
        references: What `find_references` found for it.
        origin: Its id, who made it and when.
        name: The name.
        initializer: What content its environments start with; None for nothing.
        devcontainer_file_path: The path of the devcontainer file.
        automations_file_path: The path of the automations file.
        technical_description: A long description.
        prebuilds: How prebuilds are made; None for not at all.
        recommended_editors: The editors that are recommended; None or an empty one for none.
        environment_classes: The ids of environment classes, empty for the local runner, and their order.

    Raises:
        RpcError: FAILED_PRECONDITION if a class or the executor of prebuilds does not exist in the
            organization; its `field` is that of SeedProject.
    """
    return Project(
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
        environment_classes=_project_classes(references, environment_classes, origin.organization_id),
        prebuild_configuration=_prebuild_configuration(
            references, prebuilds, origin.organization_id, origin.creator
        ),
        recommended_editors=_editors(recommended_editors),
    )


def created(references: References, request: CreateProjectRequest, origin: Origin) -> Project:
    """Return the new project that a request describes.

    Raises:
        RpcError: FAILED_PRECONDITION if something that the request names does not exist.
    """
    return new_project(
        references,
        origin,
        name=request.name,
        initializer=request.initializer,
        devcontainer_file_path=request.devcontainer_file_path,
        automations_file_path=request.automations_file_path,
        technical_description=request.technical_description,
        prebuilds=request.prebuild_configuration,
    )


async def created_from_environment(
    tx: Transaction, request: CreateProjectFromEnvironmentRequest, origin: Origin
) -> Project:
    """Return a new project with the configuration of an environment.

    Raises:
        RpcError: NOT_FOUND if the caller can see no such environment.
    """
    environment: Environment | None = await tx.environments.get(request.environment_id.lower())
    if environment is None or environment.organization_id != origin.organization_id:
        raise not_found("environment", request.environment_id)
    class_id = environment.environment_class_id
    return new_project(
        await find_references(tx, (), (class_id,)),
        origin,
        name=request.name,
        initializer=environment.initializer,
        devcontainer_file_path=environment.devcontainer_file_path,
        automations_file_path=environment.automations_file_path,
        environment_classes=[(class_id, 0)],
    )


def updated(
    project: Project, references: References, rights: Rights, request: UpdateProjectRequest, now: int
) -> Project:
    """Return a project with what the request sets.

    Raises:
        RpcError: PERMISSION_DENIED, or FAILED_PRECONDITION as for `created`.
    """
    rights.check(project, project.admin_group_ids | project.editor_group_ids)
    changed = replace(project, updated_at=now, version=project.version + 1)
    for field in ("name", "devcontainer_file_path", "automations_file_path", "technical_description"):
        if request.has_field(field):
            changed = replace(changed, **{field: getattr(request, field)})
    if request.initializer is not None:
        changed = replace(changed, initializer=request.initializer)
    if request.prebuild_configuration is not None:
        configuration = _prebuild_configuration(
            references, request.prebuild_configuration, project.organization_id, project.creator
        )
        changed = replace(changed, prebuild_configuration=configuration)
    if request.recommended_editors is not None:
        changed = replace(changed, recommended_editors=_editors(request.recommended_editors))
    return changed


def check_deletion(project: Project, rights: Rights) -> None:
    """Refuse to remove a project that is not the caller's to remove.

    Raises:
        RpcError: PERMISSION_DENIED.
    """
    rights.check(project, project.admin_group_ids)


def check_visible(project: Project | None, project_id: str, caller: Caller) -> Project:
    """Return a project that was found, if it is one of the caller's organization.

    Raises:
        RpcError: NOT_FOUND if the caller can see no such project.
    """
    if project is None or project.organization_id != caller.organization_id:
        raise not_found("project", project_id)
    return project


def _prebuild_configuration(
    references: References,
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
    _environment_classes(references, ids, organization_id)
    filled = copy(given)
    filled.environment_class_ids = [id.lower() for id in given.environment_class_ids]
    if given.timeout is None:
        filled.timeout = Duration(seconds=_DEFAULT_PREBUILD_SECONDS)
    if given.executor is None or not given.executor.id:
        filled.executor = Subject(id=creator.id, principal=creator.principal)
    else:
        filled.executor = _executor(references, given.executor, organization_id)
    return filled


def _project_classes(
    references: References, given: Sequence[tuple[str, int]], organization_id: str
) -> tuple[ProjectClass, ...]:
    """Return the classes of a project, in their order."""
    ids = {
        f"environment_classes[{index}].environment_class_id": id for index, (id, _) in enumerate(given) if id
    }
    found = _environment_classes(references, ids, organization_id)
    classes = [_project_class(found.get(id.lower()), order) for id, order in given]
    return tuple(sorted(classes, key=lambda each: each.order))


def _project_class(found: EnvironmentClass | None, order: int) -> ProjectClass:
    if found is None:
        return ProjectClass(environment_class_id="", runner_id="", runner_kind=RunnerKind.LOCAL, order=order)
    return ProjectClass(
        environment_class_id=found.id, runner_id=found.runner_id, runner_kind=found.runner_kind, order=order
    )


def _environment_classes(
    references: References, ids: Mapping[str, str], organization_id: str
) -> Mapping[str, EnvironmentClass]:
    """Return the environment classes that are named, by id.

    Args:
        references: What was found.
        ids: Their ids, in any case, by the paths of the fields that name them.
        organization_id: The organization that they must belong to.

    Raises:
        RpcError: FAILED_PRECONDITION if one does not exist in the organization.
    """
    found = references.environment_classes
    for field, id in ids.items():
        record = found.get(id.lower())
        if record is None or record.organization_id != organization_id:
            raise failed_precondition(f"environment class {id} does not exist", field)
    return found


def _executor(references: References, given: Subject, organization_id: str) -> Subject:
    found = references.subjects.get(given.id.lower())
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
