"""Whether the assistant was of use: asked once in a conversation, kept without anything that tells who answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.storage import UtcDateTime, create_tables, metadata

FEEDBACK = "nuttig"  # the dialogue, in `Pending.awaits`
ASKED = f"{FEEDBACK}.antwoord"
MOST_WORDS = 4  # of an answer; who writes more says something else

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("topic", sa.String(64), nullable=False),
    sa.Column("useful", sa.Boolean, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)


class Feedback:
    """The opinions of candidates."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_tables(engine)

    def keep(self, topic: str, useful: bool, now: datetime) -> None:
        """Keep whether the answer about `topic` was of use; of the moment, only the day, so that it leads to nobody."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        with self._engine.begin() as connection:
            connection.execute(feedback.insert().values(topic=topic, useful=useful, at=day))


def is_answer(text: str) -> bool:
    """Tell whether a text is short enough to be an answer and no more."""
    return len(text.split()) <= MOST_WORDS
