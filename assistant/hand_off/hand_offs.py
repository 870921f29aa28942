"""Keeps what candidates want to have passed on, and promises the mails in the same transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from assistant.clock import Clock
from assistant.hand_off.reference import new_reference
from assistant.mail.messages import Messages
from assistant.mail.outbox import enqueue
from assistant.storage import UtcDateTime, create_tables, metadata

OFFICER, COPY = "doorgegeven", "kopie"  # the kinds of mail, and their templates
WINDOW = timedelta(hours=1)
MOST_OF_CLIENT = 20  # in that window; a library or an office shares one address
MOST_TRIES = 5  # to find a reference that nobody has: one is taken once in millions

hand_off = sa.Table(
    "hand_off",
    metadata,
    sa.Column("reference", sa.String(16), primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("question_key", sa.String(1000), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("candidate_number", sa.String(32)),
    sa.Column("client_key", sa.String(64), nullable=False),
    sa.Column("passed_on_at", UtcDateTime, nullable=False, index=True),
    # The same question in a conversation is passed on once, also when two requests come together.
    sa.UniqueConstraint("conversation_id", "question_key"),
)


@dataclass(frozen=True)
class Line:
    """One message of the conversation."""

    speaker: str  # 'kandidaat' or 'assistent'
    text: str
    at: datetime
    topic: str = ""  # what the candidate's message was about, as it was understood


@dataclass(frozen=True)
class HandOff:
    """A question for a person, with what that person needs to answer it."""

    conversation_id: str
    topic: str
    question: str
    name: str
    email: str
    candidate_number: Optional[str]
    step: Optional[int]
    answered: str
    conversation: tuple[Line, ...]
    wants_copy: bool
    client_key: str = ""  # a keyed hash of where it came from


@dataclass(frozen=True)
class Submitted:
    """What the candidate is told: the reference, and whether the question had been passed on before."""

    reference: str
    already: bool


class HandOffs:
    """Passes questions on.

    Args:
        engine: the assistant's database.
        messages: composes the mails.
        to: where the officer's mail goes.
        clock: the time that the mail states.
        answer_by: the day by which an answer is promised, or None where no term is.
    """

    def __init__(
        self,
        engine: Engine,
        messages: Messages,
        to: str,
        clock: Clock,
        answer_by: Callable[[], Optional[date]] = lambda: None,
    ) -> None:
        self._engine = engine
        self._messages = messages
        self._to = to
        self._clock = clock
        self._answer_by = answer_by
        create_tables(engine)

    def submit(self, asked: HandOff) -> Submitted:
        """Commit the question and its mails, all or nothing; the same question again gives its earlier reference.

        Raises:
            SQLAlchemyError: nothing was stored.
        """
        for _ in range(MOST_TRIES - 1):
            earlier = self.earlier(asked.conversation_id, asked.question)
            if earlier:
                return Submitted(earlier, already=True)
            try:
                return self._store(asked, new_reference())
            except IntegrityError:
                continue  # that reference is taken, or somebody else just passed the same question on
        return self._store(asked, new_reference())

    def earlier(self, conversation_id: str, question: str) -> Optional[str]:
        """Return the reference with which the same question was passed on in this conversation, or None."""
        same = sa.and_(hand_off.c.conversation_id == conversation_id, hand_off.c.question_key == question_key(question))
        with self._engine.connect() as connection:
            found: Optional[str] = connection.execute(sa.select(hand_off.c.reference).where(same)).scalar_one_or_none()
        return found

    def had_enough(self, client_key: str) -> bool:
        """Tell whether somebody passes on more than a person would: a copy goes to any address that is typed."""
        recent = sa.and_(hand_off.c.client_key == client_key, hand_off.c.passed_on_at > self._clock() - WINDOW)
        with self._engine.connect() as connection:
            count = connection.execute(sa.select(sa.func.count()).where(recent)).scalar_one()
        return bool(count >= MOST_OF_CLIENT)

    def _store(self, asked: HandOff, reference: str) -> Submitted:
        values: dict[str, Any] = {
            "hand_off": asked,
            "referentie": reference,
            "tijd": self._clock(),
            "antwoord_tegen": self._answer_by(),
        }
        mails = [(OFFICER, self._messages.compose(OFFICER, to=self._to, reply_to=asked.email, **values))]
        if asked.wants_copy:
            mails.append((COPY, self._messages.compose(COPY, to=asked.email, **values)))
        with self._engine.begin() as connection:
            connection.execute(
                hand_off.insert().values(
                    reference=reference,
                    conversation_id=asked.conversation_id,
                    question_key=question_key(asked.question),
                    question=asked.question,
                    name=asked.name,
                    email=asked.email,
                    candidate_number=asked.candidate_number,
                    client_key=asked.client_key,
                    passed_on_at=self._clock(),
                )
            )
            for kind, mail in mails:
                enqueue(connection, reference, kind, mail)
        return Submitted(reference, already=False)


def question_key(question: str) -> str:
    """Return what two ways to type the same question have in common."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.sub(r"[^\w\s]", " ", folded).split())[:1000]
