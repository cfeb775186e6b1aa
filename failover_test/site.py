"""The files of docs/deployment/failover, filled in: all machines are loopback, ports and folders our own."""

from __future__ import annotations

import re
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from tools.postgresql import programs
from tools.processes import clean_environment
from tools.toolchains import debian_program, patroni

DATABASES: Final = {"db1": "10.0.0.1", "db2": "10.0.0.2", "db3": "10.0.0.3"}
"""The machines of the database, and their addresses in the files."""

SERVERS: Final = ("10.0.0.11", "10.0.0.12")
"""The addresses of the servers in the files."""

PROXY: Final = "10.0.0.10"
"""The address of nginx in the files."""

_ROOT: Final = Path(__file__).parents[1]
_FILES: Final = _ROOT / "docs/deployment/failover"
_HERE: Final = Path(__file__).parent
_PORTS: Final = {
    **{(address, port): 0 for address in DATABASES.values() for port in (2379, 2380, 5432, 8008)},
    **{(address, port): 0 for address in SERVERS for port in (8080, 50051)},
    **{(PROXY, port): 0 for port in (80, 50050)},
}
# Addresses with their ports, also where these are flags of their own.
_ADDRESS: Final = re.compile(r"(10\.0\.0\.\d+)(:| --(?:http|grpc)-port )(\d+)")


class NotHereError(Exception):
    """A program that is needed is not on this machine, and cannot be had."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a unit starts its program.

    Attributes:
        arguments: The program, and its arguments.
        environment: Its environment.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]


class Site:
    """Fills in the files.

    Args:
        folder: Where everything is kept that they name.

    Raises:
        NotHereError: etcd or nginx is not to be had.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._secret = token_hex(8)
        with ExitStack() as stack:
            sockets = {key: stack.enter_context(socket.socket()) for key in _PORTS}
            for each in sockets.values():
                each.bind(("127.0.0.1", 0))
            found = {key: int(each.getsockname()[1]) for key, each in sockets.items()}
        self._ports = found
        self._etcd = _program("etcd", "etcd-server")
        self._nginx = _program("nginx", "nginx")

    def port(self, address: str, port: int) -> int:
        """Return the port that stands for one of the files'."""
        return self._ports[address, port]

    def etcd(self, machine: str) -> Command:
        """Return what starts etcd on a machine."""
        return self._unit("etcd.service", machine, "machine.env")

    def patroni(self, machine: str) -> Command:
        """Return what starts Patroni on a machine, and so PostgreSQL; writes its settings."""
        (self._at(machine) / "patroni.yml").write_text(self._filled("patroni.yml", machine))
        return self._unit("patroni.service", machine, "machine.env", "passwords.env")

    def server(self, address: str, seed: Path) -> Command:
        """Return what starts a server."""
        command = self._unit("triptych.service", address, "triptych.env")
        added = ("--seed", str(seed), "--log-format", "json", "--log-level", "warning")
        return Command([*command.arguments, *added], command.environment)

    def nginx(self) -> Command:
        """Return what starts nginx; writes its settings."""
        folder = self._at("nginx")
        (folder / "site.conf").write_text(self._filled("nginx.conf", "nginx"))
        main = (_ROOT / "interop/nginx.conf").read_text().replace("$(folder)", str(folder))
        (folder / "main.conf").write_text(main.replace("worker_connections 64", "worker_connections 512"))
        arguments = [*self._nginx, "-p", str(folder), "-c", str(folder / "main.conf")]
        return Command(arguments, clean_environment())

    def statements(self) -> Sequence[str]:
        """Return the statements that make the database."""
        lines = self._filled("database.sql", "db1").splitlines()
        text = " ".join(line for line in lines if not line.startswith("--"))
        return [statement for each in text.split(";") if (statement := each.strip())]

    def superuser(self, machine: str) -> Mapping[str, Any]:
        """Return what connects to the PostgreSQL of a machine as the superuser, but for the database."""
        found = self._environment("db1", "passwords.env")
        return {
            "user": found["PATRONI_SUPERUSER_USERNAME"],
            "password": found["PATRONI_SUPERUSER_PASSWORD"],
            "host": "127.0.0.1",
            "port": self.port(DATABASES[machine], 5432),
        }

    def store(self) -> str:
        """Return the store that the servers use, as on the command line."""
        return self._environment(SERVERS[0], "triptych.env")["TRIPTYCH_STORE"]

    def data(self, machine: str) -> Path:
        """Return the folder of PostgreSQL's data on a machine."""
        return self.folder / machine / "var/lib/postgresql/triptych"

    def _unit(self, name: str, machine: str, *environment: str) -> Command:
        lines = (_FILES / name).read_text().replace("\\\n", " ").splitlines()
        [start] = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
        found = self._environment(machine, *environment)
        for variable in ("NAME", "ADDRESS"):
            start = start.replace(f"${{{variable}}}", found.get(variable, ""))
        arguments: list[str] = []
        for each in shlex.split(self._fill(start, machine)):
            arguments += self._programs().get(each, [each])
        return Command(arguments, {**clean_environment(), **found, "PYTHONPATH": self._python_path(name)})

    def _environment(self, machine: str, *names: str) -> dict[str, str]:
        """Return what files of a unit have, for a machine: its name or, of servers, its address."""
        found: dict[str, str] = {}
        for name in names:
            lines = self._filled(name, machine).splitlines()
            found |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        if machine in DATABASES:
            found |= {"NAME": machine, "ADDRESS": DATABASES[machine]}
        else:
            found["ADDRESS"] = machine
        return found

    def _filled(self, name: str, machine: str) -> str:
        return self._fill((_FILES / name).read_text(), machine)

    def _fill(self, text: str, machine: str) -> str:
        folder = self._at(machine)
        text = _ADDRESS.sub(self._address, text).replace("10.0.0.0/24", "127.0.0.1/32")
        text = text.replace("change-me", self._secret)
        text = re.sub(r"(?<![\w.])/(?=(?:var/lib|run)/)", f"{folder}/", text)
        text = text.replace("/usr/lib/postgresql/18/bin", str(programs()))
        return re.sub(r"/etc/triptych/", f"{folder}/", text)

    def _address(self, found: re.Match[str]) -> str:
        address, between, port = found.groups()
        return f"127.0.0.1{between}{self._ports[address, int(port)]}"

    def _at(self, machine: str) -> Path:
        folder = self.folder / machine
        for each in ("var/lib/postgresql", "var/lib/etcd", "run/postgresql"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        return folder

    def _programs(self) -> Mapping[str, Sequence[str]]:
        return {
            "/usr/bin/etcd": self._etcd,
            "/usr/bin/patroni": [sys.executable, "-m", "patroni"],
            "/usr/bin/triptych": [str(Path(sys.executable).parent / "triptych")],
        }

    def _python_path(self, unit: str) -> str:
        return str(patroni()) if unit == "patroni.service" else ""


def _program(name: str, package: str) -> Sequence[str]:
    found = debian_program(name, package)
    if found is None:
        raise NotHereError(f"{name} is not here: apt-get install {package}")
    return found
