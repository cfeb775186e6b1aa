"""Clients that the commands in docs/clients.md generate, compile and run, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.toolchains import debian_folder

_HERE: Final = Path(__file__).parent
_DOCUMENT: Final = _HERE.parent / "docs/clients.md"
# One that is cold fetches and compiles what it needs.
_SECONDS: Final = 1800
# How Maven and Cargo tell that a registry has no such package, or cannot be reached.
_LACKING: Final = re.compile(
    r"Could not (?:find|transfer) artifact|could not be resolved|failed to (?:download|get) .* from"
)


@dataclass(frozen=True)
class Documented:
    """A client with a section of the document and a folder here, where the first commands of it are run.

    Attributes:
        label: What the table of results calls it.
        section: The heading in the document.
        folder: The name of the folder here.
        programs: What it needs on the PATH; without one of them it is not to be had.
        environment: Returns what its commands need in their environment, None if that is not to be had.
    """

    label: str
    section: str
    folder: str
    programs: tuple[str, ...]
    environment: Callable[[], Mapping[str, str] | None] = dict

    def run(self, http: str, grpc: str) -> dict[str, Counter[str]]:
        """Run its commands; return how its scenarios ended, nothing if it is not to be had.

        Args:
            http: The address of the HTTP port, as `127.0.0.1:8080`.
            grpc: That of the gRPC port.
        """
        environment = self.environment() if all(map(shutil.which, self.programs)) else None
        if environment is None:
            return {self.label: Counter()}
        script = commands(self.section).replace("127.0.0.1:8080", http).replace("127.0.0.1:50051", grpc)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=_HERE / self.folder,
            env={**os.environ, **environment},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        if done.returncode and _LACKING.search(done.stdout):
            return {self.label: Counter()}
        ended = re.findall(r"^(not )?ok - ", done.stdout, re.MULTILINE)
        counted = Counter("fail" if failed else "pass" for failed in ended)
        counted["fail"] += bool(done.returncode or not counted)
        if counted["fail"]:
            print(done.stdout, file=sys.stderr)
        return {self.label: counted}


def commands(section: str) -> str:
    """Return the first commands below a heading of the document.

    Raises:
        LookupError: There is no such heading, or no command below it.
    """
    pattern = rf"^## {re.escape(section)}\n(?:(?!## |```)[^\n]*\n)*```sh\n(.*?)^```$"
    found = re.search(pattern, _DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{_DOCUMENT.name} has no commands for {section}")
    return found[1]


def debian_grpc() -> Mapping[str, str] | None:
    """Return the environment in which compilers and CMake find what the section C++ has apt-get install."""
    folder = debian_folder("grpc++", "libgrpc++-dev", "protobuf-compiler", "protobuf-compiler-grpc")
    if folder is None:
        return None
    libraries = os.pathsep.join(map(str, (folder / "usr/lib").glob("*-linux-gnu")))
    return {
        "PATH": f"{folder / 'usr/bin'}{os.pathsep}{os.environ['PATH']}",
        "CMAKE_PREFIX_PATH": str(folder / "usr"),
        "CPATH": str(folder / "usr/include"),
        "LIBRARY_PATH": libraries,
        "LD_LIBRARY_PATH": libraries,
    }


CLIENTS: Final = (Documented("grpc-java, OkHttp", "Java", "java", ("mvn", "java")),)
"""Those of `make interop`, in the order of the table."""

SLOW_CLIENTS: Final = (
    Documented("tonic (Rust)", "Rust", "rust", ("cargo",)),
    Documented("grpc++ (C++)", "C++", "cpp", ("c++", "cmake"), debian_grpc),
    Documented("connect-kotlin", "Kotlin", "kotlin", ("mvn", "java")),
)
"""Those of `make interop-all`, which take minutes to fetch and compile."""
