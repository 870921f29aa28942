"""The one-time code and the identity that it proves, kept in the assistant's own tables.

A code is kept as a keyed hash, belongs to the conversation that asked for it, works once, for ten minutes, and dies after
five wrong tries. Whatever can be counted (codes, tries) is counted by the database, so that parallel requests gain nothing.
"""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import timedelta
from enum import Enum
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.clock import Clock
from assistant.identity.typed_values import CODE_DIGITS
from assistant.storage import UtcDateTime, create_tables, metadata, reading

CODE_LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5
WINDOW = timedelta(hours=1)
MOST_CODES = 3  # in that window, for an address and for a conversation
MOST_CODES_OF_CLIENT = 30  # a library or an office shares one address
IDLE = timedelta(minutes=30)

# A code that was asked for. It stays when its conversation is deleted, without what it proves, because it still counts.
code = sa.Table(
    "code",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    sa.Column("address_key", sa.String(64), nullable=False, index=True),
    sa.Column("client_key", sa.String(64), nullable=False, index=True),
    sa.Column("asked_at", UtcDateTime, nullable=False, index=True),
    sa.Column("hash", sa.String(64)),  # empty: it can prove nothing (any more)
    sa.Column("number", sa.String(32)),  # empty: nobody has that address
    sa.Column("tries", sa.Integer, nullable=False, default=0),
)
identity = sa.Table(
    "identity",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("valid_until", UtcDateTime, nullable=False, index=True),
    sa.Column("steps", sa.Text, nullable=False, default="{}"),  # the situation that was last read, for general answers
)


class Entered(Enum):
    """What became of a code that was typed."""

    RIGHT = "juist"
    WRONG = "fout"
    EXPIRED = "verlopen"
    SPENT = "op"  # too many wrong tries
    NONE = "geen"  # no code was asked for, or it was used


class Identification:
    """Codes and identities of all conversations.

    Args:
        engine: the assistant's database.
        secret_key: keys the hashes, so that the table alone tells no code, address or client.
        clock: what time it is.
    """

    def __init__(self, engine: Engine, secret_key: str, clock: Clock) -> None:
        self._engine = engine
        self._key = secret_key.encode()
        self._clock = clock
        create_tables(engine)

    def reserve(self, conversation_id: str, address: str, client_key: str) -> Optional[int]:
        """Count one more code for this conversation, address and client, and return the number of its row.

        None where one of them has had enough. Earlier codes of the conversation die.
        """
        now = self._clock()
        address_key = self.keyed("address", address)
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE code IN SHARE ROW EXCLUSIVE MODE"))
            self._kill(connection, conversation_id)  # a write, so that on SQLite too nobody counts beside us
            counted = {
                code.c.conversation_id: conversation_id,
                code.c.address_key: address_key,
                code.c.client_key: client_key,
            }
            most = {code.c.client_key: MOST_CODES_OF_CLIENT}
            for column, value in counted.items():
                asked = sa.select(sa.func.count()).where(column == value, code.c.asked_at > now - WINDOW)
                if connection.execute(asked).scalar_one() >= most.get(column, MOST_CODES):
                    return None
            values = {column.name: value for column, value in counted.items()}
            inserted = connection.execute(code.insert().values(asked_at=now, tries=0, **values))
            return int(inserted.inserted_primary_key[0])

    def issue(self, reserved: int, conversation_id: str, number: Optional[str]) -> str:
        """Return a new code for the candidate with this number; for nobody's address, one that proves nothing."""
        digits = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        with self._engine.begin() as connection:
            connection.execute(
                code.update().where(code.c.id == reserved).values(hash=self.digest(conversation_id, digits), number=number)
            )
        return digits

    def release(self, reserved: int) -> None:
        """Forget a code that could not be sent; it does not count."""
        with self._engine.begin() as connection:
            connection.execute(code.delete().where(code.c.id == reserved))

    def enter(self, conversation_id: str, digest: str) -> Entered:
        """Try a code, given as `digest`; where it is right, the conversation is the candidate's from now on."""
        now = self._clock()
        newest = sa.select(code).where(code.c.conversation_id == conversation_id).order_by(code.c.id.desc()).limit(1)
        with self._engine.begin() as connection:
            row = connection.execute(newest).mappings().first()
            if row is None or row["hash"] is None:
                return Entered.SPENT if row and row["tries"] >= MOST_TRIES else Entered.NONE
            if now >= row["asked_at"] + CODE_LIFETIME:
                return Entered.EXPIRED
            alive = sa.and_(code.c.id == row["id"], code.c.hash.is_not(None), code.c.tries < MOST_TRIES)
            if not connection.execute(code.update().where(alive).values(tries=code.c.tries + 1)).rowcount:
                return Entered.SPENT
            if not (hmac.compare_digest(row["hash"], digest) and row["number"]):
                dead = sa.and_(code.c.id == row["id"], code.c.tries >= MOST_TRIES)
                died = connection.execute(code.update().where(dead).values(hash=None, number=None)).rowcount
                return Entered.SPENT if died else Entered.WRONG
            used = (
                code.update().where(code.c.id == row["id"], code.c.hash.is_not(None)).values(hash=None, number=None, tries=0)
            )
            if not connection.execute(used).rowcount:
                return Entered.NONE
            connection.execute(identity.delete().where(identity.c.conversation_id == conversation_id))
            connection.execute(
                identity.insert().values(
                    conversation_id=conversation_id, number=row["number"], valid_until=now + IDLE, steps="{}"
                )
            )
            return Entered.RIGHT

    def who(self, conversation_id: str) -> Optional[str]:
        """Return the number of the candidate who is identified in the conversation, or None."""
        row = self._identity(conversation_id)
        return row["number"] if row else None

    def steps(self, conversation_id: str) -> dict[str, Any]:
        """Return what `remember_steps` kept for who is identified; empty where nobody is."""
        row = self._identity(conversation_id)
        return dict(json.loads(row["steps"])) if row else {}

    def remember_steps(self, conversation_id: str, steps: dict[str, Any]) -> None:
        """Keep the situation that was just read, as long as the identity lasts."""
        of_conversation = identity.c.conversation_id == conversation_id
        with self._engine.begin() as connection:
            connection.execute(identity.update().where(of_conversation).values(steps=json.dumps(steps)))

    def touch(self, connection: Connection, conversation_id: str) -> None:
        """Let the identity last: its conversation goes on. In the caller's transaction."""
        now = self._clock()
        valid = sa.and_(identity.c.conversation_id == conversation_id, identity.c.valid_until > now)
        connection.execute(identity.update().where(valid).values(valid_until=now + IDLE))

    def forget(self, conversation_id: str) -> None:
        """End the identity and every code of the conversation."""
        with self._engine.begin() as connection:
            self._kill(connection, conversation_id)
            connection.execute(identity.delete().where(identity.c.conversation_id == conversation_id))

    def digest(self, conversation_id: str, digits: str) -> str:
        """Return the keyed hash of a code, which is worth nothing in another conversation."""
        return self.keyed("code", f"{conversation_id}:{digits}")

    def keyed(self, purpose: str, value: str) -> str:
        """Return a hash that only this server can make."""
        return hmac.new(self._key, f"{purpose}:{value}".encode(), "sha256").hexdigest()

    def _identity(self, conversation_id: str) -> Any:
        valid = sa.and_(identity.c.conversation_id == conversation_id, identity.c.valid_until > self._clock())
        with reading(self._engine) as connection:
            return connection.execute(sa.select(identity).where(valid)).mappings().first()

    @staticmethod
    def _kill(connection: Connection, conversation_id: str) -> None:
        connection.execute(code.update().where(code.c.conversation_id == conversation_id).values(hash=None, number=None))
