"""Tells what came of a case, and whether that is right."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from google.protobuf.message import DecodeError

from conformance.rest import schema
from conformance.rest.cases import Case
from conformance.rest.client import Answer

Verdict = Literal["right", "wrong", "open"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    Attributes:
        case: The case, as the dialect of the server has it.
        verdict: Whether it is what must come of it.
        text: What came of it, in a line.
    """

    case: Case
    verdict: Verdict
    text: str


class _OddReplyError(Exception):
    """A response of status 200 is not of the shape that the rule says."""


def judge(case: Case, answer: Answer) -> Outcome:
    """Tell what came of a case."""
    if answer.status != HTTPStatus.OK:
        right, text = answer.status in case.refused, _status(answer.status)
    else:
        try:
            rpc, arrived = _arrived(case, answer.body)
        except _OddReplyError as error:
            right, text = False, str(error)
        else:
            right = bool(case.rpc) and (rpc, arrived) == (case.rpc, case.arrives)
            text = f"{rpc} {json.dumps(arrived, sort_keys=True, ensure_ascii=False)}"
    return Outcome(case, "open" if case.open else "right" if right else "wrong", text)


def expected(case: Case) -> str:
    """Tell what must come of a case, in a line."""
    ways = []
    if case.rpc:
        ways.append(f"{case.rpc} {json.dumps(case.arrives, sort_keys=True, ensure_ascii=False)}")
    if case.refused:
        ways.append(f"refused {'|'.join(map(str, sorted(case.refused)))}")
    return " or ".join(ways) or "anything"


def _status(status: int) -> str:
    if not status:
        return "closed the connection"
    return f"answered {status}" if status < HTTPStatus.BAD_REQUEST else f"refused {status}"


def _arrived(case: Case, body: bytes) -> tuple[str, Any]:
    if case.reply == "none":
        if body:
            raise _OddReplyError("answered with a body")
        return case.rpc, case.arrives
    try:
        value = json.loads(body)
        match case.reply:
            case "message":
                found = value
            case "list":
                (found,) = value
            case "bytes":
                found = {"rpc": case.rpc, "request": value}
            case _:
                found = value["arrived"]
        data = base64.b64decode(found.get("request", ""), validate=True)
        return found["rpc"], schema.from_binary(data)
    except (ValueError, TypeError, KeyError, AttributeError, DecodeError):
        raise _OddReplyError(f"odd reply {body[:120].decode(errors='replace')}") from None
