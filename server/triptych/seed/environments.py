"""Items of environments and their classes, as records."""

from __future__ import annotations

from triptych.seed.items import SeedItem
from triptych.seed.references import existing
from triptych.store import records
from triptych.store.base import Transaction
from triptych_api.gitpod.v1.identity_pb import Principal
from triptych_api.triptych.seed.v1 import seed_pb


async def environment_class_record(
    tx: Transaction, item: SeedItem, message: seed_pb.EnvironmentClass, id: str
) -> records.EnvironmentClass:
    """Return the record of an environment class.

    Raises:
        SeedError: The runner does not exist.
    """
    found = await tx.runners.get(message.runner_id.lower())
    runner = existing(found, item, "runner_id", f"runner {message.runner_id}")
    return records.EnvironmentClass(
        id=id,
        organization_id=runner.organization_id,
        runner_id=runner.id,
        runner_kind=runner.kind,
        name=message.name,
    )


async def environment_record(
    tx: Transaction, item: SeedItem, message: seed_pb.Environment, id: str, created_at: int
) -> records.Environment:
    """Return the record of an environment.

    Raises:
        SeedError: What the environment refers to does not exist, or not in its organization.
    """
    found = await tx.users.get(message.creator_id.lower())
    creator = existing(found, item, "creator_id", f"user {message.creator_id}")
    organization_id = creator.organization_id
    project_id = message.project_id.lower()
    if project_id:
        project = await tx.projects.get(project_id)
        existing(project, item, "project_id", f"project {message.project_id}", organization_id)
    class_id = message.environment_class_id.lower()
    if class_id:
        environment_class = await tx.environment_classes.get(class_id)
        name = f"environment class {message.environment_class_id}"
        existing(environment_class, item, "environment_class_id", name, organization_id)
    return records.Environment(
        id=id,
        organization_id=organization_id,
        creator=records.SubjectRef(creator.id, Principal.USER),
        created_at=created_at,
        project_id=project_id,
        environment_class_id=class_id,
        initializer=message.initializer,
        devcontainer_file_path=message.devcontainer_file_path,
        automations_file_path=message.automations_file_path,
    )
