"""The filters of a list of documents as options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click
from protobuf.wkt import Timestamp

from triptych_api.factify.api.v1beta.document_pb import (
    AccessLevel,
    DocumentOwnership,
    DocumentTrashState,
    ProcessingStatus,
)
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest, TimestampFilter
from triptych_client.cli.requests import EnumChoice

_FIELDS: Final = ("created_at", "updated_at", "name", "last_viewed_at", "last_shared_at")
_SORTS: Final = [sign + name for name in _FIELDS for sign in ("", "-")]


class Time(click.ParamType[Timestamp]):
    """An instant as RFC 3339 writes it."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Timestamp:
        """Return the instant that the text means."""
        if isinstance(value, Timestamp):
            return value
        try:
            return Timestamp.from_json(f'"{value}"')
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2025-06-01T12:00:00Z", param, ctx)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that `set_filters` takes."""
    repeated: dict[str, Any] = {"multiple": True, "help": "May be repeated."}
    for option in reversed(
        [
            click.option("--query", help="Only those with this in their title or description."),
            click.option("--title-contains", metavar="TEXT", help="Only those with this in their title."),
            click.option("--description-contains", metavar="TEXT", help="Likewise."),
            click.option("--format", "source_format", metavar="FORMAT", **repeated),
            click.option("--access", "access_level", type=EnumChoice(AccessLevel), **repeated),
            click.option("--status", "processing_status", type=EnumChoice(ProcessingStatus), **repeated),
            click.option("--ownership", type=EnumChoice(DocumentOwnership), **repeated),
            click.option("--trash", "trash_state", type=EnumChoice(DocumentTrashState), **repeated),
            click.option("--created-by", "created_by_id", metavar="ID", **repeated),
            click.option("--created-after", type=Time(), help="This instant included."),
            click.option("--created-before", type=Time(), help="This instant included."),
            click.option(
                "--organization", "organization_scope", is_flag=True, help="Only the organization's."
            ),
            click.option(
                "--sort", type=click.Choice(_SORTS, case_sensitive=False), help="Order; - is descending."
            ),
        ]
    ):
        command = option(command)
    return command


def set_filters(
    request: ListDocumentsRequest,
    *,
    created_after: Timestamp | None,
    created_before: Timestamp | None,
    **filters: Any,
) -> None:
    """Set the fields whose options were given.

    Args:
        request: What to change.
        created_after: The earliest instant.
        created_before: The latest instant.
        **filters: The other fields, by their name; None, False or empty if not given.
    """
    for name, value in filters.items():
        if value:
            setattr(request, name, list(value) if isinstance(value, tuple) else value)
    if created_after or created_before:
        between = request.created or TimestampFilter()
        request.created = TimestampFilter(
            after=created_after or between.after, before=created_before or between.before
        )
