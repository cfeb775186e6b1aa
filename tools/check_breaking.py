"""Compare the contract with that of an earlier revision: the one named, else where main and this meet.

On main itself that is the commit before. The descriptor set in gen/ says what the contract was then.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BUF = Path(sys.executable).parent / "buf"
IMAGE = "gen/triptych.binpb"


def main() -> None:
    """Run `buf breaking`."""
    revision = sys.argv[1] if len(sys.argv) > 1 else "HEAD~1"
    shown = subprocess.run(["git", "show", f"{revision}:{IMAGE}"], capture_output=True, check=False)
    if shown.returncode != 0:
        print(f"no contract at {revision} to compare with")
        return
    command = [BUF, "breaking", "proto", "--against", "-#format=binpb"]
    sys.exit(subprocess.run(command, input=shown.stdout, check=False).returncode)


if __name__ == "__main__":
    main()
