"""Log lines on stderr: for people on a terminal, JSON otherwise; one line a call.

Secrets never get here: calls are logged by what the server knows of them, not by their headers or bodies. No
field is longer than a bound, whoever chose what is in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from functools import lru_cache
from typing import Any, Final, Literal, TextIO

from triptych.errors import Code
from triptych.observability.line_writer import LineWriter
from triptych.rpc.call import Call

Format = Literal["auto", "text", "json"]

_logger = logging.getLogger("triptych")

_LEVELS: Final = {logging.INFO: "info", logging.ERROR: "error"}
_FLUSH_SECONDS: Final = 0.05
_MAX_FIELD: Final = 500  # characters of what a client chose, in the line of a call
_MAX_MESSAGE: Final = 4_000
_MAX_EXCEPTION: Final = 16_000
STDERR: Final = 2
_SERVER_FAULTS: Final = frozenset({Code.UNKNOWN, Code.INTERNAL, Code.DATA_LOSS})


def configure(
    format: Format,
    level: str,
    stream: TextIO | LineWriter | None = None,
    worker: int | None = None,
) -> CallLogger:
    """Set up logging for the process and return what writes the lines of calls.

    Args:
        format: "text" or "json"; "auto" means text if `stream` is a terminal.
        level: The least level that is written: debug, info, warning or error.
        stream: Where lines go; to stderr if None, by a thread, so that nobody waits for whoever reads them.
        worker: The id of this process among those that serve together, which each line tells; None if it is
            alone.
    """
    stream = stream or LineWriter(STDERR)
    text = format == "text" or (format == "auto" and stream.isatty())
    handler: logging.StreamHandler[Any] = logging.StreamHandler(stream)
    handler.setFormatter(_TextFormatter(worker) if text else _JsonFormatter(worker))
    if isinstance(stream, LineWriter):
        stream.on_drop = lambda: _logger.warning(
            "log lines are dropped: they cannot be written, or not fast enough; "
            "the metric triptych_log_lines_dropped_total counts them"
        )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # grpcio logs the whole value of a header that it cannot decode: that may be a token.
    logging.getLogger("grpc._cython.cygrpc").addFilter(
        lambda record: not record.getMessage().startswith("Invalid encoding on")
    )
    _logger.setLevel(level.upper())
    return CallLogger(stream, text=text, level=_logger.level, worker=worker)


class CallLogger:
    """Writes one line a call, several lines at a time: a write for each would cost more than the call."""

    def __init__(
        self, stream: TextIO | LineWriter, *, text: bool, level: int, worker: int | None = None
    ) -> None:
        self._stream = stream
        self._line = _text_line if text else _json_line
        self._worker = "" if worker is None else f" worker={worker}" if text else f', "worker": {worker}'
        self._level = level
        self._lines: list[str] = []

    def write(self, call: Call, nanoseconds: int) -> None:
        """Note a call that took so long. The line is out within 50 ms."""
        error = call.error
        level = logging.ERROR if error is not None and error.code in _SERVER_FAULTS else logging.INFO
        if level < self._level:
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        self._lines.append(self._line(call, level, nanoseconds, self._worker))

    @property
    def dropped(self) -> int:
        """How many lines were not written, as nobody took them."""
        return self._stream.dropped if isinstance(self._stream, LineWriter) else 0

    def close(self) -> None:
        """Write what waits, as far as somebody takes it soon."""
        self.flush()
        if isinstance(self._stream, LineWriter):
            self._stream.close()

    def flush(self) -> None:
        """Write what waits."""
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write("".join(lines))
            self._stream.flush()


def _json_line(call: Call, level: int, nanoseconds: int, worker: str) -> str:
    now = time.time()
    # Written by hand: only what clients choose freely can need escapes, and a call has little of that.
    error = f', "error": {json.dumps(_short(call.error.message))}' if call.error else ""
    method = json.dumps(_short(call.method.path)) if call.method.refusal else f'"{call.method.path}"'
    code = "ok" if call.error is None else call.error.code.name.lower()
    return (
        f'{{"time": "{_to_the_second(int(now))}.{int(now % 1 * 1000):03}Z", '
        f'"level": "{_LEVELS[level]}", "message": "call", '
        f'"method": {method}, "transport": "{call.transport}", "code": "{code}", '
        f'"duration_ms": {nanoseconds / 1e6:.3f}, "caller": "{call.caller_id}", '
        f'"request_id": "{call.request_id}", "peer": "{call.peer[:_MAX_FIELD]}"{worker}{error}}}\n'
    )


def _text_line(call: Call, level: int, nanoseconds: int, worker: str) -> str:
    error = f": {_printable(_short(call.error.message))}" if call.error else ""
    return (
        f"{_time(time.time())} {logging.getLevelName(level):<7} {call.code.name.lower():<18} "
        f"{_printable(_short(call.method.path))} {call.transport} {nanoseconds / 1e6:.2f} ms "
        f"caller={call.caller_id or '-'} request={call.request_id}{worker}{error}\n"
    )


def _short(text: str, most: int = _MAX_FIELD) -> str:
    """Cut the middle out of a text that is too long: an exception is told by its last lines."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}[{len(text) - most} more characters]{text[most // 2 - most :]}"


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _time(seconds: float) -> str:
    whole = int(seconds)
    return f"{_to_the_second(whole)}.{int((seconds - whole) * 1000):03}Z"


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


class _TextFormatter(logging.Formatter):
    def __init__(self, worker: int | None) -> None:
        super().__init__()
        self._worker = "" if worker is None else f" worker={worker}"

    def format(self, record: logging.LogRecord) -> str:
        message = _short(record.getMessage(), _MAX_MESSAGE)
        text = f"{_time(record.created)} {record.levelname:<7} {message}{self._worker}"
        return f"{text}\n{_exception(self, record)}" if record.exc_info else text


class _JsonFormatter(logging.Formatter):
    def __init__(self, worker: int | None) -> None:
        super().__init__()
        self._worker = {} if worker is None else {"worker": worker}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
            "message": _short(record.getMessage(), _MAX_MESSAGE),
            "logger": _short(record.name),
            **self._worker,
        }
        if record.exc_info:
            line["exception"] = _exception(self, record)
        return json.dumps(line)


def _exception(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return _short(formatter.formatException(record.exc_info), _MAX_EXCEPTION) if record.exc_info else ""
