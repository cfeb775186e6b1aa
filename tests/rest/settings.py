"""How hypothesis runs here."""

from hypothesis import settings

SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)
FEWER = settings(SETTINGS, max_examples=40)
