"""Fetch third-party .proto files, each from a released package.

third_party/, which is committed, has what proto/ imports, and google/rpc: google/* comes with the Python
package googleapis-common-protos, buf/validate is in a Go module. What the Connect conformance suite calls
goes into .deps/, from a Go module too. gRPC's own services are in no package as .proto files: the descriptors
are in .deps/grpc.binpb.
"""

from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import files
from pathlib import Path

from toolchains import CONNECT_CONFORMANCE, go

DEPS = Path(".deps")
THIRD_PARTY = Path("third_party")
GOOGLE_PACKAGE = "googleapis-common-protos"
GOOGLE = [f"google/api/{name}.proto" for name in ("annotations", "http")] + [
    f"google/rpc/{name}.proto" for name in ("code", "error_details", "status")
]
PROTOVALIDATE = "github.com/bufbuild/protovalidate@v1.2.2"
CONFORMANCE = f"connectrpc.com/conformance@{CONNECT_CONFORMANCE}"


def main() -> None:
    """Fetch them all; with --check, only tell whether third_party/ is what was released."""
    if "--check" in sys.argv:
        check()
        return
    fetch_third_party(THIRD_PARTY)
    for name in ("client_compat", "config", "server_compat", "service"):
        path = f"connectrpc/conformance/v1/{name}.proto"
        copy(go_module(CONFORMANCE) / "proto" / path, DEPS / path)
    (DEPS / "buf.yaml").write_text("version: v2\n")
    descriptors = subprocess.run(
        [go(), "run", "."], check=True, stdout=subprocess.PIPE, cwd="tools/grpc_descriptors"
    )
    (DEPS / "grpc.binpb").write_bytes(descriptors.stdout)


def check() -> None:
    """Fail if third_party/ is not what was released."""
    with tempfile.TemporaryDirectory() as folder:
        names = fetch_third_party(Path(folder))
        _, changed, missing = filecmp.cmpfiles(THIRD_PARTY, folder, names, shallow=False)
    if changed or missing:
        sys.exit("\n".join(["third_party/ is not what was released:", *changed, *missing]))


def fetch_third_party(folder: Path) -> list[str]:
    """Copy the files of third_party/, as they were released, into a folder; return their names."""
    sources = third_party_files()
    for source, name in sources:
        copy(source, folder / name)
    return [name for _, name in sources]


def third_party_files() -> list[tuple[Path, str]]:
    """Return the files of third_party/ as they were released, and their names there."""
    google = {str(path): Path(str(path.locate())) for path in files(GOOGLE_PACKAGE) or ()}
    licence = next(path for name, path in google.items() if name.endswith("/LICENSE"))
    validate = go_module(PROTOVALIDATE)
    return [
        *((google[name], name) for name in GOOGLE),
        (licence, "google/LICENSE"),
        (validate / "proto/protovalidate/buf/validate/validate.proto", "buf/validate/validate.proto"),
        (validate / "LICENSE", "buf/LICENSE"),
    ]


def go_module(module: str) -> Path:
    """Download a Go module and return its folder."""
    download = subprocess.run(
        [go(), "mod", "download", "-json", module], check=True, stdout=subprocess.PIPE, cwd="/"
    )
    return Path(json.loads(download.stdout)["Dir"])


def copy(source: Path, target: Path) -> None:
    """Copy a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
