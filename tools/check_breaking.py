"""Fail if the contract breaks a client of an earlier one: of the revision named, else of the last release.

Before the first release, that is the commit before this one. gen/triptych.binpb says what the contract was.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BUF = Path(sys.executable).parent / "buf"
IMAGE = "gen/triptych.binpb"


def main() -> None:
    """Run `buf breaking`."""
    revision = sys.argv[1] if len(sys.argv) > 1 else last_release() or "HEAD~1"
    shown = git("show", f"{revision}:{IMAGE}")
    if shown is None:
        print(f"no contract at {revision} to compare with")
        return
    command = [BUF, "breaking", "proto", "--against", "-#format=binpb"]
    sys.exit(subprocess.run(command, input=shown, check=False).returncode)


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
