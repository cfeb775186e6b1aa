"""`python -m attacks [name ...]`: run the attacks and print a table; the exit code is 1 if one succeeds.

Each is run with what is allowed, and with what runs into a bound. It succeeds if, while it lasts, somebody
else's probe or call is not answered with 200, or if it costs more memory or CPU than the bounds of this file.
Both are far above what they should be. How much longer the calls of others take beside busy connections is
only told.
"""

from __future__ import annotations

import sys

from attacks import fairness
from attacks.programs import ATTACKS, Attack
from attacks.server import target

_MIB = 1024 * 1024
_MAX_MEMORY = 700 * _MIB
_MAX_CPU_SECONDS = 5.0
_ROW = "{:31} {:>8} {:>15}  {:>8} {:>16}  {:7} {}"
_BUSY = "busy connections"


def _cost(attack: Attack, count: int) -> tuple[str, str, bool]:
    """Run an attack; return what it cost, how others were answered, and whether the server stood it."""
    with target(*attack.flags) as server:
        cpu, memory = server.cpu_seconds(), server.memory()
        connections = attack.program(server, count)
        others = server.answers()
        cpu, memory = server.cpu_seconds() - cpu, server.memory() - memory
        for connection in connections:
            connection.close()
    stood = others == "200 200" and memory < _MAX_MEMORY and cpu < _MAX_CPU_SECONDS
    return f"{cpu:.2f} s {memory // _MIB:>4} MiB", others, stood


def _run(name: str) -> bool:
    """Run an attack with what is allowed and beyond it, and print its row; tell whether it was stood."""
    attack = ATTACKS[name]
    before, first_others, first = _cost(attack, attack.small)
    at, others, second = _cost(attack, attack.large)
    stood = first and second
    outcome = attack.outcome if stood else f"FAILS: {first_others}, {others}"
    print(_ROW.format(name, attack.small, before, attack.large, at, others, outcome), flush=True)
    return stood


def _fairness() -> None:
    print(f"\n{_BUSY:31} {'requests':>8} {'alone':>10} {'beside them':>12}")
    for connections, pipelined in fairness.BUSY:
        with target() as server:
            alone, beside = fairness.row(server, connections, pipelined)
        times = f"{beside / alone:.1f} times"
        print(f"{connections:<31} {pipelined:>8} {alone:>7.1f} ms {beside:>9.1f} ms  {times}", flush=True)


def main(names: list[str]) -> int:
    """Run those attacks, or all, each on a server of its own."""
    print(_ROW.format("attack", "allowed", "costs", "beyond", "costs", "others", "outcome"))
    stood = [_run(name) for name in names or ATTACKS if name != _BUSY]
    if not names or _BUSY in names:
        _fairness()
    return 0 if all(stood) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
