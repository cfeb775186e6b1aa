"""What the SDK cannot send, and what it cannot see: plain HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from clients import ABSENT_DOCUMENT, FILES, PATH, Documents, uploaded
from factify.models import ErrorResponse  # type: ignore[attr-defined]
from served import unique

TITLE = ("title", (None, "A title"))
DESCRIPTION = ("description", (None, "Grüße"))
ACCESS = ("access_level", (None, "private"))
PAYLOAD = ("payload", ("a.csv", FILES["csv"], "text/csv"))
