"""The rpcs that the README lists, served or not there yet, beside those of the vendor's descriptors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gitpod.v1 import project_pb2, user_pb2

README = (Path(__file__).parents[3] / "README.md").read_text()
SECTION = README.partition("\n## Which rpcs there are\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("module", [user_pb2, project_pb2], ids=lambda module: module.__name__)
def test_every_rpc_is_served_or_listed_as_not_there_yet(module: object) -> None:
    for name, service in module.DESCRIPTOR.services_by_name.items():  # type: ignore[attr-defined]
        table, _, missing = SECTION.partition("Not there yet")
        served = table.partition(f"| **gitpod.v1.{name}** |")[2].partition("| **")[0]
        absent = missing.partition(f"- gitpod.v1.{name}:")[2].partition("\n- ")[0]
        listed = re.findall(r"^\| `(\w+)`", served, re.MULTILINE) + re.findall(r"`(\w+)`", absent)
        assert sorted(listed) == sorted(method.name for method in service.methods)
