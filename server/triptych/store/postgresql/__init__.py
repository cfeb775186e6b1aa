"""The store in a database of a server that many servers share: PostgreSQL."""

from triptych.store.postgresql.store import PostgresqlStore

__all__ = ["PostgresqlStore"]
