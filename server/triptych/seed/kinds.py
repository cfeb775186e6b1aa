"""The kinds of things that a seed file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from triptych_api.triptych.seed.v1 import seed_pb

SeedMessage: TypeAlias = (
    seed_pb.Organization
    | seed_pb.SeedUser
    | seed_pb.ServiceAccount
    | seed_pb.Group
    | seed_pb.Runner
    | seed_pb.EnvironmentClass
    | seed_pb.SeedProject
    | seed_pb.Environment
    | seed_pb.Token
    | seed_pb.SeedDocument
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things.

    Attributes:
        plural: The field of Seed.
        singular: The field of SeedLine.
        message_class: What is read.
    """

    plural: str
    singular: str
    message_class: type[SeedMessage]


TOKEN: Final = Kind("tokens", "token", seed_pb.Token)

KINDS: Final = (
    Kind("organizations", "organization", seed_pb.Organization),
    Kind("users", "user", seed_pb.SeedUser),
    Kind("service_accounts", "service_account", seed_pb.ServiceAccount),
    Kind("groups", "group", seed_pb.Group),
    Kind("runners", "runner", seed_pb.Runner),
    Kind("environment_classes", "environment_class", seed_pb.EnvironmentClass),
    Kind("projects", "project", seed_pb.SeedProject),
    Kind("environments", "environment", seed_pb.Environment),
    TOKEN,
    Kind("documents", "document", seed_pb.SeedDocument),
)
"""All kinds. Each refers to those before it only, so this is the order to write them in."""

BY_SINGULAR: Final = {kind.singular: kind for kind in KINDS}
BY_PLURAL: Final = {kind.plural: kind for kind in KINDS}
