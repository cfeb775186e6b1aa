"""The rules of the contract (protovalidate), checked on a parsed request."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from protobuf import DescMessage, Message
from protovalidate import Validator
from protovalidate import Violation as RuleViolation

from triptych.codec.faults import Fault, element, entry, member
from triptych.codec.sizes import value_count
from triptych.errors import MAX_VIOLATIONS, Reason, RpcError, Violation, invalid_argument
from triptych.rpc.call import Call
from triptych.rpc.list_bounds import Count, ListBounds
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Check
from triptych.rpc.rule_texts import text_of

_REASONS = {
    "required": Reason.MISSING_REQUIRED_FIELD,
    "string.uuid": Reason.INVALID_ID_FORMAT,
    "string.uuid_empty": Reason.MISSING_REQUIRED_FIELD,
    "enum.defined_only": Reason.INVALID_ENUM_VALUE,
    "enum.not_in": Reason.INVALID_ENUM_VALUE,
}
_MANY_VALUES = 64  # a violation costs 25 us and 3 KB, and there may be two for each value
_ID = re.compile(r"\bid\b|_id\b")
_PAGE_TOKEN = re.compile(r"\b(page_)?token$")


_validator = functools.cache(Validator)
"""The one of this process: rules are compiled for each class of messages, which takes milliseconds."""


class RequestValidator:
    """Checks messages against the rules beside their fields."""

    def __init__(self) -> None:
        self._validator = _validator()
        self._bounds = ListBounds()
        self._counts: dict[type[Message], Count | None] = {}

    def warm(self, message_classes: Iterable[type[Message]]) -> None:
        """Compile the rules of the classes: the first check of a class takes milliseconds otherwise.

        Raises:
            CompilationError: A rule does not compile.
        """
        for message_class in message_classes:
            self._validator.collect_violations(message_class())
            self._count(message_class)

    def validate(self, method: Method) -> Check:
        """Return the check of a method's requests, the pipeline's last. It raises what `check` raises."""
        collect = self._validator.collect_violations
        count = self._count(method.input)

        def validate(call: Call, request: Message) -> None:
            if count is not None and (too_long := count(request, "")):
                raise invalid_argument(too_long)
            if collect(request, fail_fast=True):
                raise self._refusal(request)

        return validate

    def check(self, message: Message) -> None:
        """Check a message.

        Raises:
            RpcError: INVALID_ARGUMENT with all violations, up to 20 of them; with the first only if a list is
                too long or the message holds more than 64 values.
        """
        count = self._count(type(message))
        if count is not None and (too_long := count(message, "")):
            raise invalid_argument(too_long)
        if self._validator.collect_violations(message, fail_fast=True):
            raise self._refusal(message)

    def _count(self, message_class: type[Message]) -> Count | None:
        if message_class not in self._counts:
            self._counts[message_class] = self._bounds.of(message_class.desc())
        return self._counts[message_class]

    def _refusal(self, message: Message) -> RpcError:
        first_only = value_count(message) > _MANY_VALUES
        violations = self._validator.collect_violations(message, fail_fast=first_only)
        told = [_violation(each, message.desc()) for each in violations[:MAX_VIOLATIONS]]
        return invalid_argument(*told, more=len(violations) - len(told))


def _violation(violation: RuleViolation, root: DescMessage) -> Violation:
    proto = violation.proto
    steps: list[str] = []
    for each in proto.field.elements if proto.field else ():
        steps.append(member(each.field_name))
        if each.subscript is not None:
            key = each.subscript.value
            steps.append(element(int(key)) if each.subscript.field == "index" else entry(key))
    path = Fault("", steps=steps[::-1]).path()
    reason = _REASONS.get(proto.rule_id, Reason.INVALID_FIELD_VALUE)
    if proto.rule_id == "string.pattern" and _ID.search(path):
        reason = Reason.INVALID_ID_FORMAT
    if proto.rule_id == "string.max_len" and _PAGE_TOKEN.search(path):
        reason = Reason.INVALID_CURSOR
    return Violation(path, text_of(violation, root), reason)
