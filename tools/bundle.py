"""Write the descriptor sets of the contract: gen/triptych.binpb, and gen/triptych-client.binpb for clients.

Usage: python tools/bundle.py [FOLDER]; the folder has proto/ and third_party/, and gets gen/.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path[:0] = ["gen/python", "client"]

from triptych_client.descriptor_set import descriptor_set, files_of, for_clients  # noqa: E402 - gen/ first

BUF = Path(sys.executable).parent / "buf"


def main() -> None:
    """Write both."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    contract = build(root, "proto")
    errors = build(root, "third_party", "--path", "third_party/google/rpc")
    files = [*files_of(contract), *files_of(errors)]
    for name, content in (("triptych", files), ("triptych-client", for_clients(files))):
        (root / f"gen/{name}.binpb").write_bytes(descriptor_set(content))


def build(root: Path, *arguments: str) -> bytes:
    """Return what buf builds, comments included."""
    command = [BUF.resolve(), "build", *arguments, "-o", "-#format=binpb"]
    return subprocess.run(command, check=True, cwd=root, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
