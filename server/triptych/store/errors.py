"""How a store fails. Whatever is raised here leaves nothing half written."""

from __future__ import annotations


class StoreError(Exception):
    """Something that a store cannot do; the text is for the log and for whoever runs the server."""


class ReadOnlyError(StoreError):
    """A write was tried in a transaction of `read`. A store that takes no writes at all is unavailable."""


class AlreadyExistsError(StoreError):
    """A record was added whose id, or another value that is unique, a record has already.

    Attributes:
        table: The table, as "tokens".
        field: The field, as "id" or "digest".
        id: The id of the record that was to be added.
    """

    def __init__(self, table: str, field: str, id: str) -> None:
        super().__init__(f"{table}: the {field} of {id} exists already")
        self.table = table
        self.field = field
        self.id = id


class UnavailableError(StoreError):
    """The store cannot be reached, is full, or takes no writes now. Nothing was written; later it may be."""


class ConflictError(StoreError):
    """Others kept changing the same things until the time to try again was over. Nothing was written."""


class OutcomeUnknownError(StoreError):
    """The store went away during a commit: whether it was written could not be found out."""


class UnusableError(StoreError):
    """The store cannot be opened as it is: no store of ours, or of a newer version. It will stay so."""
