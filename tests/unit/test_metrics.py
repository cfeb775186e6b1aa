"""What calls leave in the metrics of a server, down to the bounds of the buckets."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from support.calls import SERVICE, TEST_METHODS
from triptych.errors import Code, RpcError
from triptych.observability.metrics import Metrics
from triptych.rpc.call import Call
from triptych.rpc.methods import Method, unknown_method

METHOD = TEST_METHODS[0]
PATH = f"/{SERVICE}/Unary"
MILLISECOND = 1_000_000


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return the samples of calls by name and labels."""
    return {
        (sample.name.removeprefix("triptych_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if "transport" in sample.labels
    }


def one(
    metrics: Metrics,
    nanoseconds: int = MILLISECOND,
    *,
    method: Method = METHOD,
    transport: str = "grpc",
    code: Code = Code.OK,
    request_bytes: int = 0,
    response_bytes: int = 0,
) -> None:
    """Count a call from its start to its end."""
    call = Call(method, transport, [])
    metrics.start(call)
    call.request_bytes, call.response_bytes = request_bytes, response_bytes
    call.error = RpcError(code, "as asked for") if code else None
    metrics.finish(call, nanoseconds)


def by_label(found: dict[tuple[str, ...], float], name: str) -> set[tuple[str, ...]]:
    """Return the labels that samples of a name have."""
    return {key[1:] for key in found if key[0] == name}


def test_nothing_is_told_of_methods_that_were_not_called() -> None:
    assert samples(Metrics(TEST_METHODS)) == {}


def test_calls_are_told_apart_by_method_transport_and_code() -> None:
    metrics = Metrics(TEST_METHODS)
    for _ in range(3):
        one(metrics)
    one(metrics, code=Code.NOT_FOUND)
    one(metrics, transport="rest")
    one(metrics, method=TEST_METHODS[1])
    found = samples(metrics)
    assert {key: value for key, value in found.items() if key[0] == "calls_total"} == {
        ("calls_total", "ok", PATH, "grpc"): 3,
        ("calls_total", "not_found", PATH, "grpc"): 1,
        ("calls_total", "ok", PATH, "rest"): 1,
        ("calls_total", "ok", f"/{SERVICE}/Time", "grpc"): 1,
    }


def test_a_bucket_holds_its_own_bound_and_all_below() -> None:
    metrics = Metrics(TEST_METHODS)
    for nanoseconds in (1, MILLISECOND, MILLISECOND + 1, 3_600_000 * MILLISECOND):
        one(metrics, nanoseconds)
    found = samples(metrics)
    buckets = {key[1]: value for key, value in found.items() if key[0] == "call_duration_seconds_bucket"}
    expected = {"0.0001": 1, "0.0005": 1, "0.001": 2, "0.0025": 3, "10.0": 3, "+Inf": 4}
    assert {bound: buckets[bound] for bound in expected} == expected
    assert list(buckets.values()) == sorted(buckets.values())
    assert found["call_duration_seconds_count", PATH, "grpc"] == 4
    assert found["call_duration_seconds_sum", PATH, "grpc"] == 3600.002000002


def test_sizes_are_those_of_the_messages() -> None:
    metrics = Metrics(TEST_METHODS)
    one(metrics, request_bytes=64, response_bytes=65)
    one(metrics, request_bytes=10**9)
    found = samples(metrics)
    assert found["request_bytes_bucket", "64.0", PATH, "grpc"] == 1
    assert found["request_bytes_bucket", "16777216.0", PATH, "grpc"] == 1
    assert found["request_bytes_bucket", "+Inf", PATH, "grpc"] == 2
    assert found["request_bytes_sum", PATH, "grpc"] == 10**9 + 64
    assert found["response_bytes_bucket", "64.0", PATH, "grpc"] == 1
    assert found["response_bytes_bucket", "512.0", PATH, "grpc"] == 2


def test_running_calls_go_up_and_down() -> None:
    metrics = Metrics(TEST_METHODS)
    calls = [Call(METHOD, "connect", []) for _ in range(2)]
    for call in calls:
        metrics.start(call)
    assert samples(metrics) == {("running_calls", PATH, "connect"): 2}
    metrics.finish(calls[0], MILLISECOND)
    assert samples(metrics)["running_calls", PATH, "connect"] == 1


def test_unknown_methods_are_one_however_many_there_are() -> None:
    metrics = Metrics(TEST_METHODS)
    for number in range(1000):
        one(metrics, method=unknown_method(f"/made.up/Method{number}"), code=Code.UNIMPLEMENTED)
    one(metrics)
    found = samples(metrics)
    assert by_label(found, "running_calls") == {("unknown", "grpc"), (PATH, "grpc")}
    assert found["calls_total", "unimplemented", "unknown", "grpc"] == 1000
    assert found["running_calls", "unknown", "grpc"] == 0


def test_servers_of_one_process_count_for_themselves() -> None:
    first, second = Metrics(TEST_METHODS), Metrics(TEST_METHODS)
    one(first)
    assert samples(second) == {}
    assert samples(first)["calls_total", "ok", PATH, "grpc"] == 1
