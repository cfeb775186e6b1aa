"""The kinds of things that a seed file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protobuf import Message

from triptych_api.triptych.seed.v1 import seed_pb


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things.

    Attributes:
        plural: The field of Seed, and the table of a transaction.
        singular: The field of SeedLine.
        message_class: What is read.
    """

    plural: str
    singular: str
    message_class: type[Message]

    @property
    def noun(self) -> str:
        """Return the name for texts, as "service account"."""
        return self.singular.replace("_", " ")


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
)
"""All kinds; each refers to those before it only, so this is the order to load them in."""

BY_SINGULAR: Final = {kind.singular: kind for kind in KINDS}
BY_KEY: Final = {kind.plural: kind for kind in KINDS} | {
    "serviceAccounts": BY_SINGULAR["service_account"],
    "environmentClasses": BY_SINGULAR["environment_class"],
}
"""The kinds by the keys of a whole file."""
