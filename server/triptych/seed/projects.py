"""Project items as records, with the checks and defaults that the rpcs have."""

from __future__ import annotations

from copy import copy

from triptych.errors import RpcError
from triptych.projects.changes import prebuild_configuration, project_class
from triptych.seed.items import SeedItem
from triptych.seed.references import subject
from triptych.store.base import Transaction
from triptych.store.records import Project, ProjectClass, SubjectRef
from triptych_api.gitpod.v1.environment_initializer_pb import EnvironmentInitializer
from triptych_api.gitpod.v1.project_pb import ProjectEnvironmentClass, ProjectPrebuildConfiguration
from triptych_api.triptych.seed.v1.seed_pb import SeedProject


async def project_record(
    tx: Transaction, item: SeedItem, message: SeedProject, id: str, created_at: int
) -> Project:
    """Return the record of a project.

    Raises:
        SeedError: What the project refers to does not exist, or not in its organization.
    """
    creator, organization_id = await subject(tx, item, "creator_id", message.creator_id)
    classes = [
        await _project_class(tx, item, index, given, organization_id)
        for index, given in enumerate(message.environment_classes)
    ]
    editors = message.recommended_editors
    return Project(
        id=id,
        organization_id=organization_id,
        name=message.name,
        creator=creator,
        created_at=created_at,
        updated_at=created_at,
        initializer=message.initializer or EnvironmentInitializer(),
        devcontainer_file_path=message.devcontainer_file_path,
        automations_file_path=message.automations_file_path,
        technical_description=message.technical_description,
        prebuild_configuration=await _prebuild_configuration(
            tx, item, message.prebuild_configuration, organization_id, creator
        ),
        recommended_editors=editors if editors is not None and editors.editors else None,
        environment_classes=tuple(sorted(classes, key=lambda found: found.order)),
    )


async def _project_class(
    tx: Transaction, item: SeedItem, index: int, given: ProjectEnvironmentClass, organization_id: str
) -> ProjectClass:
    path = f"environment_classes[{index}]"
    chosen = given.environment_class
    if chosen is None or chosen.value is False:
        raise item.place.error(path, "must have either local_runner: true or environment_class_id")
    class_id = "" if chosen.field == "local_runner" else chosen.value
    return await _checked_class(
        tx, item, f"{path}.environment_class_id", class_id, given.order, organization_id
    )


async def _prebuild_configuration(
    tx: Transaction,
    item: SeedItem,
    given: ProjectPrebuildConfiguration | None,
    organization_id: str,
    creator: SubjectRef,
) -> ProjectPrebuildConfiguration | None:
    if given is None:
        return None
    configuration = copy(given)
    configuration.environment_class_ids = [id.lower() for id in given.environment_class_ids]
    for index, id in enumerate(given.environment_class_ids):
        path = f"prebuild_configuration.environment_class_ids[{index}]"
        await _checked_class(tx, item, path, id, 0, organization_id)
    try:
        return await prebuild_configuration(tx, configuration, organization_id, creator)
    except RpcError as error:  # of the executor, as the classes exist
        raise item.place.error("prebuild_configuration.executor.id", error.message) from None


async def _checked_class(
    tx: Transaction, item: SeedItem, path: str, class_id: str, order: int, organization_id: str
) -> ProjectClass:
    try:
        return await project_class(tx, class_id, order, organization_id)
    except RpcError as error:
        raise item.place.error(path, error.message) from None
