"""How often a long command tells how far it is."""

from __future__ import annotations

import io

import pytest

from triptych.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "seconds", "expected"),
    [
        (io.StringIO(), 1.0, "5 lines\n10 lines\ndone\n"),
        (Terminal(), 4.0, "\r" + "\r".join(f"{n} lines" for n in range(1, 12)) + "\rdone    \r    \r"),
    ],
)
def test_progress(stream: io.StringIO, seconds: float, expected: str) -> None:
    now = 0.0
    progress = Progress(stream, lambda: now)
    for count in range(1, 12):
        now += seconds
        progress.tell(f"{count} lines")
        progress.tell(f"{count} lines too soon")
    progress.tell("done", at_once=True)
    progress.close()
    assert stream.getvalue() == expected
