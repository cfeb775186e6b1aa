"""What the steps of a call cost, each by itself: microseconds and Python calls.

A warm request is answered while every step notes what it was called with; then each step is run again
and again with just that. `STEPS` names the functions of a step, the only place
that has to follow when those move.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import thread_time
from types import FrameType
from typing import Any

import uvloop

from bench.in_process import CALLS, InProcess, in_process

STEPS: dict[str, list[str]] = {
    "request id": ["triptych.rpc.call:request_id"],
    "limits": [
        "triptych.rpc.interceptors:ConcurrencyLimit.start",
        "triptych.rpc.interceptors:ConcurrencyLimit.finish",
        "triptych.rpc.rate_limit:RateLimit.start",
        "triptych.rpc.interceptors:Deadline.start",
        "triptych.rpc.interceptors:Deadline.finish",
    ],
    "auth": ["triptych.auth.authenticate:Authenticate.start", "triptych.auth.authorise:authorise"],
    "routing of REST": ["triptych.transport.rest.router:Router.find"],
    "parse": [
        "triptych.codec.json:JsonReader.read",
        "triptych.codec.binary:read_binary",
        "triptych.transport.rest.binding:Binding.bind",
    ],
    "validation": ["triptych.rpc.validation:RequestValidator.validate"],
    "method and store": [
        "triptych.projects.service:ProjectService.get_project",
        "triptych.projects.service:ProjectService.list_projects",
        "triptych.documents.service:DocumentService.get_document",
        "triptych.documents.service:DocumentService.list_documents",
    ],
    "print": [
        "triptych.codec.json:write_json",
        "triptych.codec.binary:write_binary",
        "triptych.transport.rest.binding:Binding.write",
    ],
    "log": ["triptych.observability.logs:CallLogger.write"],
    "metrics": [
        "triptych.observability.metrics:Metrics.start",
        "triptych.observability.metrics:Metrics.finish",
    ],
}
_REST = "all else: HTTP, protocols"
_WHOLE = "together"
_WARM_UPS = 30
_PASSES = 3
_BATCHES = 60
_BATCH = 25


# Microseconds and Python calls, by step.
_Column = dict[str, tuple[float, int]]


@dataclass
class _Step:
    """The functions of a step, and what they were called with."""

    invocations: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = field(
        default_factory=list
    )

    def run(self) -> None:
        for function, positional, named in self.invocations:
            result = function(*positional, **named)
            if inspect.iscoroutine(result):
                try:
                    result.send(None)
                except StopIteration:
                    continue
                raise RuntimeError(f"{function.__qualname__} waits")


class _Recording:
    """Notes what the steps are called with, while it is on; a step within a step belongs to the outer one."""

    def __init__(self) -> None:
        self.on = False
        self.steps = {name: _Step() for name in STEPS}
        self._within = False

    def wrapped(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what stands in for a function of a step."""

        def call(*positional: Any, **named: Any) -> Any:
            if not self.on or self._within:
                return function(*positional, **named)
            self.steps[step].invocations.append((function, positional, named))
            self._within = True
            try:
                return function(*positional, **named)
            finally:
                self._within = False

        return call


def price_tables() -> str:
    """Measure, and return a table with a column for each of the calls."""
    passes = []
    for _ in range(_PASSES):
        whole = uvloop.run(_wholes())
        recording = _Recording()
        with _stand_ins(recording):
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


async def _columns(recording: _Recording) -> dict[str, _Column]:
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


def _price(step: _Step) -> tuple[float, int]:
    best = float("inf")
    gc.disable()
    for _ in range(_BATCHES):
        began = thread_time()
        for _ in range(_BATCH):
            step.run()
        best = min(best, thread_time() - began)
    gc.enable()
    return best / _BATCH * 1e6, _calls(step)


def _calls(step: _Step) -> int:
    calls = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename not in (__file__, inspect.__file__)

    sys.setprofile(note)
    try:
        step.run()
    finally:
        sys.setprofile(None)
    return calls


def _cell(price: tuple[float, int] | None) -> str:
    return "" if price is None else f"{price[0]:.1f}, {price[1]}"


@contextmanager
def _stand_ins(recording: _Recording) -> Iterator[None]:
    """Put a stand-in in the place of every function of a step, wherever a module has it."""
    undo: list[tuple[Any, str, Any]] = []
    for step, paths in STEPS.items():
        for path in paths:
            module, _, qualified = path.partition(":")
            owner: Any = importlib.import_module(module)
            *outer, name = qualified.split(".")
            for part in outer:
                owner = getattr(owner, part)
            function = getattr(owner, name)
            stand_in = recording.wrapped(step, function)
            loaded = [each for key, each in sys.modules.items() if key.startswith("triptych.")]
            for place in [owner, *loaded]:
                if vars(place).get(name) is function:
                    undo.append((place, name, function))
                    setattr(place, name, stand_in)
    try:
        yield
    finally:
        for place, name, function in undo:
            setattr(place, name, function)
