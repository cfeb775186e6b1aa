"""The README's table of rpcs, compared with the method table and the rules for REST."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from triptych.rpc.methods import Method, ServiceBinding, method_table
from triptych.services import Service, listed
from triptych.transport.rest.http_rule import CheckedRule, http_rules

README = (Path(__file__).parents[2] / "README.md").read_text()
SECTION = README.partition("\n## Which rpcs there are\n")[2].partition("\n## ")[0]


class Anything:
    """Implements every service."""

    def __getattr__(self, name: str) -> object:
        return object()


def bound(service: Service) -> ServiceBinding:
    traits = {name: getattr(service, name) for name in ("desc", "needs_token", "rest_dialect", "admissions")}
    return ServiceBinding(implementation=Anything(), **traits)


def over_connect(method: Method) -> str:
    if method.kind != "unary":
        return "stream"
    return "GET, POST" if method.no_side_effects else "POST"


def rows() -> Iterator[str]:
    """Yield the table: each service, and a line for each of its rpcs."""
    yield "| rpc | gRPC | gRPC-Web | Connect | REST |"
    yield "|---|---|---|---|---|"
    for service in listed():
        yield f"| **{service.desc.type_name}** | | | | |"
        table = method_table([bound(service)])
        for desc in service.desc.methods:
            rules = [CheckedRule(rule, desc, additional=False) for rule in http_rules(desc)]
            rest = ", ".join(f"`{rule.verb} {rule.template}`" for rule in rules)
            method = table[f"/{service.desc.type_name}/{desc.name}"]
            # What is in the table is served over all three: that is the one way in there is.
            yield f"| `{desc.name}` | yes | yes | {over_connect(method)} | {rest or 'no'} |"


def test_the_table_has_every_rpc_and_how_it_is_reached() -> None:
    written = [line for line in SECTION.splitlines() if line.startswith("|")]
    assert written == list(rows()), "the table should be\n" + "\n".join(rows())


def test_what_is_not_there_yet_is_not_there() -> None:
    served = {desc.name for service in listed() for desc in service.desc.methods}
    missing = re.findall(r"`(\w+)`", SECTION.partition("Not there yet")[2])
    assert len(missing) > 30
    assert len(set(missing)) == len(missing)
    assert not served & set(missing)
