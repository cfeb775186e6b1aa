"""A client in Python, of grpcio and what grpcio-tools generates of the set for clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from triptych_client.descriptor_set import files_of

_ROOT: Final = Path(__file__).parents[1]
_SET: Final = _ROOT / "gen/triptych-client.binpb"
_CLIENT: Final = _ROOT / "interop/python-grpcio/client.py"
_CHECKS: Final = 3
_SECONDS: Final = 120


def run_python(grpc: str, folder: Path) -> dict[str, Counter[str]]:
    """Generate and run it; return how many checks came to a good end.

    Args:
        grpc: The address of the gRPC port, as `127.0.0.1:50051`.
        folder: Where to generate.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = [file.name for file in files_of(_SET.read_bytes()) if not file.name.startswith("google/")]
    outputs = [f"--{kind}_out={folder}" for kind in ("python", "pyi", "grpc_python")]
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={_SET}", *outputs]
    subprocess.run([*protoc, *names], check=True, timeout=_SECONDS)
    done = subprocess.run(
        [sys.executable, _CLIENT, grpc],
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_SECONDS,
    )
    passed = len(done.stdout.split())
    return {"grpcio (Python)": Counter({"pass": passed, "fail": _CHECKS - passed})}
