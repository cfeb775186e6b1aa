"""The Python examples of the README, run: what they print must be what their comments say."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.apps import running_app
from triptych.app.lifecycle import App

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text().partition("\n## Call it from Python\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture(scope="module")
async def app() -> AsyncIterator[App]:
    """Serve the data that the README's examples are about."""
    async with running_app(token=None, seed=ROOT / "examples/seed.yaml") as app:
        yield app


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES)
async def test_an_example_prints_what_it_says(
    app: App, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPTYCH_TOKEN", "triptych-admin-token")
    monkeypatch.chdir(ROOT)
    expected = re.findall(r"print\(.*\)  # (.*)", example)
    assert expected
    source = example.replace("Client(token", 'Client("http://127.0.0.1:8080", token')
    source = source.replace("127.0.0.1:8080", f"127.0.0.1:{app.http.port}")
    source = source.replace("127.0.0.1:50051", f"127.0.0.1:{app.grpc.port}")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        await asyncio.to_thread(exec, compile(source, "README.md", "exec"), {"__name__": "example"})
    assert printed.getvalue().splitlines() == expected
