"""Removes what is kept about a conversation, in one transaction: because its candidate asked for it, or because it is old.

A question that was passed on is the city's: its mail is not called back, and one that was promised still leaves. What
stays here of it is its reference and when it was passed on, without a name or a word of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.hand_off.hand_offs import OFFICER, hand_off
from assistant.identity.identification import code, identity
from assistant.mail.outbox import SENT, outbox
from assistant.pending import pending
from assistant.storage import conversation, create_tables

NOBODY = ""  # in the place of the conversation, where a row may stay without one

events = sa.table("events", sa.column("id"), sa.column("sender_id"))  # Rasa's


@dataclass(frozen=True)
class PassedOn:
    """The references of a conversation's questions: those that the city has, and those that have yet to leave."""

    at_the_city: tuple[str, ...]
    on_their_way: tuple[str, ...]


class Erasure:
    """Removes conversations.

    Args:
        engine: the assistant's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine)

    def passed_on(self, conversation_id: str) -> PassedOn:
        """Return what the conversation's candidate had passed on."""
        query = (
            sa.select(hand_off.c.reference, outbox.c.state)
            .join(outbox, sa.and_(outbox.c.reference == hand_off.c.reference, outbox.c.kind == OFFICER))
            .where(hand_off.c.conversation_id == conversation_id)
            .order_by(hand_off.c.passed_on_at, hand_off.c.reference)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return PassedOn(
            tuple(row.reference for row in rows if row.state == SENT),
            tuple(row.reference for row in rows if row.state != SENT),
        )

    def erase(self, conversation_id: str) -> None:
        """Remove everything about a conversation, for good."""
        with self._engine.begin() as connection:
            forget(connection, conversation_id)
            connection.execute(
                hand_off.update()
                .where(hand_off.c.conversation_id == conversation_id)
                .values(
                    conversation_id=NOBODY,
                    question_key=hand_off.c.reference,  # unique, as the column must be
                    question="",
                    name="",
                    email="",
                    candidate_number=None,
                )
            )
            connection.execute(outbox.delete().where(sent_and_erased()))


def forget(connection: Connection, conversation_id: str) -> None:
    """Remove the conversation itself, who it was with, what was asked and what was said.

    A code's row goes on counting for its address and its client, so that nobody gets more codes by erasing; it tells no
    longer in which conversation, and proves nothing.
    """
    for table in (identity, pending):
        connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
    codes = code.update().where(code.c.conversation_id == conversation_id)
    connection.execute(codes.values(conversation_id=NOBODY, hash=None, number=None))
    connection.execute(sa.delete(events).where(events.c.sender_id == conversation_id))
    connection.execute(conversation.delete().where(conversation.c.id == conversation_id))


def sent_and_erased() -> sa.sql.ColumnElement[bool]:
    """Return what holds for a mail that has been sent and whose conversation was erased: our copy serves nothing more."""
    erased = sa.select(hand_off.c.reference).where(hand_off.c.conversation_id == NOBODY)
    return sa.and_(outbox.c.state == SENT, outbox.c.reference.in_(erased))
