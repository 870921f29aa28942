"""One message of a conversation at a time, over all chat servers that share a database (docs/decisions/0010).

A turn holds a lock while it lasts, so that nobody else works on its conversation, and has a number, so that nothing is lost
where the lock is: what belongs to a turn is stored only while no later turn of the conversation has begun.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Optional
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assistant.clock import Clock
from assistant.storage import Conversations, turns_counted

logger = logging.getLogger(__name__)

WAIT_SECONDS = 10
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.01, 0.05  # between two looks whether another server's turn has ended


AtBegin = Callable[[Connection, str], None]


class TurnTakenError(Exception):
    """Another message of the conversation was being worked on for too long; this one was not begun."""


class TurnLostError(Exception):
    """A later turn has begun, or the conversation is gone; nothing of this one may be stored any more."""


class NoConversationError(Exception):
    """The conversation was never begun, or is deleted."""


@dataclass(frozen=True)
class Turn:
    """The work on one message; `number` is how many messages its conversation has had, this one included."""

    conversation_id: str
    number: int


_current: ContextVar[Optional[Turn]] = ContextVar("turn", default=None)


def confirm_turn(connection: Connection, conversation_id: str) -> None:
    """Make sure, until the end of the transaction, that what is stored now belongs to the latest turn.

    Raises:
        TurnLostError: it does not. Outside of a turn there is nothing to confirm.
    """
    turn = _current.get()
    if turn and (turn.conversation_id, turn.number) != (conversation_id, turns_counted(connection, conversation_id)):
        raise TurnLostError


class Turns:
    """Gives turns: in this process with a lock of its own, and over all processes with one of PostgreSQL's.

    Args:
        engine: the assistant's database; on SQLite one process is assumed.
        clock: when a conversation was last active.
        also: what else is written when a turn begins, in the same transaction.
        wait_seconds: how long a message waits for the one before it.
    """

    def __init__(
        self, engine: Engine, clock: Clock, also: AtBegin = lambda *_: None, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._also = also
        self._wait_seconds = wait_seconds
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._everywhere = AdvisoryLocks(engine) if engine.dialect.name == "postgresql" else None

    @asynccontextmanager
    async def next(self, conversation_id: str) -> AsyncIterator[Turn]:
        """Wait for the conversation's turn before this one, and hold the next until the block ends.

        Raises:
            TurnTakenError: the turn before did not end in time.
            NoConversationError: there is no such conversation (any more).
        """
        deadline = time.monotonic() + self._wait_seconds
        lock = self._here.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), self._wait_seconds)
        except asyncio.TimeoutError:
            raise TurnTakenError from None
        try:
            await self._take_everywhere(conversation_id, deadline)
            try:
                yield self._begin(conversation_id)
            finally:
                _current.set(None)
                if self._everywhere:
                    self._everywhere.free(conversation_id)
        finally:
            lock.release()

    async def _take_everywhere(self, conversation_id: str, deadline: float) -> None:
        pause = FIRST_LOOK_SECONDS
        while self._everywhere and not self._everywhere.take(conversation_id):
            if time.monotonic() > deadline:
                raise TurnTakenError
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_LOOK_SECONDS)

    def _begin(self, conversation_id: str) -> Turn:
        with self._engine.begin() as connection:
            number = Conversations.count_turn(connection, conversation_id, self._clock())
            if number is None:
                raise NoConversationError
            self._also(connection, conversation_id)
        turn = Turn(conversation_id, number)
        _current.set(turn)
        return turn


class AdvisoryLocks:
    """PostgreSQL's locks of a session: the server frees them when the process that holds them ends, in whatever way.

    All locks of a process are held by one connection, which must be a session of its own (no pooler in between).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Optional[Connection] = None

    def take(self, conversation_id: str) -> bool:
        """Take the conversation's lock, unless another process holds it; return whether it is ours."""
        function = sa.func.pg_try_advisory_lock(_key(conversation_id))
        if self._connection is not None:
            try:
                return self._call(function)
            except DBAPIError:
                logger.warning("the connection that held the turns is gone; a new one is opened")
        return self._call(function)

    def free(self, conversation_id: str) -> None:
        """Let the next one go on. Where that cannot be said, the connection is closed, which says it as well."""
        if self._connection is None:
            return
        try:
            if not self._call(sa.func.pg_advisory_unlock(_key(conversation_id))):
                logger.warning("a turn had lost its lock", extra={"conversation": conversation_id})
        except SQLAlchemyError as error:
            logger.warning("a turn's lock could not be freed", exc_info=error, extra={"conversation": conversation_id})

    def _call(self, function: sa.sql.functions.Function) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            return bool(self._connection.execute(sa.select(function)).scalar_one())
        except DBAPIError:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()
            raise


def _key(conversation_id: str) -> int:
    """Return the 64 bits by which PostgreSQL knows the lock; two conversations that share them only wait for one another."""
    return int.from_bytes(bytes.fromhex(conversation_id)[-8:], "big", signed=True)
