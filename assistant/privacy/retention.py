"""Removes what is older than its term, kind by kind, in small batches; the worker does so every hour.

A hand-off that was not sent is never removed, however old. Times of conversations are those of the assistant's clock, which
`BOT_NOW` can set; times of mails are real.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.clock import clock_for
from assistant.hand_off.hand_offs import hand_off
from assistant.identity.identification import WINDOW, code, identity
from assistant.mail.outbox import SENT, outbox
from assistant.pending import LIFETIME, pending
from assistant.privacy.batches import BATCH, batches, delete_some
from assistant.privacy.erasure import NOBODY, forget, sent_and_erased
from assistant.settings import RetentionSettings
from assistant.storage import conversation, create_tables


class Retention:
    """Knows the terms of one database.

    Args:
        engine: the assistant's database.
        settings: how many days each kind is kept, and by which clock.
        batch: how many rows, or conversations, one transaction removes.
    """

    def __init__(self, engine: Engine, settings: RetentionSettings, batch: int = BATCH) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock_for(settings.bot_now)
        self._batch = batch
        create_tables(engine)

    def run(self, stop: threading.Event) -> dict[str, int]:
        """Remove what is too old now, until `stop` is set; return how many of each kind."""
        return {
            "conversations": batches(self._conversations, stop, self._batch),
            "identities": self._delete(stop, identity, identity.c.valid_until < self._clock()),
            "open questions": self._delete(stop, pending, pending.c.asked_at < self._clock() - LIFETIME),
            "codes": self._delete(stop, code, self._old_code()),
            "mails": self._delete(stop, outbox, self._old_mail()),
            "hand-offs": self._delete(stop, hand_off, self._old_hand_off()),
        }

    def _delete(self, stop: threading.Event, table: sa.Table, condition: sa.sql.ColumnElement[bool]) -> int:
        return batches(lambda: delete_some(self._engine, table, condition, self._batch), stop, self._batch)

    def _conversations(self) -> int:
        old = conversation.c.last_message_at < self._ago(self._settings.keep_conversations_days)
        with self._engine.begin() as connection:
            some = connection.execute(sa.select(conversation.c.id).where(old).limit(self._batch)).scalars().all()
            for conversation_id in some:
                forget(connection, conversation_id)
        return len(some)

    def _old_code(self) -> sa.sql.ColumnElement[bool]:
        """Return what holds for a code past its term; one of an erased conversation stays only while it counts."""
        counts_no_more = sa.and_(code.c.conversation_id == NOBODY, code.c.asked_at < self._clock() - WINDOW)
        return sa.or_(code.c.asked_at < self._ago(self._settings.keep_codes_days), counts_no_more)

    def _old_mail(self) -> sa.sql.ColumnElement[bool]:
        """Return what holds for a mail that was sent long ago, as were the others of its hand-off; or that was erased."""
        sent_before = datetime.now(timezone.utc) - timedelta(days=self._settings.keep_handoffs_days)
        other = outbox.alias()
        newer = sa.and_(
            other.c.reference == outbox.c.reference, sa.or_(other.c.state != SENT, other.c.sent_at >= sent_before)
        )
        old = sa.and_(outbox.c.state == SENT, outbox.c.sent_at < sent_before, ~sa.exists().where(newer))
        return sa.or_(old, sent_and_erased())

    def _old_hand_off(self) -> sa.sql.ColumnElement[bool]:
        has_mail = sa.exists().where(outbox.c.reference == hand_off.c.reference)
        return sa.and_(hand_off.c.passed_on_at < self._ago(self._settings.keep_handoffs_days), ~has_mail)

    def _ago(self, days: int) -> datetime:
        return self._clock() - timedelta(days=days)
