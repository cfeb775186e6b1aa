"""PDF files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from triptych.documents.content import ChunkReader

# Readers look for the end of a PDF in its last 1024 bytes (PDF Reference 1.7, appendix H, note 18).
_TAIL: Final = 1024
_END: Final = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF")


def ends_as_pdf(chunks: Sequence[bytes]) -> bool:
    """Tell whether the trailer is there, and points into the file."""
    file = ChunkReader(chunks)
    file.seek(max(0, file.size - _TAIL))
    ends = _END.findall(file.read())
    return bool(ends) and int(ends[-1]) < file.size
