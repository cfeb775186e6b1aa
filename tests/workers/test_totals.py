"""The metrics of several workers, summed."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from support.calls import TEST_METHODS
from triptych.observability.metrics import Metrics
from triptych.rpc.call import Call
from triptych.rpc.headers import TextHeaders
from triptych.workers.totals import Totals

METHOD = TEST_METHODS[0]


def told(calls: int, transport: str = "rest", running: int = 0) -> bytes:
    """Return the metrics of a process that has seen so many calls."""
    metrics = Metrics([METHOD])
    for _ in range(calls):
        call = Call(METHOD, transport, TextHeaders([]))  # type: ignore[arg-type] # one of the names
        metrics.start(call)
        metrics.finish(call, 2_000_000)
    for _ in range(running):
        metrics.start(Call(METHOD, transport, TextHeaders([])))  # type: ignore[arg-type]
    return metrics.exposition()


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Return the samples by their names and the labels that matter here."""
    return {
        (
            sample.name,
            *(sample.labels[name] for name in ("transport", "le", "worker") if name in sample.labels),
        ): (sample.value)
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_calls_are_summed_and_processes_stand_side_by_side() -> None:
    found = samples(Totals().exposition({1: told(2, running=1), 2: told(3, running=1)}, 4))
    assert found["triptych_calls_total", "rest"] == 5
    assert found["triptych_running_calls", "rest"] == 2
    assert found["triptych_call_duration_seconds_bucket", "rest", "0.001"] == 0
    assert found["triptych_call_duration_seconds_bucket", "rest", "0.0025"] == 5
    assert found["triptych_call_duration_seconds_count", "rest"] == 5
    assert {key[-1] for key in found if key[0] == "process_resident_memory_bytes"} == {"1", "2"}
    assert (found["triptych_workers",], found["triptych_worker_restarts_total",]) == (2, 4)


def test_one_worker_tells_what_it_would_tell_alone() -> None:
    alone = told(3)
    together = Totals().exposition({1: alone}, 0).decode().splitlines()
    of_calls = [line for line in alone.decode().splitlines() if "triptych_" in line]
    assert of_calls
    assert [line for line in together if "triptych_" in line and "worker" not in line] == of_calls


def test_what_was_counted_stays_when_its_worker_ends() -> None:
    totals = Totals()
    totals.keep(told(7, running=3))
    totals.keep(told(1, "grpc"))
    found = samples(totals.exposition({2: told(1)}, 2))
    assert found["triptych_calls_total", "rest"] == 8
    assert found["triptych_calls_total", "grpc"] == 1
    assert found["triptych_running_calls", "rest"] == 0
    assert {key[-1] for key in found if key[0] == "process_cpu_seconds_total"} == {"2"}


def test_a_copy_does_not_see_what_is_kept_later() -> None:
    totals = Totals()
    totals.keep(told(1))
    copy = totals.copy()
    totals.keep(told(1))
    assert samples(copy.exposition({}, 0))["triptych_calls_total", "rest"] == 1
    assert samples(totals.exposition({}, 0))["triptych_calls_total", "rest"] == 2
