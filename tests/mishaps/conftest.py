"""A server process."""

from cli.conftest import serve as serve  # noqa: PLC0414
