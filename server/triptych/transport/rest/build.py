"""Makes the router of a server from what its descriptors say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from protobuf import DescEnum, DescMethod, DescService, Registry

from triptych.codec.descriptors import form_of, reachable
from triptych.rpc.methods import Method
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.http_rule import CheckedRule, http_rules
from triptych.transport.rest.router import Router
from triptych.transport.rest.routes import Route, conflicts


class HttpRulesError(Exception):
    """The annotations of the contract contradict each other or its messages; the error lists all problems."""


def http_router(
    methods: Mapping[str, Method],
    services: Iterable[DescService],
    *,
    raw_enums: Collection[str] = (),
    registry: Registry | None = None,
) -> Router[Binding]:
    """Make the router for all rules of the services.

    Args:
        methods: The method table.
        services: The services; those without annotations add nothing.
        raw_enums: The full names of enums whose values are spelled as the .proto file has them.
        registry: The types that a google.protobuf.Any may hold.

    Raises:
        HttpRulesError: Some of the rules cannot be served.
    """
    dialect = Dialect(raw_enums, registry)
    problems: list[str] = []
    routes: list[Route[CheckedRule]] = []
    paths: list[str] = []
    for path, desc in _annotated(services):
        name = f"{desc.parent.type_name}.{desc.name}"
        if path not in methods:
            problems.append(f"{name}: is not in the method table")
        problems += [f"{name}: {problem}" for problem in _enum_problems(desc, dialect.names)]
        for index, rule in enumerate(http_rules(desc)):
            checked = CheckedRule(rule, desc, additional=index > 0)
            problems += [f"{name}: {problem}" for problem in checked.problems]
            if checked.template is not None:
                routes.append(Route(checked.verb, checked.template, checked, name))
                paths.append(path)
    problems += conflicts(routes)
    if problems:
        raise HttpRulesError("\n".join(problems))
    return Router(
        Route(route.verb, route.template, _binding(route, methods[path], dialect), route.name)
        for route, path in zip(routes, paths, strict=True)
    )


def _annotated(services: Iterable[DescService]) -> Iterator[tuple[str, DescMethod]]:
    for service in services:
        for desc in service.methods:
            if http_rules(desc):
                yield f"/{service.type_name}/{desc.name}", desc


def _enum_problems(desc: DescMethod, names: EnumNames) -> list[str]:
    messages = [*reachable(desc.input), *reachable(desc.output)]
    elements = [form_of(field).element for message in messages for field in message.fields]
    enums = dict.fromkeys(element for element in elements if isinstance(element, DescEnum))
    return [problem for problem in map(names.problem, enums) if problem]


def _binding(route: Route[CheckedRule], method: Method, dialect: Dialect) -> Binding:
    rule = route.target.rule
    path = [variable.name for variable in route.template.variables]
    return Binding(method, dialect, path, rule.body, rule.response_body)
