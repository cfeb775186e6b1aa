"""What is wrong inside a request, and where.

A reader that finds a fault knows the value only. Whoever called it knows which field, element or entry that
was, and adds this step while the error passes through: a request without faults pays nothing for its paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from protobuf import Message

from triptych.errors import Reason, RpcError, Violation, invalid_argument

MAX_FAULTS = 20  # told at once; the details have to fit into trailers, of which clients take 8 KiB
_MAX_ECHO = 60  # characters of the input in a text
_MAX_PATH = 200  # characters; only map keys and unknown keys can make a path long
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}", re.ASCII)


def clip(text: str) -> str:
    """Shorten what a client sent, for a text that goes back to it."""
    return text if len(text) <= _MAX_ECHO else text[: _MAX_ECHO - 3] + "..."


def quoted(text: str) -> str:
    """Quote what a client sent: clipped, on one line, without lone surrogates, which no message can hold."""
    return json.dumps(clip(text), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def shown(value: Any) -> str:
    """Describe a value that was parsed from JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return clip(repr(value)) if abs(value) != float("inf") else "a number that large"
        case str():
            return quoted(value)
        case list():
            return "an array"
        case _:
            return "an object"


def member(key: str) -> str:
    """Write the step to a field, or to what should have been one."""
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{quoted(key)}]"


def entry(key: str | int) -> str:  # bool is an int
    """Write the step to the value of a map's key, as `["goland"]`, `[7]` or `[true]`."""
    return f"[{quoted(key) if isinstance(key, str) else json.dumps(key)}]"


def element(index: int) -> str:
    """Write the step to an element of a list."""
    return f"[{index}]"


@dataclass(slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        description: What is wrong, as a clause that can follow the path.
        reason: One of `triptych.errors.Reason`.
        steps: The way to it, the last step first.
    """

    description: str
    reason: str = Reason.INVALID_FIELD_VALUE
    steps: list[str] = field(default_factory=list)

    def path(self) -> str:
        """Write the way to it from the message, as `projects[3].name`."""
        path = "".join(reversed(self.steps)).removeprefix(".")
        half = _MAX_PATH // 2
        return path if len(path) <= _MAX_PATH else f"{path[:half]}...{path[3 - half :]}"


def within(step: str, faults: list[Fault]) -> list[Fault]:
    """Add the step that leads to these faults."""
    for fault in faults:
        fault.steps.append(step)
    return faults


class FaultsError(Exception):
    """Says that a value is wrong; does not leave this package."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def refusal(description: str, reason: str = Reason.INVALID_FIELD_VALUE) -> FaultsError:
    """Say that the value at hand is wrong."""
    return FaultsError([Fault(description, reason)])


def for_each(
    items: Iterable[tuple[Any, Any]], act: Callable[[Any, Any], None], step: Callable[[Any], str]
) -> None:
    """Do something with keys and values.

    Raises:
        FaultsError: With the faults of all of them, up to MAX_FAULTS; `step` writes the step to a value.
    """
    faults: list[Fault] = []
    for key, value in items:
        try:
            act(key, value)
        except FaultsError as error:
            faults += within(step(key), error.faults)
            if len(faults) >= MAX_FAULTS:
                break
    if faults:
        raise FaultsError(faults)


def must_be(expected: str, value: Any, reason: str = Reason.INVALID_FIELD_VALUE) -> FaultsError:
    """Say that the value at hand is not what is expected here."""
    return refusal(f"must be {expected}, not {shown(value)}", reason)


def refused(faults: Iterable[Fault]) -> RpcError:
    """Tell the client."""
    told = islice(faults, MAX_FAULTS)
    return invalid_argument(*(Violation(fault.path(), fault.description, fault.reason) for fault in told))


def malformed(description: str) -> RpcError:
    """Tell the client that the message as a whole cannot be read."""
    return invalid_argument(Violation("", description))


def no_message(message_class: type[Message]) -> RpcError:
    """Tell the client that a binary body is no message of a class."""
    return malformed(f"the body is not a valid {message_class.desc().type_name} message")
