"""Fail if the contract breaks a client of an earlier one: of the revision named, else of the last release.

Before the first release, that is the commit before this one. gen/triptych.binpb says what the contract was.

The one exception: an option of a file that names packages of generated code may be set where it was not. What
generators make of its absence (outer classes of Java, equal classes of Objective-C, no Go at all) is no
client's that was ever released.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

BUF = Path(sys.executable).parent / "buf"
IMAGE = "gen/triptych.binpb"
NAMES = (
    "csharp_namespace",
    "go_package",
    "java_multiple_files",
    "java_outer_classname",
    "java_package",
    "objc_class_prefix",
    "php_namespace",
)


def main() -> None:
    """Run `buf breaking`."""
    revision = sys.argv[1] if len(sys.argv) > 1 else last_release() or "HEAD~1"
    shown = git("show", f"{revision}:{IMAGE}")
    if shown is None:
        print(f"no contract at {revision} to compare with")
        return
    command = [BUF, "breaking", "proto", "--exclude-imports", "--against", "-#format=binpb"]
    earlier = with_names(shown, Path(IMAGE).read_bytes())
    sys.exit(subprocess.run(command, input=earlier, check=False).returncode)


def with_names(earlier: bytes, now: bytes) -> bytes:
    """Return an image in which the options that name packages are as now where they were not set."""
    image = FileDescriptorSet.FromString(earlier)
    options = {file.name: file.options for file in FileDescriptorSet.FromString(now).file}
    for file in image.file:
        current = options.get(file.name)
        for name in NAMES if current else ():
            if current.HasField(name) and not file.options.HasField(name):
                setattr(file.options, name, getattr(current, name))
    return image.SerializeToString()


def last_release() -> str | None:
    """Return the newest tag that this revision comes after."""
    tag = git("describe", "--tags", "--abbrev=0")
    return tag.decode().strip() if tag else None


def git(*arguments: str) -> bytes | None:
    """Return what git prints; None if it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


if __name__ == "__main__":
    main()
