"""The rules of the contract (protovalidate), checked on a parsed request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from protobuf import Message
from protovalidate import Validator
from protovalidate import Violation as RuleViolation

from triptych.errors import Reason, Violation, invalid_argument
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Check

_REASONS = {
    "required": Reason.MISSING_REQUIRED_FIELD,
    "string.uuid": Reason.INVALID_ID_FORMAT,
    "string.uuid_empty": Reason.MISSING_REQUIRED_FIELD,
    "enum.defined_only": Reason.INVALID_ENUM_VALUE,
    "enum.not_in": Reason.INVALID_ENUM_VALUE,
}


class RequestValidator:
    """Checks messages against the rules beside their fields."""

    def __init__(self) -> None:
        self._validator = Validator()

    def warm(self, message_classes: Iterable[type[Message]]) -> None:
        """Compile the rules of the classes: the first check of a class takes milliseconds otherwise.

        Raises:
            CompilationError: A rule does not compile.
        """
        for message_class in message_classes:
            self._validator.collect_violations(message_class())

    def validate(self, method: Method) -> Check:
        """Return the check of a method's requests, the pipeline's last. It raises what `check` raises."""
        collect = self._validator.collect_violations

        def validate(call: Call, request: Message) -> None:
            if violations := collect(request):
                raise invalid_argument(*map(_violation, violations))

        return validate

    def check(self, message: Message) -> None:
        """Check a message.

        Raises:
            RpcError: INVALID_ARGUMENT with all violations.
        """
        violations = self._validator.collect_violations(message)
        if violations:
            raise invalid_argument(*map(_violation, violations))


def _violation(violation: RuleViolation) -> Violation:
    proto = violation.proto
    path = ""
    for element in proto.field.elements if proto.field else ():
        path += f".{element.field_name}" if path else element.field_name
        if element.subscript is not None:
            key = element.subscript.value
            path += f'["{key}"]' if isinstance(key, str) else f"[{key}]"
    reason = _REASONS.get(proto.rule_id, Reason.INVALID_FIELD_VALUE)
    if proto.rule_id == "string.pattern" and re.search(r"\bid\b|_id\b", path):
        reason = Reason.INVALID_ID_FORMAT
    return Violation(path, proto.message, reason)
