"""The cases of HTTP framing in tests/http, counted for each port."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.score import Score

_ROOT = Path(__file__).resolve().parent.parent
_SUITE = "HTTP framing"
_HTTP_2 = "test_http2"


def run() -> list[Score]:
    """Run the cases and return one score for HTTP/1.1 on the HTTP port, and one for HTTP/2 on the gRPC port.

    Raises:
        RuntimeError: No case was run; the text is what pytest wrote.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/http", f"--junit-xml={report}"],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"the cases of HTTP framing were not run: {done.stdout}{done.stderr}")
        cases = list(ET.parse(report).iter("testcase"))
    if not cases:
        raise RuntimeError(f"there are no cases of HTTP framing: {done.stdout}{done.stderr}")
    return [
        _score("HTTP port", "1.1", [case for case in cases if not _is_http_2(case)]),
        _score("gRPC port", "2", [case for case in cases if _is_http_2(case)]),
    ]


def _is_http_2(case: ET.Element) -> bool:
    return _HTTP_2 in case.get("classname", "")


def _score(transport: str, http: str, cases: list[ET.Element]) -> Score:
    # An error while a case is set up or torn down is another entry of the same name.
    names = {_name(case) for case in cases}
    failures = sorted({_name(case) for case in cases if _went_wrong(case)})
    return Score(_SUITE, "server", transport, http, len(names) - len(failures), len(names), tuple(failures))


def _went_wrong(case: ET.Element) -> bool:
    return any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"
