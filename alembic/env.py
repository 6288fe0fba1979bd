"""How migrations reach the database.

The service hands its own connection over (``config.attributes["connection"]``); the ``alembic`` command, used by developers,
connects to ``DATABASE_URL`` or to a scratch database, so that a new revision can be generated without a service.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine

from monitor.store.tables import Moment, Table


def migrate(connection: Connection) -> None:
    """Run the migrations that were asked for on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        compare_type=True,
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def plain_type(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration states what the database holds, and must not change with our models."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.Text()"
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.String()"
    return False


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    with create_engine(os.environ.get("DATABASE_URL", "sqlite:///data/scratch.db")).begin() as own:
        migrate(own)
