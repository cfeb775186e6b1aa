"""The cases of the REST transcoding suite, as cases/*.yaml has them.

A case is a mapping:

    name: percent/slash-in-one-segment      # unique
    request: GET /v1/one/a%2Fb              # the HTTP method and the target, exactly as it is sent
    headers: {content-type: text/plain}     # application/json if there is a body, and nothing is said
    body: '{"text": "x"}'                   # text, or !!binary
    rpc: One                                # what must be called ...
    arrives: {text: a/b}                    # ... with this request, in ProtoJSON
    refused: [400]                          # or: the statuses of which one must be answered
    reply: list                             # the shape of the response: whole, message, list, bytes or none
    dialect: {documents: {refused: [400]}}  # what is expected instead where a dialect differs on purpose
    rule: Path template syntax, "{var}"     # the part of google/api/http.proto that decides
    open: true                              # nothing decides: the case is run and shown, not counted

Where both `arrives` and `refused` are there, either is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml

from conformance.rest import schema

FOLDER: Final = Path(__file__).parent / "cases"
Shape = Literal["whole", "message", "list", "bytes", "none"]
_KEYS: Final = {
    *("name", "request", "headers", "body", "rpc", "arrives", "refused"),
    *("reply", "dialect", "rule", "open"),
}


class CaseError(Exception):
    """A case is not written as it must be; the text names it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and what must come of it.

    Attributes:
        name: The topic, and what is special, as `percent/slash-in-one-segment`.
        method: The HTTP method.
        target: Path and query, as they are sent.
        headers: The headers, beside those that HTTP needs.
        body: The body; None for none.
        rpc: The rpc that must be called, "" if none must be.
        arrives: The request that must arrive, in the canonical form of `schema`; None if none must arrive.
        refused: The statuses of which one must be answered, if the request need not arrive.
        reply: The shape of the response.
        rule: What decides.
        open: Whether nothing decides.
        dialects: What is expected instead, by dialect.
    """

    name: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None
    rpc: str
    arrives: Any
    refused: frozenset[int]
    reply: Shape
    rule: str
    open: bool
    dialects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def in_dialect(self, dialect: str) -> Case:
        """Return the case as a dialect has it."""
        if dialect not in self.dialects:
            return self
        rpc, arrives, refused = _expected(self.dialects[dialect])
        return replace(self, rpc=rpc, arrives=arrives, refused=refused)


def load() -> list[Case]:
    """Read all cases, in the order of the files.

    Raises:
        CaseError: One is not as it must be, or two have one name.
    """
    cases: dict[str, Case] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for raw in yaml.safe_load(path.read_text()):
            case = _case(raw)
            if case.name in cases:
                raise CaseError(f"{case.name} is there twice")
            cases[case.name] = case
    return list(cases.values())


def _case(raw: Mapping[str, Any]) -> Case:
    name = raw.get("name", f"a case without a name: {raw}")
    if unknown := raw.keys() - _KEYS:
        raise CaseError(f"{name}: unknown keys: {', '.join(sorted(unknown))}")
    if missing := {"request", "rule"} - raw.keys():
        raise CaseError(f"{name}: {', '.join(sorted(missing))} must be given")
    method, _, target = raw["request"].partition(" ")
    body = raw.get("body")
    data = body.encode() if isinstance(body, str) else body
    reply = raw.get("reply", "whole")
    if reply not in get_args(Shape):
        raise CaseError(f"{name}: unknown shape of a reply: {reply}")
    try:
        rpc, arrives, refused = _expected(raw)
        for other in raw.get("dialect", {}).values():
            _expected(other)
    except (ValueError, schema.ParseError) as error:
        raise CaseError(f"{name}: {error}") from error
    is_open = raw.get("open", False)
    if not is_open and arrives is None and not refused:
        raise CaseError(f"{name}: nothing is expected, and it is not open")
    return Case(
        name=name,
        method=method,
        target=target,
        headers=raw.get("headers", {"content-type": "application/json"} if data is not None else {}),
        body=data,
        rpc=rpc,
        arrives=arrives,
        refused=refused,
        reply=reply,
        rule=raw["rule"],
        open=is_open,
        dialects=raw.get("dialect", {}),
    )


def _expected(raw: Mapping[str, Any]) -> tuple[str, Any, frozenset[int]]:
    rpc = raw.get("rpc", "")
    if rpc and rpc not in schema.rpcs():
        raise ValueError(f"there is no rpc {rpc}")
    if bool(rpc) != ("arrives" in raw):
        raise ValueError("rpc and arrives belong together")
    arrives = schema.from_json(raw["arrives"]) if "arrives" in raw else None
    return rpc, arrives, frozenset(raw.get("refused", ()))
