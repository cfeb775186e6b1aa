"""The clients that docs/clients.md tells how to run, those included that only `make interop-all` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.documented import CLIENTS, SLOW_CLIENTS, Documented, commands

FOLDER = Path(__file__).parents[2] / "interop"
ALL = (*CLIENTS, *SLOW_CLIENTS)


@pytest.mark.parametrize("client", ALL, ids=lambda client: client.section)
def test_the_document_tells_how_to_run_it_on_a_port(client: Documented) -> None:
    lines = commands(client.section).splitlines()
    assert lines[0] == "triptych descriptors --client -o client.binpb"
    assert any(port in lines[-1] for port in ("127.0.0.1:8080", "127.0.0.1:50051"))
    assert (FOLDER / client.folder).is_dir()


def test_a_section_without_commands_is_told() -> None:
    with pytest.raises(LookupError, match="What to know"):
        commands("What to know")
