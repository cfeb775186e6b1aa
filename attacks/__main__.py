"""`python -m attacks [name ...]`: run the attacks and print a table; the exit code is 1 if one succeeds.

An attack succeeds if, while it lasts, somebody else's probe or call is not answered with 200, or if it costs
more memory or CPU than the bounds of this file. Both are ten times what they should be.
"""

from __future__ import annotations

import sys

from attacks.programs import ATTACKS
from attacks.server import Target, target

_MIB = 1024 * 1024
_MAX_MEMORY = 700 * _MIB
_MAX_CPU_SECONDS = 5.0
_ROW = "{:32} {:>9} {:>7} {:>8} {:>9}  {}"


def _run(server: Target, name: str, count: int) -> bool:
    """Run an attack and print its row; tell whether the server stood it."""
    cpu, memory = server.cpu_seconds(), server.memory()
    connections = ATTACKS[name].program(server, count)
    outcome = server.answers()
    cpu, memory = server.cpu_seconds() - cpu, server.memory() - memory
    for connection in connections:
        connection.close()
    stood = outcome == "200 200" and memory < _MAX_MEMORY and cpu < _MAX_CPU_SECONDS
    verdict = "stands" if stood else "FAILS"
    print(
        _ROW.format(name, count, f"{cpu:.2f} s", f"{memory // _MIB} MiB", outcome, verdict),
        flush=True,
    )
    return stood


def main(names: list[str]) -> int:
    """Run those attacks, or all, each on a server of its own."""
    print(_ROW.format("attack", "count", "CPU", "memory", "others", ""))
    stood = True
    for name in names or ATTACKS:
        for count in (ATTACKS[name].small, ATTACKS[name].large):
            with target() as server:
                stood &= _run(server, name, count)
    return 0 if stood else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
