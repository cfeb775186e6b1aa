"""Two clients in Python: grpcio with what mypy-protobuf adds to it, and betterproto2. Checked, then run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from triptych_client.descriptor_set import below, descriptor_set, files_of

_FOLDER: Final = Path(__file__).parent
_SET: Final = _FOLDER.parent / "gen/triptych-client.binpb"
_PACKAGE: Final = "contract"
_SECONDS: Final = 600


def run_grpcio(http: str, grpc: str, work: Path) -> dict[str, Counter[str]]:
    """Generate with grpcio-tools and mypy-protobuf, in an environment that has gitpod-sdk too; check and run.

    Args:
        http: The base URL of the HTTP port, which the SDK calls.
        grpc: The address of the gRPC port, as `127.0.0.1:50051`.
        work: Where to make the environment, and to generate.

    Returns:
        How the checks ended.
    """
    bin_folder = _environment("python-grpcio", work)
    files = below(_PACKAGE, files_of(_SET.read_bytes()))
    names = [file.name for file in files if not file.name.startswith("google/")]
    target = _emptied(work / "generated")
    (work / "client.binpb").write_bytes(descriptor_set(files))
    outputs = [f"--{kind}_out={target}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    _protoc(bin_folder, work / "client.binpb", [*outputs, *names])
    return {"grpcio (Python)": _checked("python-grpcio", bin_folder, target, [grpc, http])}


def run_betterproto2(grpc: str, work: Path) -> dict[str, Counter[str]]:
    """Generate with betterproto2: errors too, and its default client, which is one of grpcio; check and run.

    Args:
        grpc: The address of the gRPC port, as `127.0.0.1:50051`.
        work: Where to make the environment, and to generate.

    Returns:
        How the checks ended.
    """
    bin_folder = _environment("python-betterproto2", work)
    names = [file.name for file in files_of(_SET.read_bytes())]
    target = _emptied(work / "generated")
    (target / _PACKAGE).mkdir()
    plugin = _FOLDER / "python-betterproto2/plugin.py"
    options = [f"--plugin=protoc-gen-python_betterproto2={plugin}"]
    options += [f"--python_betterproto2_out={target / _PACKAGE}"]
    # The plugin adds those itself, and cannot do without them.
    mine = [name for name in names if not name.startswith("google/protobuf/")]
    _protoc(bin_folder, _SET, [*options, *mine])
    return {"betterproto2": _checked("python-betterproto2", bin_folder, target, [grpc])}


def _environment(name: str, work: Path) -> Path:
    """Return the folder of programs of an environment with the pins of a client; made if these changed."""
    requirements = _FOLDER / name / "requirements.txt"
    folder = work / "venv"
    stamp, wanted = folder / "stamp", f"{sys.version}\n{requirements.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(requirements)], check=True, timeout=_SECONDS)
        stamp.write_text(wanted)
    return folder / "bin"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _protoc(bin_folder: Path, image: Path, arguments: Sequence[str]) -> None:
    """Run protoc of grpcio-tools where it finds the plugins, and these what they are run with."""
    subprocess.run(
        [bin_folder / "python", "-m", "grpc_tools.protoc", f"--descriptor_set_in={image}", *arguments],
        env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
    )


def _checked(name: str, bin_folder: Path, generated: Path, arguments: Sequence[str]) -> Counter[str]:
    """Let mypy judge a client, run it, and count what it says about each of its checks."""
    client = _FOLDER / name / "client.py"
    environment = {**os.environ, "MYPYPATH": str(generated), "PYTHONPATH": str(generated)}
    config = [f"--config-file={client.with_name('mypy.ini')}", f"--cache-dir={os.devnull}"]
    mypy = [str(bin_folder / "mypy"), *config, str(client)]
    python = [str(bin_folder / "python"), "-W", "error", str(client), *arguments]
    ended: Counter[str] = Counter()
    for command in (mypy, python):
        done = subprocess.run(
            command,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        ended["pass"] += sum(line.startswith("ok - ") for line in done.stdout.splitlines())
        if done.returncode:
            print(done.stdout, file=sys.stderr)
            ended["fail"] += 1
    return ended if ended["pass"] else ended + Counter(fail=1)
