"""The proxies of docs/deployment, started with the files there and other ports."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.toolchains import debian_program

_HERE: Final = Path(__file__).parent
_FILES: Final = _HERE.parent / "docs/deployment"
_SECONDS: Final = 20


@dataclass(frozen=True)
class Proxied:
    """Where a proxy that runs takes calls: the ports of HTTP and of gRPC."""

    http_port: int
    grpc_port: int


@contextmanager
def nginx(http: str, grpc: str, *, http_1_0: bool = False) -> Iterator[Proxied | None]:
    """Run nginx; yield None if there is none.

    Args:
        http: The address of the HTTP port, as `127.0.0.1:8080`.
        grpc: That of the gRPC port.
        http_1_0: Have it speak HTTP/1.0 to the server, which is what it does by itself.
    """
    with _folder_and_ports() as (folder, ports):
        site = _filled("nginx.conf", http, grpc)
        site = site.replace("listen 80;", f"listen 127.0.0.1:{ports.http_port};")
        site = site.replace("listen 50050 ", f"listen 127.0.0.1:{ports.grpc_port} ")
        if http_1_0:
            site = re.sub(r"\n *proxy_(http_version|set_header Connection) .*", "", site)
        (folder / "site.conf").write_text(site)
        main = (_HERE / "nginx.conf").read_text().replace("$(folder)", str(folder))
        (folder / "main.conf").write_text(main)
        program = debian_program("nginx", "nginx")
        with _running(program, ports, "-p", folder, "-c", folder / "main.conf") as ran:
            yield ran


@contextmanager
def haproxy(http: str, grpc: str) -> Iterator[Proxied | None]:
    """Run HAProxy; yield None if there is none."""
    program = debian_program(
        "haproxy", "haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"
    )
    with _folder_and_ports() as (folder, ports):
        text = _filled("haproxy.cfg", http, grpc)
        text = text.replace("bind :80\n", f"bind 127.0.0.1:{ports.http_port}\n")
        text = text.replace("bind :50050 ", f"bind 127.0.0.1:{ports.grpc_port} ")
        (folder / "haproxy.cfg").write_text(text)
        with _running(program, ports, "-db", "-f", folder / "haproxy.cfg") as ran:
            yield ran


@contextmanager
def envoy(http: str, grpc: str) -> Iterator[Proxied | None]:
    """Run the Envoy that the one-port mode brings."""
    with _folder_and_ports() as (folder, ports):
        text = _filled("envoy.yaml", http, grpc).replace("0.0.0.0", "127.0.0.1")
        text = text.replace("port_value: 80}", f"port_value: {ports.http_port}}}")
        text = text.replace("port_value: 50050}", f"port_value: {ports.grpc_port}}}")
        (folder / "envoy.yaml").write_text(text)
        program = [str(Path(sys.executable).with_name("envoy"))]
        quiet = ("--log-level", "error", "--use-dynamic-base-id", "--concurrency", "1")
        with _running(program, ports, "-c", folder / "envoy.yaml", *quiet) as ran:
            yield ran


def _filled(name: str, http: str, grpc: str) -> str:
    """Return a file of the docs for a server on these addresses."""
    text = (_FILES / name).read_text()
    for port, address in (("8080", http), ("50051", grpc)):
        text = text.replace(f"127.0.0.1:{port}", address)
        text = text.replace(f"port_value: {port}}}", f"port_value: {address.rpartition(':')[2]}}}")
    return text


@contextmanager
def _folder_and_ports() -> Iterator[tuple[Path, Proxied]]:
    with tempfile.TemporaryDirectory() as folder:
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            ports = Proxied(*(each.getsockname()[1] for each in sockets))
        yield Path(folder), ports


@contextmanager
def _running(program: list[str] | None, ports: Proxied, *arguments: str | Path) -> Iterator[Proxied | None]:
    """Run a proxy until the end of the block, which begins when it listens."""
    if program is None:
        yield None
        return
    process = subprocess.Popen([*program, *arguments])
    try:
        for port in (ports.http_port, ports.grpc_port):
            _await_port(process, port)
        yield ports
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return
    raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
