"""The steps of a call, and what they are called with while a request is answered.

`STEPS` names the functions of each step: the only place that has to follow when those move.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

STEPS: dict[str, list[str]] = {
    "the call and its id": ["triptych.rpc.call:Call.__init__"],
    "limits": [
        "triptych.rpc.deadline:Deadline.__call__",
        "triptych.rpc.shares:Pool.enter",
        "triptych.rpc.shares:Places.finish",
    ],
    "auth": ["triptych.auth.authenticate:Authenticate.__call__"],
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
        "triptych.codec.json:ProtoJsonWriter.write",
        "triptych.codec.binary:write_binary",
        "triptych.transport.rest.binding:Binding.write",
    ],
    "log": ["triptych.observability.logs:CallLogger.write"],
    "metrics": [
        "triptych.observability.metrics:Metrics.start",
        "triptych.observability.metrics:Metrics.finish",
    ],
}
# What these return is called for each request: a handler around what follows, or a check of requests.
_INTERCEPTORS = {
    "triptych.rpc.deadline:Deadline.__call__",
    "triptych.auth.authenticate:Authenticate.__call__",
}
_CHECKS = {"triptych.rpc.validation:RequestValidator.validate"}


@dataclass
class Step:
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


class Recording:
    """Notes what the steps are called with, while it is on; a step within a step belongs to the outer one."""

    def __init__(self) -> None:
        self.on = False
        self.steps = {name: Step() for name in STEPS}
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

    def interceptor(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what stands in for an interceptor: it notes what its handler does by itself."""

        def fold(interceptor: Any, proceed: Any, method: Any) -> Any:
            handler = function(interceptor, proceed, method)
            if handler is proceed:
                return proceed
            alone = function(interceptor, _nothing, method)

            async def handle(call: Any, exchange: Any) -> None:
                if self.on:
                    self.steps[step].invocations.append((alone, (call, exchange), {}))
                await handler(call, exchange)

            return handle

        return fold

    def check(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return what stands in for what makes the check of a method."""

        def make(owner: Any, method: Any) -> Any:
            return self.wrapped(step, function(owner, method))

        return make


async def _nothing(call: Any, exchange: Any) -> None:
    """Follow an interceptor that is run alone."""


@contextmanager
def stand_ins(recording: Recording) -> Iterator[None]:
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
            if path in _INTERCEPTORS:
                stand_in = recording.interceptor(step, function)
            elif path in _CHECKS:
                stand_in = recording.check(step, function)
            else:
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
