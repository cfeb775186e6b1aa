"""Whatever a client sends, a log line stays short."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from triptych.errors import Code, RpcError
from triptych.observability import logs
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych_api.google.rpc.status_pb import Status

LONG = "/" + "x" * 100_000


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Leave the loggers of the process as they were."""
    root, own = logging.getLogger(), logging.getLogger("triptych")
    before = root.handlers[:], root.level, own.level
    yield
    root.handlers, root.level, own.level = before


def refused_call() -> Call:
    async def nothing(*_: object) -> None:
        return None

    error = RpcError(Code.UNIMPLEMENTED, LONG)
    method = Method(
        service="", name=LONG, kind="unary", input=Status, output=Status, no_side_effects=False,
        needs_token=False, function=nothing, refusal=error,
    )  # fmt: skip
    call = Call(method, "rest", {}, given_id="y" * 100_000, peer=LONG)
    call.error = error
    return call


@pytest.mark.parametrize("text", [True, False])
async def test_the_line_of_a_call(text: bool) -> None:
    stream = io.StringIO()
    logger = logs.CallLogger(stream, text=text, level=logging.INFO)
    logger.write(refused_call(), 1)
    logger.flush()
    line = stream.getvalue()
    assert "x[" in line
    assert "more characters]x" in line
    assert len(line) < 2500
    if not text:
        assert json.loads(line)["code"] == "unimplemented"


def fail(text: str) -> None:
    raise ValueError(text)


@pytest.mark.parametrize("format", ["text", "json"])
def test_any_other_line(format: logs.Format) -> None:
    stream = io.StringIO()
    logs.configure(format, "info", stream)
    try:
        fail(LONG + "the end")
    except ValueError:
        logging.getLogger("triptych").exception("failed: %s", LONG)
    line = stream.getvalue()
    assert "Traceback" in line
    assert "the end" in line
    assert len(line) < 21_000


def test_a_short_line_is_whole() -> None:
    stream = io.StringIO()
    logs.configure("json", "info", stream)
    logging.getLogger("triptych").warning("all of it")
    assert json.loads(stream.getvalue())["message"] == "all of it"
