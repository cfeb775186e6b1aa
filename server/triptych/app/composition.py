"""The composition root: settings and a store become services, a table, a pipeline, and the answers of ports.

Nothing is opened, read or started here. Tests put a server together in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from protobuf import Registry

from triptych.auth.authenticate import Authenticate
from triptych.auth.authorise import authorise
from triptych.auth.last_uses import LastUses
from triptych.auth.loopback import LoopbackOnly
from triptych.backend import Backend
from triptych.clock import Clock
from triptych.config import Settings, url_host
from triptych.discovery.health import HealthService
from triptych.discovery.reflection import ReflectionService
from triptych.docs import docs_files
from triptych.documents.background import RunInBackground
from triptych.documents.public import public_title
from triptych.documents.service import DocumentSettings
from triptych.ids import Ids
from triptych.observability.logs import CallLogger
from triptych.observability.metrics import Metrics
from triptych.paging import PageTokens
from triptych.quotas import Quota
from triptych.rpc.deadline import Deadline
from triptych.rpc.interceptors import CatchUnexpected, Observe
from triptych.rpc.methods import Method, ServiceBinding, method_table
from triptych.rpc.pipeline import Pipeline
from triptych.rpc.rate_limit import RateLimit
from triptych.rpc.shares import Places
from triptych.rpc.validation import RequestValidator
from triptych.services import Parts, listed
from triptych.store.base import Store
from triptych.transport.connect.calls import ConnectCalls
from triptych.transport.grpc.handlers import GrpcHandlers
from triptych.transport.http.application import HttpApplication
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.cors import Cors
from triptych.transport.http.files import FileServer, ServedFiles
from triptych.transport.http.probes import PROBE_PATHS, Probes
from triptych.transport.pages.calls import Pages
from triptych.transport.rest.build import http_router
from triptych.transport.rest.calls import RestCalls
from triptych.transport.rest.dialect import dialects
from triptych_api.google.rpc import code_pb, error_details_pb, status_pb

# Where a person may look beside the pages, by what that is called; relative to the first of them.
_DOCS_LINKS: Final = {"Documentation": "docs", "OpenAPI": "openapi.json"}
_LINKS: Final = {"Is it well?": "healthz", "Does it take calls?": "readyz", "Metrics": "metrics"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a server is made from beside its settings.

    Attributes:
        store: Where the data is kept.
        page_token_key: What page tokens are signed with; kept with the data.
        clock: Where the time comes from.
        ids: Where ids come from.
        call_logger: Writes a line for each call.
        last_uses: The uses of tokens that are not written yet.
        validator: Checks messages against the rules of the contract.
        run_in_background: Runs a coroutine function some time later, and logs what it raises.
    """

    store: Store
    page_token_key: bytes
    clock: Clock
    ids: Ids
    call_logger: CallLogger
    last_uses: LastUses
    validator: RequestValidator
    run_in_background: RunInBackground


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """What the ports of a server answer with.

    Attributes:
        http: The HTTP port's application; gRPC as well where the ASGI server can send trailers.
        grpc: The gRPC port's handlers.
        health: Tells whether calls are taken.
    """

    http: AsgiApplication
    grpc: GrpcHandlers
    health: HealthService


def compose(
    settings: Settings,
    resources: Resources,
    http_port: int,
    bindings: Sequence[ServiceBinding] = (),
    methods: Sequence[Method] = (),
) -> Composition:
    """Put a server together.

    Args:
        settings: What to serve.
        resources: What it is made from.
        http_port: Where clients reach the HTTP port, for the URLs in answers.
        bindings: Services beside the usual ones.
        methods: Methods beside those of services.

    Raises:
        BindingsError: Services cannot be served as they are bound.
        HttpRulesError: REST cannot serve the `google.api.http` rules of the services that are bound.
    """
    health, bound = _bound_services(settings, resources, http_port, bindings, methods)
    table = {**method_table(bound), **{method.path: method for method in methods}}
    resources.validator.warm(method.input for method in table.values())
    places = Places(settings.max_concurrency, settings.max_in_flight)
    metrics = Metrics(table.values(), lambda: places.in_flight.bytes, lambda: resources.call_logger.dropped)
    cors = Cors(settings.cors_origin, loopback=settings.dev)
    loopback = LoopbackOnly(settings.public_url, cors.allows) if settings.dev else None
    pipeline = _pipeline(settings, resources, metrics, places, loopback)
    grpc_port = http_port if settings.one_port else settings.grpc_port
    files = docs_files(bound, grpc_port) if settings.docs else {}
    links = {**(_DOCS_LINKS if settings.docs else {}), **_LINKS}
    return Composition(
        http=AsgiApplication(
            HttpApplication(
                ConnectCalls(table, pipeline, settings.max_message),
                _rest(settings, pipeline, table, bound, files),
                Probes(
                    lambda: health.serving,
                    metrics.exposition,
                    loopback,
                    resources.store.name.partition(" ")[0],
                ),
                FileServer(files, loopback),
                cors,
                Pages(pipeline, partial(public_title, resources.store), links, _services(bound)),
            ),
            places.in_flight,
        ),
        grpc=GrpcHandlers(table, pipeline, settings.max_message),
        health=health,
    )


def _services(bound: Sequence[ServiceBinding]) -> list[str]:
    return [each.desc.type_name for each in bound]


def _pipeline(
    settings: Settings,
    resources: Resources,
    metrics: Metrics,
    places: Places,
    loopback: LoopbackOnly | None,
) -> Pipeline:
    clock = resources.clock
    return Pipeline(
        [
            Observe(resources.call_logger, metrics),
            CatchUnexpected(),
            *([loopback] if loopback else []),
            Deadline(),
            Authenticate(resources.store, clock, resources.last_uses, developer_mode=settings.dev),
            *([RateLimit(clock)] if settings.rate_limit else []),
        ],
        [authorise, resources.validator.validate],
        places,
    )


def _rest(
    settings: Settings,
    pipeline: Pipeline,
    table: Mapping[str, Method],
    bound: Sequence[ServiceBinding],
    files: ServedFiles,
) -> RestCalls:
    registry = Registry(*(each.desc.file for each in bound), error_details_pb.desc())
    router = http_router(table, bound, dialects(registry), {*PROBE_PATHS, *files})
    return RestCalls(router, pipeline, settings.max_message, settings.max_upload)


def _bound_services(
    settings: Settings,
    resources: Resources,
    http_port: int,
    bindings: Sequence[ServiceBinding],
    methods: Sequence[Method],
) -> tuple[HealthService, list[ServiceBinding]]:
    scheme = "http" if settings.tls_cert is None else "https"
    public_url = settings.public_url or f"{scheme}://{url_host(settings.http_host)}:{http_port}"
    services = listed(conformance=settings.conformance, reflection=settings.reflection)
    descs = [each.desc for each in (*services, *bindings)]
    health = HealthService([*(desc.type_name for desc in descs), *(each.service for each in methods)])
    parts = Parts(
        backend=Backend(
            store=resources.store,
            clock=resources.clock,
            ids=resources.ids,
            page_tokens=PageTokens(resources.page_token_key),
            last_uses=resources.last_uses,
            validator=resources.validator,
            max_reply=settings.max_message,
            projects=Quota("projects", settings.project_quota, settings.project_bytes_quota),
            documents=Quota("documents", settings.document_quota, settings.document_bytes_quota),
            tokens=Quota("tokens", settings.token_quota),
        ),
        documents=DocumentSettings(public_url=public_url),
        run_in_background=resources.run_in_background,
        health=health,
        reflection=ReflectionService(descs, [each.desc() for each in (error_details_pb, status_pb, code_pb)]),
    )
    return health, [*(service.bind(parts) for service in services), *bindings]
