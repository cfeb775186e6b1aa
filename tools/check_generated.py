"""Generate into a copy of the contract and fail if the committed gen/ differs."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent


def main() -> None:
    """Compare what would be generated with what is there."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("proto", "third_party", ".deps"):
            shutil.copytree(name, copy / name)
        for name in ("buf.yaml", "buf.gen.yaml"):
            shutil.copy(name, copy)
        environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run(["buf", "generate"], check=True, cwd=copy, env=environment)
        subprocess.run([sys.executable, "tools/bundle.py", copy], check=True, env=environment)
        differing = sorted(differences(Path("gen"), copy / "gen"))
    if differing:
        sys.exit("gen/ is not what proto/ gives, run `make generate`:\n" + "\n".join(differing))


def differences(committed: Path, generated: Path) -> set[str]:
    """Return the files that are in one tree only, or differ."""
    ours, theirs = files(committed), files(generated)
    both = ours & theirs
    _, changed, failed = filecmp.cmpfiles(committed, generated, both, shallow=False)
    return (ours ^ theirs) | set(changed) | set(failed)


def files(root: Path) -> set[str]:
    """Return the files below a folder, caches left out."""
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.parent.name != "openapi"
    }


if __name__ == "__main__":
    main()
