"""/healthz, /readyz and /metrics, and what calls over each transport leave in the metrics."""

from __future__ import annotations

import asyncio
from collections import Counter

import grpc
import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from prometheus_client.parser import text_string_to_metric_families

from conftest import Server
from support.api import Transport
from support.calls import SERVICE
from support.failures import fails
from support.http import new_http_client
from triptych.rpc.headers import HttpHeaders
from triptych.transport.http import probes
from triptych.transport.http.messages import HttpRequest


@pytest.fixture(autouse=True)
def always_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "COPY_SECONDS", 0)


LABELS = {"grpc": "grpc", "grpc-web": "grpc-web", "connect-proto": "connect", "connect-json": "connect"}


async def get(server: Server, path: str, verb: str = "GET", **headers: str) -> httpx.Response:
    """Send a request without a token."""
    async with new_http_client(base_url=server.http) as http:
        return await http.request(verb, path, headers=headers)


async def samples(server: Server, method: str, transport: str) -> Counter[str]:
    """Return the samples of one method and transport by their name and what else labels them."""
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families((await get(server, "/metrics")).text):
        for sample in family.samples:
            if sample.labels.get("method") == method and sample.labels["transport"] == transport:
                rest = "".join(f" {sample.labels[name]}" for name in ("code", "le") if name in sample.labels)
                found[sample.name + rest] += sample.value  # type: ignore[assignment] # counts are whole here
    return found


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/healthz"])
async def test_a_server_that_serves_is_well_and_ready(server: Server, path: str) -> None:
    response = await get(server, path, **{"x-request-id": "probe-1"})
    kind = "" if "healthz" in path else f"store: {server.store.name.partition(' ')[0]}\n"
    assert (response.status_code, response.text) == (200, f"ok\n{kind}")
    assert response.headers["x-request-id"] == "probe-1"
    assert response.headers["cache-control"] == "no-store"
    head = await get(server, path, "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(3 + len(kind)))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_other_verbs_are_refused(server: Server, path: str, verb: str) -> None:
    response = await get(server, path, verb)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


async def test_paths_below_probes_are_not_theirs(server: Server) -> None:
    for path in ("/healthz/", "/readyz/x", "/metrics.json"):
        assert (await get(server, path)).status_code == 404


async def test_the_metrics_are_text_for_prometheus(server: Server) -> None:
    response = await get(server, "/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert families["process_resident_memory_bytes"].samples[0].value > 0
    kinds = {name: families[f"triptych_{name}"].type for name in ("calls", "running_calls", "request_bytes")}
    assert kinds == {"calls": "counter", "running_calls": "gauge", "request_bytes": "histogram"}
    assert all(family.documentation for family in families.values())
    packed = await get(server, "/metrics", **{"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    head = await get(server, "/metrics", "HEAD")
    assert (head.content, int(head.headers["content-length"]) > 0) == (b"", True)


async def test_a_call_is_counted_with_its_code_time_and_sizes(
    server: Server, transport: Transport, request: pytest.FixtureRequest
) -> None:
    label = LABELS[request.node.callspec.params["transport"]]
    before = await samples(server, f"/{SERVICE}/Unary", label)

    async def call(value: str) -> None:
        await transport.call(SERVICE, "Unary", StringValue(value=value), StringValue, {}, None)

    await call("x" * 1000)
    await fails("not_found", call("code:not_found"))
    after = await samples(server, f"/{SERVICE}/Unary", label)
    after.subtract(before)
    assert after["triptych_calls_total ok"] == 1
    assert after["triptych_calls_total not_found"] == 1
    assert after["triptych_call_duration_seconds_count"] == 2
    assert after["triptych_call_duration_seconds_bucket +Inf"] == 2
    assert after["triptych_request_bytes_bucket 64.0"] == 1
    assert after["triptych_request_bytes_bucket 512.0"] == 1
    assert after["triptych_request_bytes_bucket 4096.0"] == 2
    assert 1000 < after["triptych_response_bytes_sum"] < 1010
    assert after["triptych_running_calls"] == 0


async def test_a_call_over_rest_is_counted(server: Server) -> None:
    method = "/factify.api.v1beta.DocumentService/CreateDocument"
    before = await samples(server, method, "rest")
    async with new_http_client(base_url=server.http) as http:
        response = await http.post("/v1beta/documents", json={})
        assert response.status_code == 401
        authorization = {"authorization": "Bearer start-token"}
        response = await http.post("/v1beta/documents", json={"tittle": "x"}, headers=authorization)
        assert response.status_code == 400
        response = await http.post(
            "/v1beta/documents",
            data={"title": "x"},
            files={"payload": ("a.md", b"# A\n" * 300, "text/markdown")},
            headers=authorization,
        )
        assert response.status_code == 200, response.text
    after = await samples(server, method, "rest")
    after.subtract(before)
    assert after["triptych_calls_total unauthenticated"] == 1
    assert after["triptych_calls_total invalid_argument"] == 1
    assert after["triptych_calls_total ok"] == 1
    # The body of the first was not read.
    assert after["triptych_request_bytes_bucket 64.0"] == 2
    assert 1200 < after["triptych_request_bytes_sum"] < 2000
    assert after["triptych_response_bytes_sum"] == len(response.content)


async def test_a_stream_is_counted_while_it_runs_and_by_all_its_messages(server: Server) -> None:
    method = f"/{SERVICE}/BidiStreaming"
    before = await samples(server, method, "grpc")
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        call = channel.stream_stream(method, StringValue.SerializeToString, StringValue.FromString)()
        for _ in range(3):
            await call.write(StringValue(value="x" * 98))
            assert (await call.read()).value == "X" * 98
        running = await samples(server, method, "grpc")
        assert running["triptych_running_calls"] - before["triptych_running_calls"] == 1
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
    after = await samples(server, method, "grpc")
    after.subtract(before)
    assert after["triptych_running_calls"] == 0
    assert after["triptych_request_bytes_sum"] == after["triptych_response_bytes_sum"] == 300


async def test_paths_that_clients_make_up_are_one_method(server: Server, transport: Transport) -> None:
    async def unknown(service: str) -> None:
        error = transport.call(service, "Nothing", StringValue(), StringValue, {}, None)
        await fails("unimplemented", error)

    await asyncio.gather(*(unknown(f"made.up{number}.Service") for number in range(5)))
    text = (await get(server, "/metrics")).text
    assert 'method="unknown"' in text
    assert "made.up" not in text


async def test_probes_are_no_calls(server: Server) -> None:
    async def calls() -> float:
        families = text_string_to_metric_families((await get(server, "/metrics")).text)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "triptych_calls_total"
        )

    before = await calls()
    await get(server, "/healthz")
    await get(server, "/metrics")
    assert await calls() == before


async def test_the_metrics_are_written_once_for_all_who_ask_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probes, "COPY_SECONDS", 1000)
    written = 0

    def write() -> bytes:
        nonlocal written
        written += 1
        return b"%d" % written

    answers = probes.Probes(lambda: True, write)
    request = HttpRequest("GET", b"/metrics", b"", HttpHeaders([]), "", b"")
    assert {(await answers.answer(request)).body for _ in range(20)} == {b"1"}
    monkeypatch.setattr(probes, "COPY_SECONDS", 0)
    assert (await answers.answer(request)).body == b"2"
