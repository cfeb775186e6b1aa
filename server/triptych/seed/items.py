"""A thing that was read from a seed file, and where it stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from triptych.documents import typeid
from triptych.errors import RpcError, Violation
from triptych.seed.errors import SeedError
from triptych.seed.kinds import Kind, SeedMessage
from triptych.seed.yaml_nodes import Node, line_of
from triptych_api.triptych.seed.v1.seed_pb import SeedDocument


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a thing is.

    Attributes:
        file: The file, as it was given.
        line: The line where the thing starts.
        path: The path of the thing, as `projects[0]`.
        node: What a YAML file has there: it knows the line of each field.
    """

    file: str
    line: int
    path: str
    node: Node | None = None

    def error(self, field: str, text: str) -> SeedError:
        """Tell what is wrong with a field; an empty one means the thing itself."""
        return SeedError([self._problem(field, text)])

    def refusal(self, error: RpcError, *, hide_input: bool) -> SeedError:
        """Tell all that a reader or a rule refused.

        Args:
            error: What was refused, with paths that start at the thing.
            hide_input: Whether what stands in the file must not be repeated: it could be a token's secret.
        """
        violations: Iterable[Violation] = error.violations or [Violation("", error.message)]
        if hide_input:
            violations = map(_without_input, violations)
        return SeedError(self._problem(each.field, each.description) for each in violations)

    def _problem(self, field: str, text: str) -> str:
        line = self.line if self.node is None else line_of(self.node, field)
        dot = "." if self.path and field and not field.startswith("[") else ""
        return ": ".join(part for part in (f"{self.file}:{line}", self.path + dot + field, text) if part)


@dataclass(frozen=True, slots=True)
class SeedItem:
    """A thing to load, which keeps the rules of its message.

    Attributes:
        kind: The kind.
        message: What was read, of the class that the kind names.
        place: Where it was read.
    """

    kind: Kind
    message: SeedMessage = field(repr=False)  # may hold a secret
    place: Place

    @property
    def id(self) -> str:
        """The UUID that is given as id, in lower case; empty if none is."""
        if isinstance(self.message, SeedDocument) and self.message.id:
            return typeid.decode("doc", self.message.id)
        return self.message.id.lower()


def _without_input(violation: Violation) -> Violation:
    description, *_ = violation.description.partition(", not ")
    field, strange_key, _ = violation.field.partition('["')
    return Violation(field, f"a key {description}" if strange_key else description)
