"""The changes to the tables, in order, and how a database is brought up to date with them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

LOCK = 5060  # any number that nothing else in this database locks


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest version; does nothing where they are.

    Servers that start together do so one after the other.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        one_at_a_time(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other server prepares this database; until the end of the transaction none does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
