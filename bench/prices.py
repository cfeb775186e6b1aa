"""What the steps of a call cost, each by itself: microseconds and Python calls.

A warm request is answered while every step notes what it was called with; then each step is run again
and again with just that.
"""

from __future__ import annotations

import gc
import inspect
import sys
from time import thread_time
from types import FrameType
from typing import Any

import uvloop

from bench.in_process import CALLS, OURS, InProcess, in_process
from bench.steps import STEPS, Recording, Step, stand_ins

_REST = "all else: HTTP, protocols"
_WHOLE = "together"
_WARM_UPS = 30
_PASSES = 3
_BATCHES = 60
_BATCH = 25


# Microseconds and Python calls, by step.
_Column = dict[str, tuple[float, int]]


def price_tables() -> str:
    """Measure, and return a table with a column for each of the calls."""
    passes = []
    for _ in range(_PASSES):
        whole = uvloop.run(_wholes())
        recording = Recording()
        with stand_ins(recording):
            columns = uvloop.run(_columns(recording))
        passes.append({name: {**columns[name], _WHOLE: whole[name]} for name in CALLS})
    columns = {name: _least([one[name] for one in passes]) for name in CALLS}
    for column in columns.values():
        us, calls = column.pop(_WHOLE)
        column[_REST] = (
            us - sum(one for one, _ in column.values()),
            calls - sum(n for _, n in column.values()),
        )
        column[_WHOLE] = us, calls
    lines = [f"| µs, Python calls | {' | '.join(CALLS)} |", f"|---|{'--:|' * len(CALLS)}"]
    lines += [
        f"| {row} | {' | '.join(_cell(columns[name].get(row)) for name in CALLS)} |"
        for row in (*STEPS, _REST, _WHOLE)
    ]
    return "\n".join(lines)


def _least(columns: list[_Column]) -> _Column:
    return {row: min(column[row] for column in columns) for row in columns[0]}


async def _wholes() -> _Column:
    async with in_process() as server:
        requests = server.requests
        return {
            name: (await _whole(server, requests[name]), await server.count(requests[name])) for name in CALLS
        }


async def _columns(recording: Recording) -> dict[str, _Column]:
    columns = {}
    async with in_process() as server:
        for name in CALLS:
            for _ in range(_WARM_UPS):
                await server.ask(server.requests[name])
            for step in recording.steps.values():
                step.invocations.clear()
            recording.on = True
            await server.ask(server.requests[name])
            await server.settle()
            recording.on = False
            columns[name] = {name: _price(step) for name, step in recording.steps.items() if step.invocations}
            await server.settle()
    return columns


async def _whole(server: InProcess, request: bytes) -> float:
    """Return the microseconds of a request from the first byte read to the last one written."""
    best = float("inf")
    for _ in range(_BATCHES):
        began = thread_time()
        for _ in range(_BATCH):
            await server.ask(request)
        best = min(best, thread_time() - began)
    return best / _BATCH * 1e6


def _price(step: Step) -> tuple[float, int]:
    best = float("inf")
    gc.disable()
    for _ in range(_BATCHES):
        began = thread_time()
        for _ in range(_BATCH):
            step.run()
        best = min(best, thread_time() - began)
    gc.enable()
    return best / _BATCH * 1e6, _calls(step)


def _calls(step: Step) -> int:
    calls = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        file = frame.f_code.co_filename
        calls += event == "call" and file != inspect.__file__ and not file.startswith(OURS)

    sys.setprofile(note)
    try:
        step.run()
    finally:
        sys.setprofile(None)
    return calls


def _cell(price: tuple[float, int] | None) -> str:
    return "" if price is None else f"{price[0]:.1f}, {price[1]}"
