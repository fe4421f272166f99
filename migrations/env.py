"""Alembic's environment: the schema is `steppe`'s tables, the connection is handed in by `steppe migrate`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection
from sqlmodel.sql.sqltypes import AutoString

from steppe.kit.columns import UtcDateTime
from steppe.tables import metadata

LOCK_TIMEOUT_MS = 3_000


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their name, SQLModel's text as plain text."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from steppe.kit.columns import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from steppe.kit.columns import json_column")
        return "json_column()"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def run(connection: Connection) -> None:
    """Bring the schema up to date, or compare with it."""
    if connection.dialect.name == "postgresql":
        # A migration that waits for a lock would queue every request behind it.
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
