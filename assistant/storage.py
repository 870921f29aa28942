"""The assistant's database: how it is opened, and the tables that are the assistant's own (Rasa's stand beside them)."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from assistant.silent_database import CONNECT_SECONDS, give_up_on_silence

BUSY_SECONDS = 5  # how long a statement waits for a lock before it fails
CREATE_TRIES = 5
CREATE_PAUSE_SECONDS = 0.2

metadata = sa.MetaData()


class UtcDateTime(sa.types.TypeDecorator):
    """An instant, stored in UTC: SQLite keeps no time zone, so anything else would compare wrongly there."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:  # noqa: ARG002 - prescribed
        """Return what is stored."""
        return value.astimezone(timezone.utc) if value else None

    def process_result_value(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:  # noqa: ARG002 - prescribed
        """Return what was stored, with its zone."""
        return value.replace(tzinfo=timezone.utc) if value and not value.tzinfo else value


# A conversation that the server has handed a token for; without its row a token opens nothing.
conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_message_at", UtcDateTime, nullable=False, index=True),
    sa.Column("turns", sa.Integer, nullable=False),
)


@cache
def open_database(url: str) -> Engine:
    """Return this process's engine for a database.

    It notices dead connections, never waits long, and keeps what people wrote out of its errors.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            url,
            poolclass=QueuePool,  # opening the file anew for each statement costs a millisecond
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            hide_parameters=True,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": int(CONNECT_SECONDS),
            "tcp_user_timeout": BUSY_SECONDS * 1000,  # a server that is gone without a word
            "options": f"-c statement_timeout={BUSY_SECONDS * 1000} -c lock_timeout={BUSY_SECONDS * 1000}"
            # ... and the other way round: a machine of ours that is gone holds no lock for long.
            f" -c tcp_keepalives_idle={BUSY_SECONDS} -c tcp_keepalives_interval={BUSY_SECONDS} -c tcp_keepalives_count=2",
        },
    )
    event.listen(engine, "handle_error", _hide_values)
    give_up_on_silence(engine)
    return engine


def _hide_values(context: Any) -> None:
    """Cut off the detail of PostgreSQL's errors, which quotes the values of the row."""
    error = context.sqlalchemy_exception
    if error is not None:
        error.args = (str(error.args[0]).partition("\nDETAIL:")[0],)


def create_tables(engine: Engine, tables: sa.MetaData = metadata) -> None:
    """Make the tables that are not there yet; the processes of a start do so at the same time, and one is first."""
    for attempt in range(CREATE_TRIES):
        try:
            tables.create_all(engine, checkfirst=True)
            return
        except DBAPIError:
            if attempt == CREATE_TRIES - 1:
                raise
            time.sleep(CREATE_PAUSE_SECONDS)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers and the writer do not block one another (WAL); what is committed survives the end of the process."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def reading(engine: Engine) -> Connection:
    """Return a connection for a single read, which needs no transaction: PostgreSQL is asked once instead of three times."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def turns_counted(connection: Connection, conversation_id: str) -> Optional[int]:
    """Return how many turns the conversation has had, or None when there is none; no other can begin before the commit."""
    query = sa.select(conversation.c.turns).where(conversation.c.id == conversation_id).with_for_update()
    turns: Optional[int] = connection.execute(query).scalar_one_or_none()
    return turns


class Conversations:
    """Which conversations exist and how many turns each has had."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine)

    def begin(self, conversation_id: str, now: datetime) -> None:
        """Record a new conversation."""
        with self._engine.begin() as connection:
            connection.execute(
                conversation.insert().values(id=conversation_id, created_at=now, last_message_at=now, turns=0)
            )

    @staticmethod
    def count_turn(connection: Connection, conversation_id: str, now: datetime) -> Optional[int]:
        """Count one more turn and return the new number, or None when there is no such conversation."""
        matching = conversation.c.id == conversation_id
        connection.execute(conversation.update().where(matching).values(turns=conversation.c.turns + 1, last_message_at=now))
        return turns_counted(connection, conversation_id)

    def exists(self, conversation_id: str) -> bool:
        """Tell whether the conversation was begun and not deleted."""
        with reading(self._engine) as connection:
            matching = sa.select(conversation.c.id).where(conversation.c.id == conversation_id)
            return connection.execute(matching).first() is not None

    def delete(self, conversation_id: str) -> None:
        """Forget the conversation; its token opens nothing from now on."""
        with self._engine.begin() as connection:
            connection.execute(conversation.delete().where(conversation.c.id == conversation_id))
