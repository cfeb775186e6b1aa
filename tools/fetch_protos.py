"""Fetch third-party .proto files into .deps/, each from a released package.

google/api and google/rpc come with the Python package googleapis-common-protos; buf/validate and the services
of the Connect conformance suite are in Go modules, which any Go can download.
gRPC's own services are in no package as .proto files: .deps/grpc.binpb has their descriptors.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from toolchains import CONNECT_CONFORMANCE, go

DEPS = Path(".deps")
GOOGLE = [f"google/api/{name}.proto" for name in ("annotations", "http")] + [
    f"google/rpc/{name}.proto" for name in ("code", "error_details", "status")
]
# Go modules, the folder of each that is an import root, and the files below it.
MODULES = [
    ("github.com/bufbuild/protovalidate@v1.2.2", "proto/protovalidate", ["buf/validate/validate.proto"]),
    (
        f"connectrpc.com/conformance@{CONNECT_CONFORMANCE}",
        "proto",
        [
            f"connectrpc/conformance/v1/{name}.proto"
            for name in ("client_compat", "config", "server_compat", "service")
        ],
    ),
]


def main() -> None:
    """Fetch them all."""
    spec = find_spec("google.rpc")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("googleapis-common-protos is not installed")
    site_packages = Path(next(iter(spec.submodule_search_locations))).parents[1]
    for name in GOOGLE:
        copy(site_packages / name, name)
    for module, root, names in MODULES:
        folder = go_module(module) / root
        for name in names:
            copy(folder / name, name)
    descriptors = subprocess.run(
        [go(), "run", "."], check=True, stdout=subprocess.PIPE, cwd="tools/grpc_descriptors"
    )
    (DEPS / "grpc.binpb").write_bytes(descriptors.stdout)


def go_module(module: str) -> Path:
    """Download a Go module and return its folder."""
    download = subprocess.run(
        [go(), "mod", "download", "-json", module], check=True, stdout=subprocess.PIPE, cwd="/"
    )
    return Path(json.loads(download.stdout)["Dir"])


def copy(source: Path, name: str) -> None:
    """Copy a file to .deps/."""
    target = DEPS / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
