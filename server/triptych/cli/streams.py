"""The standard streams of a process that serves: some may be closed, and nobody may read the others."""

from __future__ import annotations

import os
from typing import Final

_STANDARD: Final = (0, 1, 2)


def open_closed_streams() -> None:
    """Open the null device for each standard stream that is closed.

    Otherwise the next file or connection would get its descriptor, and what is written to the stream with it.
    """
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            os.set_inheritable(descriptor, True)
