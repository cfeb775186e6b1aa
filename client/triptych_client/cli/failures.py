"""What a command says when it fails."""

from __future__ import annotations

from typing import IO, Any, Final

import click

from triptych_client import ApiError, ErrorCode
from triptych_client.cli.terminal import escape

# These are explained by the server's log at best, where the call is found by its id.
_AT_FAULT: Final = frozenset(
    {
        ErrorCode.UNKNOWN,
        ErrorCode.INTERNAL,
        ErrorCode.DATA_LOSS,
        ErrorCode.UNAVAILABLE,
        ErrorCode.DEADLINE_EXCEEDED,
        ErrorCode.RESOURCE_EXHAUSTED,
    }
)


class CommandFailed(click.ClickException):
    """A command failed: it says so in a line on stderr and ends with exit code 1."""

    exit_code = 1

    @classmethod
    def from_api(cls, error: ApiError) -> CommandFailed:
        """Tell the code, the message, the fields that it does not name, and the request id if that helps."""
        message = escape(error.message)
        told = [
            f"{escape(each.field)}: {escape(each.description)}" if each.field else escape(each.description)
            for each in error.violations
            if escape(each.description) not in message
        ]
        text = f"{error.code.value}: " + "; ".join([message, *told])
        if error.request_id and error.code in _AT_FAULT:
            text += f" (request {escape(error.request_id)})"
        return cls(text)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        complain(self.message, file)


def complain(text: str, file: IO[Any] | None = None) -> None:
    """Print a line about what went wrong on stderr.

    Args:
        text: What went wrong, already escaped.
        file: Where to print instead.
    """
    click.echo(f"triptych: {text}", file=file, err=True)
