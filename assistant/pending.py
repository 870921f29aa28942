"""What the assistant has asked a candidate and waits for; kept in its own table, so that no message can forge it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.storage import UtcDateTime, create_tables, metadata, reading

LIFETIME = timedelta(minutes=30)

pending = sa.Table(
    "pending",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("awaits", sa.String(32), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class Pending:
    """What is waited for (`identificatie.code`, say: the dialogue, a dot, the question), and what is known so far."""

    awaits: str
    data: dict[str, str] = field(default_factory=dict)

    @property
    def dialogue(self) -> str:
        """The dialogue that asked."""
        return self.awaits.partition(".")[0]

    @property
    def question(self) -> str:
        """What it asked."""
        return self.awaits.partition(".")[2]


class PendingQuestions:
    """At most one open question for each conversation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine)

    def of(self, conversation_id: str, now: datetime) -> Optional[Pending]:
        """Return the open question of a conversation, or None; who has been silent for long is not held to it."""
        query = sa.select(pending.c.awaits, pending.c.data).where(
            pending.c.conversation_id == conversation_id, pending.c.asked_at > now - LIFETIME
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return Pending(row.awaits, json.loads(row.data)) if row else None

    def ask(self, conversation_id: str, question: Pending, now: datetime) -> None:
        """Wait for the answer to `question`, in the place of any other."""
        with self._engine.begin() as connection:
            connection.execute(pending.delete().where(pending.c.conversation_id == conversation_id))
            connection.execute(
                pending.insert().values(
                    conversation_id=conversation_id,
                    awaits=question.awaits,
                    data=json.dumps(question.data, ensure_ascii=False),
                    asked_at=now,
                )
            )

    def close(self, conversation_id: str) -> None:
        """Wait for nothing any more."""
        with self._engine.begin() as connection:
            connection.execute(pending.delete().where(pending.c.conversation_id == conversation_id))
