"""Who may have how much of what there is too little of: places for running calls, and bytes in flight.

Whatever there is, it has owners: the caller, or the address of a call without one. An owner gets more while
it holds less than is free. So one alone gets half of all, each of n one in n + 1, and something is always
left for the next that comes.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

from triptych.errors import Code, Reason, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Method

APART: Final = 100
"""The places that a service of its own has."""

TEMPORARY_FILES: Final = 200
"""The most temporary files at a time."""


class Shares:
    """Units of something, and who holds how many.

    Attributes:
        free: How many nobody holds.
        held: How many each owner holds.

    Args:
        limit: How many there are.
    """

    __slots__ = ("free", "held")

    def __init__(self, limit: int) -> None:
        self.free = limit
        self.held: dict[str, int] = {}

    def take(self, owner: str, amount: int = 1) -> bool:
        """Give an owner more, if that leaves it with no more than are free; tell whether it does."""
        held = self.held.get(owner, 0) + amount
        if held > self.free:
            return False
        self.held[owner] = held
        self.free -= amount
        return True

    def give_back(self, owner: str, amount: int = 1) -> None:
        """Take back what an owner was given."""
        held = self.held[owner] - amount
        if held:
            self.held[owner] = held
        else:
            del self.held[owner]
        self.free += amount


class Pool:
    """Places for running calls.

    Args:
        limit: How many there are.
        what: What they are for, as "calls".
        within: The pool whose places they are as well, if any.
    """

    __slots__ = ("_limit", "_shares", "_what", "_within")

    def __init__(self, limit: int, what: str, within: Pool | None = None) -> None:
        self._limit = limit
        self._what = what
        self._within = within
        self._shares = Shares(limit)

    def enter(self, call: Call) -> None:
        """Give a call a place, until `leave`.

        Raises:
            RpcError: UNAVAILABLE if there is none for its owner.
        """
        if self._within is None:
            # As Shares.take does it: each call comes here, and most get their place.
            shares, owner = self._shares, call.caller_id or address_of(call.peer)
            held = shares.held.get(owner, 0) + 1
            if held <= shares.free:
                shares.held[owner] = held
                shares.free -= 1
                call.entered = True
                return
        else:
            self._within.enter(call)
        if not self._shares.take(owner_of(call)):
            if self._within is not None:
                self._within.leave(call)
            raise _unavailable(f"the server is busy with {self._limit - self._shares.free} {self._what}")
        call.entered = True

    def leave(self, call: Call) -> None:
        """Take back the place of a call."""
        shares, owner = self._shares, call.caller_id or address_of(call.peer)
        held = shares.held[owner] - 1  # as Shares.give_back does it
        if held:
            shares.held[owner] = held
        else:
            del shares.held[owner]
        shares.free += 1
        if self._within is not None:
            self._within.leave(call)


class InFlight:
    """The bytes of requests and replies that are held for calls: one budget for all transports.

    Attributes:
        spilled: What of them is in temporary files, and not in memory.

    Args:
        limit: The most bytes in memory; of temporary files, four times as many.
    """

    __slots__ = ("_shares", "limit", "spilled")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._shares = Shares(limit)
        self.spilled = Spilled(4 * limit)

    @property
    def bytes(self) -> int:
        """How many are held now."""
        return self.limit - self._shares.free

    def take(self, owner: str, size: int) -> bool:
        """Note bytes that an owner makes the server hold; tell whether there is room for them."""
        return self._shares.take(owner, size)

    def give_back(self, owner: str, size: int) -> None:
        """Note that they are let go of."""
        self._shares.give_back(owner, size)

    def hold(self, call: Call, size: int) -> None:
        """Note bytes that are held until the call is over.

        Raises:
            RpcError: UNAVAILABLE if there is no room for them.
        """
        if not self._shares.take(owner_of(call), size):
            raise _unavailable("the server holds too many bytes for requests and replies")
        call.held += size

    def let_go(self, call: Call, size: int) -> None:
        """Note that so many of the bytes of a call are not held any more."""
        call.held -= size
        self._shares.give_back(owner_of(call), size)


class Spilled:
    """The temporary files that requests are in: how many there are, and how large they are together.

    Attributes:
        files: Who has how many files.
        bytes: Who has how many bytes in them.

    Args:
        limit: The most bytes.
    """

    __slots__ = ("bytes", "files")

    def __init__(self, limit: int) -> None:
        self.files = Shares(TEMPORARY_FILES)
        self.bytes = Shares(limit)


class TemporaryFile:
    """The share of a call's owner in temporary files, until it is closed.

    Args:
        call: The call.
    """

    def __init__(self, call: Call) -> None:
        self._spilled = None if call.in_flight is None else call.in_flight.spilled
        self._owner = owner_of(call)
        self._size = 0

    def grow(self, size: int) -> None:
        """Note bytes that are written to the file.

        Raises:
            RpcError: UNAVAILABLE if there is no room for them.
        """
        if self._spilled is None:
            return
        if not self._size and not self._spilled.files.take(self._owner):
            raise _unavailable("the server has too many temporary files")
        if not self._spilled.bytes.take(self._owner, size):
            if not self._size:
                self._spilled.files.give_back(self._owner)
            raise _unavailable("the server has too many bytes in temporary files")
        self._size += size

    def close(self) -> None:
        """Note that the file is gone."""
        if self._spilled is not None and self._size:
            self._spilled.files.give_back(self._owner)
            self._spilled.bytes.give_back(self._owner, self._size)
            self._size = 0


class Places:
    """The pools of a server, and the budget of bytes.

    Attributes:
        in_flight: The budget.

    Args:
        limit: The most calls that run at once.
        in_flight: The most bytes that requests and replies may take.
    """

    def __init__(self, limit: int, in_flight: int) -> None:
        self.in_flight = InFlight(in_flight)
        self._calls = Pool(limit, "calls")
        self._anonymous = Pool((limit + 1) // 2, "calls without a token", within=self._calls)
        self._apart: dict[str, Pool] = {}

    def of(self, method: Method) -> Pool | None:
        """Return where the calls of a method get their places; None if they need none."""
        match method.admission:
            case "always":
                return None
            case "apart":
                pool = Pool(APART, f"calls of {method.service}")
                return self._apart.setdefault(method.service, pool)
            case "shared":
                return self._calls if method.needs_token else self._anonymous

    def finish(self, call: Call, pool: Pool | None) -> None:
        """Take back what a call was given: now, or once its reply is written."""
        held, entered = call.held, pool is not None and call.entered
        if not held and not entered:
            return
        if not held and pool is not None and call.unwritten is None:
            pool.leave(call)
            return
        if call.unwritten is not None:
            call.unwritten.append(lambda: self._take_back(call, pool if entered else None, held))
            return
        self._take_back(call, pool if entered else None, held)

    def _take_back(self, call: Call, pool: Pool | None, held: int) -> None:
        if held:
            self.in_flight.give_back(owner_of(call), held)
        if pool is not None:
            pool.leave(call)


def owner_of(call: Call) -> str:
    """Return who has to answer for a call: its caller or, without one, the address that it came from."""
    return call.caller_id or address_of(call.peer)


@lru_cache(maxsize=4096)
def address_of(peer: str) -> str:
    """Return the address of a peer without its port; of IPv6 the half that one client has for itself."""
    host = peer.removeprefix("ipv4:").removeprefix("ipv6:").rpartition(":")[0]
    host = host.replace("%5B", "").replace("%5D", "").strip("[]")
    if ":" not in host:
        return host
    try:
        network = ipaddress.ip_network((host.partition("%")[0], 64), strict=False)
    except ValueError:
        return host
    return str(network.network_address)


def _unavailable(why: str) -> RpcError:
    return RpcError(Code.UNAVAILABLE, f"{why}, try again later", reason=Reason.SERVICE_UNAVAILABLE)
