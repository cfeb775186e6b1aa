"""What clients know of what they wrote: what must be there, what must not, and what may be either way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["project", "document", "token"]
State: TypeAlias = Mapping[str, object] | None
"""What is known of a thing, by field; None if there is no such thing."""


class Outcome(Enum):
    """What a client knows of a call."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True, eq=False)
class Thing:
    """Something that is stored.

    Attributes:
        kind: What it is.
        id: Its id, as the store has it.
        state: What it must be like.
    """

    kind: Kind
    id: str
    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """A call that changes things that there are: all of them, or none.

    Attributes:
        things: The things, with what they become.
        adopt: Takes the things back once it is known what became of them, where there was no answer.
    """

    things: Sequence[tuple[Thing, State]]
    adopt: Callable[[Thing], None]


@dataclass(frozen=True, slots=True)
class Creation:
    """A call that makes things: all of them, or none.

    Attributes:
        kind: What it makes.
        states: What they are like, by their names, which nothing else has.
        adopt: Takes what was made once it is found, where the answer did not tell.
    """

    kind: Kind
    states: Mapping[str, State]
    adopt: Callable[[Thing], None]


@dataclass(slots=True)
class Ledger:
    """What came of all calls.

    Attributes:
        things: What is known to be there, or gone, by kind and id.
        touched: What was changed since the last look.
        doubtful: Calls without an answer since the last look.
        refused: Creations that were refused since then: nothing of them may be there.
        unseen: Creations that were acknowledged since then without an id: all of them must be there.
        counts: How many calls ended how.
        told: How many of those whose outcome is unknown were told so by a server; others got no answer.
        faults: What must not be.
    """

    things: dict[tuple[Kind, str], Thing] = field(default_factory=dict)
    touched: set[Thing] = field(default_factory=set)
    doubtful: list[Change | Creation] = field(default_factory=list)
    refused: list[Creation] = field(default_factory=list)
    unseen: list[Creation] = field(default_factory=list)
    counts: Counter[Outcome] = field(default_factory=Counter)
    told: int = 0
    faults: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def reaches(self, count: int) -> None:
        """Wait until so many calls are acknowledged."""
        while self.counts[Outcome.ACKNOWLEDGED] < count:
            self._more.clear()
            await self._more.wait()

    def know(self, kind: Kind, id: str, state: State) -> Thing:
        """Note a thing that is there."""
        thing = self.things[kind, id] = Thing(kind, id, state)
        self.touched.add(thing)
        return thing

    def changed(self, change: Change, outcome: Outcome) -> None:
        """Note what came of a change."""
        self._count(outcome)
        self.touched.update(thing for thing, _ in change.things)
        if outcome is Outcome.ACKNOWLEDGED:
            for thing, state in change.things:
                thing.state = state
        elif outcome is Outcome.UNKNOWN:
            self.doubtful.append(change)

    def created(self, creation: Creation, outcome: Outcome, ids: Mapping[str, str] | None) -> None:
        """Note what came of a creation.

        Args:
            creation: The call.
            outcome: What came of it.
            ids: The ids of what was made, by name; None if the answer does not tell.
        """
        self._count(outcome)
        if outcome is Outcome.ACKNOWLEDGED and ids is not None:
            self.found(creation, ids)
        else:
            lists = {Outcome.ACKNOWLEDGED: self.unseen, Outcome.REFUSED: self.refused}
            lists.get(outcome, self.doubtful).append(creation)

    def found(self, creation: Creation, ids: Mapping[str, str]) -> None:
        """Note that what was to be made is there."""
        for name, state in creation.states.items():
            creation.adopt(self.know(creation.kind, ids[name], state))

    def _count(self, outcome: Outcome) -> None:
        self.counts[outcome] += 1
        self._more.set()
