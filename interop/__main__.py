"""Generate clients in Go, TypeScript, Java and Python, and run them; calls through proxies, and a vendor SDK.

Usage: python -m interop [--all] [--sdk VERSION=SPEC ...]; --all also runs the clients that take minutes to
compile. SPEC is where npm finds a release that its registry lacks, as file:FOLDER. A client or a release
that is not to be had is shown as such, and fails nothing.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance.servers import triptych
from interop.documented import CLIENTS, SLOW_CLIENTS
from interop.programs import ROOT, SECONDS, TS, Results, run, run_node, tsc
from interop.python_clients import run_betterproto2, run_grpcio
from interop.through_proxies import run_proxies
from interop.typescript_clients import prepare_typescript, run_typescript
from tools.toolchains import GO_PLUGINS, PLAIN_PLUGINS, go, go_tool, node, npm_install
from triptych_client.descriptor_set import descriptor_set, files_of

WORK: Final = ROOT / ".cache/interop"
GO: Final = ROOT / "interop/go"
WEB: Final = ROOT / "interop/ts-web"
SDK: Final = ROOT / "interop/ts-sdk"
TEMPLATES: Final = ROOT / "templates"
CONTRACT: Final = ("proto/gitpod", "proto/factify")
# Go has these in a module that grpc-go needs anyway.
ERROR_DETAILS: Final = "third_party/google/rpc"


def main() -> None:
    """Run all, print a table, and fail if anything did."""
    parser = argparse.ArgumentParser(prog="make interop", description=__doc__)
    parser.add_argument("--sdk", action="append", default=[], metavar="VERSION=SPEC")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    specs = dict(text.split("=", 1) for text in options.sdk)
    os.chdir(ROOT)
    WORK.mkdir(parents=True, exist_ok=True)
    programs = [sys.executable, node(), go(), *(str(go_tool(plugin)) for plugin in GO_PLUGINS)]
    path = [str(Path(program).parent) for program in programs]
    os.environ["PATH"] = os.pathsep.join([*path, os.environ["PATH"]])
    npm_install(TS)
    npm_install(WEB)
    generate()
    run("go", "vet", ".", cwd=GO)
    tsc(TS)
    tsc(WEB)
    prepare_typescript()
    releases = {version: checks for version, checks in wanted() if prepare(version, checks, specs)}
    results = run_plain_protoc()
    with triptych("--seed=examples/seed.yaml", "--conformance") as server:
        os.environ["TRIPTYCH_HTTP"] = f"http://127.0.0.1:{server.http_port}"
        os.environ["TRIPTYCH_GRPC"] = f"127.0.0.1:{server.grpc_port}"
        results |= run_go()
        results |= run_grpcio(os.environ["TRIPTYCH_HTTP"], os.environ["TRIPTYCH_GRPC"], WORK / "grpcio")
        results |= run_betterproto2(os.environ["TRIPTYCH_GRPC"], WORK / "betterproto2")
        results |= run_node("connect-es", TS, "dist/src/*.test.js")
        results |= run_node("web", WEB, "dist/src/*.test.js")
        results |= run_typescript()
        for client in (*CLIENTS, *(SLOW_CLIENTS if options.all else ())):
            results |= client.run(f"127.0.0.1:{server.http_port}", os.environ["TRIPTYCH_GRPC"])
        results |= run_proxies(f"127.0.0.1:{server.http_port}", os.environ["TRIPTYCH_GRPC"])
        for version in releases:
            results |= run_node(f"@gitpod/sdk {version}", WORK / "sdk" / version, "dist/*.test.js")
    for version, _ in wanted():
        if version not in releases:
            results[f"@gitpod/sdk {version}"] = Counter()
    sys.exit(show(results))


def generate() -> None:
    """Generate the clients; check that the folder and the descriptor set of the contract give the same."""
    for language, folder, roots in (("go", GO, CONTRACT), ("ts", TS, (*CONTRACT, ERROR_DETAILS))):
        image = WORK / f"{language}.binpb"
        suite = WORK / "suite.binpb"
        run("buf", "build", ".", *(f"--path={root}" for root in roots), "-o", image)
        run("buf", "build", ".deps", "-o", suite)  # its service has every kind of rpc
        both = [*files_of(image.read_bytes()), *files_of(suite.read_bytes())]
        image.write_bytes(descriptor_set(both))
        template = TEMPLATES / f"buf.gen.{language}.yaml"
        shutil.rmtree(folder / "gen", ignore_errors=True)
        # The plugin of TypeScript is where its package.json is, so that is where buf runs.
        run("buf", "generate", image, "--template", template, cwd=folder)
        for source in (ROOT / "proto", ROOT / "gen/triptych.binpb"):
            other = WORK / "generated" / language / source.stem
            shutil.rmtree(other, ignore_errors=True)
            run("buf", "generate", source, "--template", template, "-o", other, cwd=folder)
            compare(folder / "gen", other / "gen")
    # The clients that speak grpc-web-text unless told not to; one generates what the other sends, too.
    shutil.rmtree(WEB / "gen", ignore_errors=True)
    template = TEMPLATES / "buf.gen.protobuf-ts.yaml"
    run("buf", "generate", WORK / "ts.binpb", "--template", template, cwd=WEB)


def run_plain_protoc() -> Results:
    """Run generators with protoc and nothing but the .proto files."""
    counted: Counter[str] = Counter()
    names = [
        str(path.relative_to("proto"))
        for part in ("gitpod", "factify")
        for path in Path("proto", part).rglob("*.proto")
    ]
    for plugin in map(go_tool, PLAIN_PLUGINS):
        kind = plugin.name.removeprefix("protoc-gen-")
        target = WORK / "plain" / kind
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        options = ["-Iproto", "-Ithird_party", f"--plugin={plugin}", f"--{kind}_out={target}"]
        done = subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", *options, *names], check=False, timeout=SECONDS
        )
        written = any(path.is_file() for path in target.rglob("*"))
        counted["pass" if written and not done.returncode else "fail"] += 1
    return {"plain protoc": counted}


def compare(ours: Path, other: Path) -> None:
    """Fail if what another source gives for the services is not what is compiled."""
    files = [
        path.relative_to(other) for part in ("gitpod", "factify") for path in (other / part).rglob("*.*")
    ]
    names = [str(path) for path in files if (other / path).is_file()]
    same, changed, missing = filecmp.cmpfiles(ours, other, names, shallow=False)
    if changed or missing or not same:
        sys.exit(f"{other} differs from {ours}: {changed + missing}")


def wanted() -> list[tuple[str, list[str]]]:
    """Return the releases of the vendor's SDK, and the checks for each."""
    releases: Mapping[str, list[str]] = json.loads((SDK / "releases.json").read_text())
    return list(releases.items())


def prepare(version: str, checks: Iterable[str], specs: Mapping[str, str]) -> bool:
    """Install a release and compile its checks with its types; return False if the registry lacks it."""
    folder = WORK / "sdk" / version
    folder.mkdir(parents=True, exist_ok=True)
    dependencies = {"@gitpod/sdk": specs.get(version, version)}
    package = {"private": True, "type": "module", "dependencies": dependencies}
    (folder / "package.json").write_text(json.dumps(package))
    try:
        npm_install(folder)
    except subprocess.CalledProcessError as error:
        if re.search(r"\b(E404|ETARGET)\b", error.output):
            return False
        raise
    for path in folder.glob("*.ts"):
        path.unlink()
    for name in ("tsconfig.json", "support.ts", *(f"{check}.test.ts" for check in checks)):
        shutil.copy(SDK / name, folder)
    tsc(folder)
    return True


def run_go() -> Results:
    """Run the Go client and return the results of each protocol."""
    results: Results = {}
    written: dict[str, str] = {}
    command = [go(), "test", "-count=1", "-json", "."]
    done = subprocess.run(command, cwd=GO, check=False, stdout=subprocess.PIPE, text=True, timeout=SECONDS)
    for event in map(json.loads, done.stdout.splitlines()):
        action, test = event["Action"], event.get("Test", "")
        if action == "output":
            written[test] = written.get(test, "") + event["Output"]
        _, _, name = test.partition("/")
        protocol, _, scenario = name.partition("/")
        if scenario and action in {"pass", "fail", "skip"}:
            results.setdefault(protocol.replace("_", " "), Counter())[action] += 1
        if action == "fail":
            print(written.get(test, ""), file=sys.stderr)
    if done.returncode and not any(counted["fail"] for counted in results.values()):
        results["go test"] = Counter(fail=1)
    return results


def show(results: Results) -> int:
    """Print the table; return what the process is to end with."""
    width = max(map(len, results))
    print(f"{'client':{width}}  passed  failed  skipped")
    for client, counted in results.items():
        columns: Sequence[int] = [counted[outcome] for outcome in ("pass", "fail", "skip")]
        note = "" if counted else "  not to be had here"
        print(f"{client:{width}}  " + "  ".join(f"{number:6}" for number in columns) + note)
    total = sum(results.values(), Counter[str]())
    print(f"{total['pass']} passed, {total['fail']} failed")
    return 1 if total["fail"] or not total["pass"] else 0


if __name__ == "__main__":
    main()
