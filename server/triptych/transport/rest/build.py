"""Makes the router of a server from what its descriptors say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from protobuf import DescEnum, DescMethod

from triptych.codec.descriptors import form_of, reachable
from triptych.rpc.methods import Method, RestDialect, ServiceBinding
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.http_router import HttpRouter
from triptych.transport.rest.http_rule import CheckedRule, http_rules
from triptych.transport.rest.routes import Route, conflicts


class HttpRulesError(Exception):
    """REST cannot serve the annotations of the services that are bound; the error lists all problems."""


def http_router(
    methods: Mapping[str, Method],
    bindings: Iterable[ServiceBinding],
    dialects: Mapping[RestDialect, Dialect],
    reserved: Collection[str] = (),
) -> HttpRouter:
    """Make the router for all rules of the services that are bound.

    Args:
        methods: The method table.
        bindings: The services; those without annotations add nothing.
        dialects: The dialects that the bindings name.
        reserved: Paths that are answered otherwise, beside those of the method table.

    Raises:
        HttpRulesError: Some of the rules cannot be served.
    """
    problems: list[str] = []
    routes: list[Route[CheckedRule]] = []
    targets: list[tuple[str, Dialect]] = []
    taken = {*methods, *reserved}
    for path, desc, dialect in _annotated(bindings, dialects):
        name = f"{desc.parent.type_name}.{desc.name}"
        if path not in methods:
            problems.append(f"{name}: is not in the method table")
        problems += [f"{name}: {problem}" for problem in _enum_problems(desc, dialect.enum_problem)]
        for index, rule in enumerate(http_rules(desc)):
            checked = CheckedRule(rule, desc, additional=index > 0)
            problems += [f"{name}: {problem}" for problem in checked.problems]
            if checked.template is not None:
                if str(checked.template) in taken:
                    problems.append(f"{name}: {checked.verb} {checked.template}: the path is not REST's")
                routes.append(Route(checked.verb, checked.template, checked, name))
                targets.append((path, dialect))
    problems += conflicts(routes)
    if problems:
        raise HttpRulesError("\n".join(problems))
    bound = (
        Route(route.verb, route.template, _binding(route, methods[path], dialect), route.name)
        for route, (path, dialect) in zip(routes, targets, strict=True)
    )
    return HttpRouter(bound, dialects.values(), methods)


def _annotated(
    bindings: Iterable[ServiceBinding], dialects: Mapping[RestDialect, Dialect]
) -> Iterator[tuple[str, DescMethod, Dialect]]:
    for binding in bindings:
        for desc in binding.desc.methods:
            if http_rules(desc):
                yield f"/{binding.desc.type_name}/{desc.name}", desc, dialects[binding.rest_dialect]


def _enum_problems(desc: DescMethod, problem_of: Callable[[DescEnum], str]) -> list[str]:
    messages = [*reachable(desc.input), *reachable(desc.output)]
    elements = [form_of(field).element for message in messages for field in message.fields]
    enums = dict.fromkeys(element for element in elements if isinstance(element, DescEnum))
    return [problem for problem in map(problem_of, enums) if problem]


def _binding(route: Route[CheckedRule], method: Method, dialect: Dialect) -> Binding:
    rule = route.target.rule
    path = [variable.name for variable in route.template.variables]
    return Binding(method, dialect, path, rule.body, rule.response_body)
