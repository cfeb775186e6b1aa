"""The client stands alone: nothing in it imports the server."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "client"
FILES = sorted(CLIENT.rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Yield the names of the modules that a module imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "modules are imported by their full name"
            yield node.module or ""


def of_the_server(source: str) -> list[str]:
    return [name for name in imported(source) if name.partition(".")[0] == "triptych"]


def test_no_file_of_the_client_imports_the_server() -> None:
    assert {CLIENT / "triptych_client/client.py", CLIENT / "triptych_client/cli/documents.py"} < set(FILES)
    found = {str(file.relative_to(CLIENT)): of_the_server(file.read_text()) for file in FILES}
    assert {file: names for file, names in found.items() if names} == {}


def test_an_import_of_the_server_is_found_wherever_it_is() -> None:
    source = "import triptych_api\ndef f():\n    import triptych.errors\n    from triptych import clock\n"
    assert of_the_server(source) == ["triptych.errors", "triptych"]
