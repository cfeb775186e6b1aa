from __future__ import annotations

from triptych.workers.restarts import Restarts


def test_pauses_grow_while_lives_are_short() -> None:
    restarts = Restarts()
    assert [restarts.pause(lived=1) for _ in range(10)] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert {restarts.pause(lived=59) for _ in range(1000)} == {30}
    assert [restarts.pause(lived=61), restarts.pause(lived=1), restarts.pause(lived=1)] == [0, 0, 0.5]
    assert restarts.count == 1013
