"""Which ids items name, so that those of many are looked up at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from triptych.seed.items import SeedMessage
from triptych_api.triptych.seed.v1 import seed_pb


def named(messages: Iterable[SeedMessage]) -> Mapping[str, set[str]]:
    """Return the ids that messages name, as they are written, by what they are the ids of."""
    ids: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        match message:
            case seed_pb.SeedUser() | seed_pb.ServiceAccount() | seed_pb.Runner():
                ids["organizations"].add(message.organization_id)
            case seed_pb.Group():
                ids["organizations"].add(message.organization_id)
                ids["subjects"].update(message.member_ids)
            case seed_pb.EnvironmentClass():
                ids["runners"].add(message.runner_id)
            case seed_pb.SeedProject():
                _of_project(message, ids)
            case seed_pb.Environment():
                ids["subjects"].add(message.creator_id)
                ids["projects"].add(message.project_id)
                ids["environment_classes"].add(message.environment_class_id)
            case seed_pb.Token():
                ids["subjects"].update((message.user_id, message.creator_id))
            case seed_pb.SeedDocument():
                _of_document(message, ids)
    return ids


def _of_project(message: seed_pb.SeedProject, ids: dict[str, set[str]]) -> None:
    ids["subjects"].add(message.creator_id)
    classes = ids["environment_classes"]
    for each in message.environment_classes:
        if each.environment_class is not None and each.environment_class.field == "environment_class_id":
            classes.add(each.environment_class.value)
    prebuilds = message.prebuild_configuration
    if prebuilds is not None:
        classes.update(prebuilds.environment_class_ids)
        if prebuilds.executor is not None:
            ids["subjects"].add(prebuilds.executor.id)


def _of_document(message: seed_pb.SeedDocument, ids: dict[str, set[str]]) -> None:
    subjects = ids["subjects"]
    subjects.add(message.owner_id)
    subjects.add(message.creator_id)
    if message.current is not None:
        subjects.add(message.current.creator_id)
    subjects.update(each.creator_id for each in message.versions)
    subjects.update(view.viewer_id for view in message.views)
    for grant in message.grants:
        subjects.add(grant.recipient_id)
        ids["organizations"].add(grant.recipient_id)
