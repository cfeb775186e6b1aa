"""The machine that was measured on, and what ran there."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from tools.toolchains import go


def description() -> str:
    """Return one sentence: processor, cores, system, and the versions that matter."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    shown = subprocess.run([go(), "version"], check=True, capture_output=True, text=True).stdout
    programs = [
        f"Python {platform.python_version()}",
        f"Go {shown.split()[2].removeprefix('go')}",
        *(f"{name} {version(name)}" for name in ("uvicorn", "connectrpc", "grpcio")),
    ]
    processor = model[1].strip() if model else platform.machine()
    cores = os.cpu_count()
    return f"{processor}, {cores} cores, {platform.system()} {platform.release()}; {', '.join(programs)}"
