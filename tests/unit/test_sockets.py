from __future__ import annotations

import socket

import pytest

from triptych.transport import sockets
from triptych.transport.descriptors import connections_per_port


def families(host: str) -> list[int]:
    bound = sockets.bind(host, 0)
    try:
        assert len({each.getsockname()[1] for each in bound}) == 1
        return [each.family for each in bound]
    finally:
        for each in bound:
            each.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])
def test_each_wildcard_is_every_address(host: str) -> None:
    assert families(host) == families("0.0.0.0")
    assert families(host)[0] == socket.AF_INET


def test_a_name_is_all_of_its_addresses() -> None:
    infos = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)
    assert set(sockets.addresses("localhost")) <= {info[4][0] for info in infos}
    assert "127.0.0.1" in sockets.addresses("localhost")


def test_a_port_that_is_taken_on_one_address_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        sockets.bind("0.0.0.0", taken.getsockname()[1])


def test_an_address_of_another_machine() -> None:
    with pytest.raises(OSError, match="assign"):
        sockets.bind("192.0.2.1", 0)


def test_a_port_that_refuses_still_gives_what_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address) as waiting:
            sockets.refuse_new(listening)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.05)
            accepted, _ = listening.accept()
            with accepted:
                waiting.sendall(b"x")
                assert accepted.recv(1) == b"x"


@pytest.mark.parametrize(("descriptors", "most"), [(100, 16), (1024, 416), (20_000, 9904), (10**6, 10_000)])
def test_connections_follow_from_descriptors(descriptors: int, most: int) -> None:
    assert connections_per_port(descriptors) == most
