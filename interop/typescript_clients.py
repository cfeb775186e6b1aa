"""Clients of gRPC in TypeScript beside connect-es: nice-grpc with ts-proto, and grpc-js with proto-loader."""

from __future__ import annotations

import os
import shutil
from typing import Final

from interop.programs import ROOT, Results, run, run_node, tsc
from tools import bundle_protos
from tools.toolchains import npm_install

_NICE: Final = ROOT / "interop/ts-proto"
_JS: Final = ROOT / "interop/ts-grpc-js"
_SET: Final = ROOT / "gen/triptych-client.binpb"
# proto-loader-gen-types reads .proto files only; those of services, and those of errors.
_FILES: Final = (
    "gitpod/v1/project_service.proto",
    "gitpod/v1/user_service.proto",
    "factify/api/v1beta/document_service.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
)


def prepare_typescript() -> None:
    """Install the packages, generate, and compile.

    Raises:
        subprocess.CalledProcessError: A command failed; what it wrote is printed.
    """
    for folder in (_NICE, _JS):
        npm_install(folder)
        shutil.rmtree(folder / "gen", ignore_errors=True)
    template = ROOT / "templates/buf.gen.ts-proto.yaml"
    run("buf", "generate", _SET, "--template", template, cwd=_NICE)
    bundle_protos.main()
    program = _JS / "node_modules/.bin/proto-loader-gen-types"
    options = ["--grpcLib=@grpc/grpc-js", "--keepCase", "--longs=String", "--enums=String", "--arrays"]
    options += ["--importFileExtension=.js", f"--includeDirs={bundle_protos.FOLDER}", "--outDir=gen"]
    run(program, *options, *_FILES, cwd=_JS)
    for folder in (_NICE, _JS):
        tsc(folder)


def run_typescript() -> Results:
    """Run them against the port that TRIPTYCH_GRPC names; return how their checks ended."""
    os.environ["TRIPTYCH_SET"] = str(_SET)
    clients = {"ts-proto": _NICE, "grpc-js": _JS}
    return {
        label: counted
        for name, folder in clients.items()
        for label, counted in run_node(name, folder, "dist/src/*.test.js").items()
    }
