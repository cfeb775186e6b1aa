from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from triptych.observability.line_writer import LineWriter

SECONDS = 30


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_lines_come_in_order_and_whole(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = LineWriter(writing)
    lines = [f"{number} {'x' * 100}\n" for number in range(3000)]  # more than a pipe holds
    for line in lines:
        writer.write(line)
    expected = "".join(lines).encode()
    assert read(reading, len(expected)) == expected
    assert writer.dropped == 0


def read(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(descriptor, size - len(data))
    return data


def test_nobody_waits_for_a_pipe_that_is_full(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = LineWriter(writing, most_waiting=1000)
    told = threading.Event()
    writer.on_drop = told.set
    big = "x" * 999_999 + "\n"
    assert LineWriter(writing, most_waiting=10).write("longer than that\n")
    writer.write("x" * 999 + "\n")
    while not writer.dropped:
        writer.write("y" * 499 + "\nz\n")
    dropped = writer.dropped
    assert dropped == 2
    assert not told.is_set()
    writer.write(big)
    assert writer.dropped == dropped + 1
    writer.close(seconds=0.01)  # nobody reads: it gives up
    while not told.is_set():
        assert read(reading, 1)
    assert writer.dropped == dropped + 1


def test_what_cannot_be_written_is_counted(pipe: tuple[int, int]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = LineWriter(writing)
    writer.write("a\nb\n")
    writer.close(SECONDS)
    assert writer.dropped == 2
    os.close(writing)


def test_a_pipe_that_somebody_else_made_non_blocking(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    writer = LineWriter(writing)
    text = ("x" * 99 + "\n") * 10_000
    writer.write(text)
    assert read(reading, len(text)) == text.encode()
    assert writer.dropped == 0


_WRITE: Final = """
import sys
from triptych.observability.line_writer import LineWriter
lines = LineWriter(1, lock=int(sys.argv[2]) if len(sys.argv) > 2 else None)
print("ready", file=sys.stderr, flush=True)
sys.stdin.read()
for _ in range(20):
    lines.write(sys.argv[1] * 200_000 + "\\n")
lines.close(30)
"""


def test_lines_of_several_processes_do_not_get_into_each_other() -> None:
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as lock:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITE, letter, str(lock.fileno())],
                stdin=subprocess.PIPE,
                stdout=writing,
                stderr=subprocess.PIPE,
                pass_fds=(lock.fileno(),),
            )
            for letter in "abc"
        ]
        os.close(writing)
        for process in processes:
            assert process.stderr is not None
            assert process.stderr.readline() == b"ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        text = b""
        while piece := os.read(reading, 1 << 16):
            text += piece
        os.close(reading)
        for process in processes:
            assert process.wait() == 0
            assert process.stderr is not None
            process.stderr.close()
    assert Counter(text.splitlines()) == {letter.encode() * 200_000: 20 for letter in "abc"}
