"""The client on grpc-java's OkHttp transport: generated and compiled by Maven, and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from tools import bundle_protos
from tools.toolchains import maven

_FOLDER: Final = Path(__file__).parent / "java"
_LABEL: Final = "grpc-java, OkHttp"
_TOKEN: Final = "triptych-admin-token"
_SECONDS: Final = 600
# How Maven tells that a registry has no such artifact, or cannot be reached.
_LACKING: Final = re.compile(r"Could not (?:find|transfer) artifact|could not be resolved")


def compile_java() -> bool:
    """Generate and compile it from the folder that `make protos` makes.

    Returns False if there is no Maven, or its registry lacks what the client is made with.

    Raises:
        subprocess.CalledProcessError: Maven failed.
    """
    program = maven()
    if program is None:
        return False
    bundle_protos.main()
    command = [program, "-q", "-B", "compile", f"-Dproto={bundle_protos.FOLDER}"]
    done = subprocess.run(
        command, cwd=_FOLDER, check=False, stdout=subprocess.PIPE, text=True, timeout=_SECONDS
    )
    if done.returncode and _LACKING.search(done.stdout):
        return False
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise subprocess.CalledProcessError(done.returncode, command)
    return True


def run_java(target: str) -> dict[str, Counter[str]]:
    """Run what was compiled against a gRPC port, as `127.0.0.1:50051`; return how its scenarios ended."""
    classes = _FOLDER / "target/classes"
    path = f"{classes}{os.pathsep}{(_FOLDER / 'target/classpath').read_text()}"
    done = subprocess.run(
        ["java", "-cp", path, "interop.Main", target, _TOKEN],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_SECONDS,
    )
    ended = re.findall(r"^(not )?ok - ", done.stdout, re.MULTILINE)
    counted = Counter("fail" if failed else "pass" for failed in ended)
    if counted["fail"] or not counted["pass"]:
        print(done.stdout, file=sys.stderr)
    return {_LABEL: counted or Counter(fail=1)}
