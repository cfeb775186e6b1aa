"""docs/architecture.md tells the way of a call as it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop

from bench.in_process import in_process

DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


def told() -> list[tuple[str, str]]:
    """Return the file and the function of each line of the walk."""
    walk = re.search(r"<!-- walk: begin -->\n```\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert walk is not None
    return re.findall(r"^(\S+) +(\S+)$", walk[1], re.MULTILINE)


async def walked() -> list[tuple[str, str]]:
    """Return the file and the function of each call of ours that a warm GetProject makes."""
    async with in_process() as server:
        request = server.requests["connect-json/get"]
        await server.ask(request)
        await server.settle()
        calls: list[tuple[str, str]] = []

        def note(frame: FrameType, event: str, argument: Any) -> None:
            _, ours, file = frame.f_code.co_filename.rpartition("/server/triptych/")
            if event == "call" and ours:
                calls.append((file, frame.f_code.co_qualname))

        sys.setprofile(note)
        try:
            await server.ask(request)
        finally:
            sys.setprofile(None)
        return calls


def test_the_walk_of_a_call_is_what_a_debugger_shows() -> None:
    calls = iter(uvloop.run(walked()))
    lines = told()
    assert len(lines) > 20
    for file, function in lines:
        assert (file, function) in calls, f"{function} of {file} is not called there"
