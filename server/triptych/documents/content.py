"""The bytes of a file that are held in chunks, as something that can be read and sought."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from typing_extensions import Buffer
