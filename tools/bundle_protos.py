"""Put proto/ and third_party/ into one folder, dist/protos, and that into dist/triptych-protos.zip.

The folder is all that protoc's -I, or buf, needs. Equal files make an equal zip. Needs Python alone.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "dist/protos"
ZIP = ROOT / "dist/triptych-protos.zip"
SOURCES = ("proto", "third_party")


def main() -> None:
    """Write both, and tell where."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for source in SOURCES:
        shutil.copytree(ROOT / source, FOLDER, dirs_exist_ok=True)
    with zipfile.ZipFile(ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(FOLDER)))
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    for written in (FOLDER, ZIP):
        print(written.relative_to(ROOT))


if __name__ == "__main__":
    main()
