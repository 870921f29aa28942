"""Mails that have been promised: a row is committed first, and a worker sends it, again and again until it is taken.

Times are of the real clock, also where BOT_NOW sets another: a pause must end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.storage import UtcDateTime, create_tables, metadata

QUEUED, SENDING, SENT, FAILED = "queued", "sending", "sent", "failed"
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))  # the last one again and again
GIVE_UP = timedelta(days=3)
CLAIM = timedelta(minutes=5)  # far longer than one mail takes: who holds it longer is dead

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("message_id", sa.String(128), nullable=False, unique=True),
    sa.Column("message", sa.LargeBinary, nullable=False),  # as it goes over the wire
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("last_error", sa.String(200)),
    sa.Index("outbox_due", "state", "not_before"),
)


@dataclass(frozen=True)
class Claimed:
    """A mail that one worker has taken upon itself."""

    id: int
    reference: str
    message: bytes
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class Waiting:
    """What an operator sees of a mail that was not sent yet, or cannot be; never its content."""

    reference: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    last_error: Optional[str]


def enqueue(connection: Connection, reference: str, kind: str, message: EmailMessage) -> None:
    """Promise a mail, in the caller's transaction."""
    now = _now()
    connection.execute(
        outbox.insert().values(
            reference=reference,
            kind=kind,
            message_id=message["Message-ID"],
            message=message.as_bytes(),
            state=QUEUED,
            attempts=0,
            created_at=now,
            not_before=now,
        )
    )


class Outbox:
    """What a worker and an operator do with the promised mails.

    Args:
        engine: the assistant's database.
        pauses: how long to wait after the first, second, … failure; the last one again and again.
    """

    def __init__(self, engine: Engine, pauses: Sequence[timedelta] = PAUSES, claim: timedelta = CLAIM) -> None:
        self._engine = engine
        self._pauses = pauses
        self._claim = claim
        create_tables(engine)

    def claim(self, worker: str) -> Optional[Claimed]:
        """Take one mail that is due, so that no other worker does; None where none is."""
        now = _now()
        due = (
            sa.select(outbox)
            .where(outbox.c.state == QUEUED, outbox.c.not_before <= now)
            .order_by(outbox.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._engine.begin() as connection:
            row = connection.execute(due).mappings().first()
            if row is None:
                return None
            mine = outbox.update().where(outbox.c.id == row["id"], outbox.c.state == QUEUED)
            taken = connection.execute(mine.values(state=SENDING, claimed_by=worker, claimed_at=now)).rowcount
        if not taken:  # SQLite locks no rows: somebody was faster
            return self.claim(worker)
        return Claimed(row["id"], row["reference"], row["message"], row["attempts"], row["created_at"])

    def sent(self, mail: Claimed, worker: str) -> None:
        """Note that the server has taken the mail."""
        self._mark(mail, worker, state=SENT, sent_at=_now(), last_error=None)

    def failed(self, mail: Claimed, worker: str, error: str, permanent: bool) -> bool:
        """Note why the mail was not taken; return whether it will be tried again."""
        now = _now()
        again = not permanent and now - mail.created_at < GIVE_UP
        pause = self._pauses[min(mail.attempts, len(self._pauses) - 1)]
        self._mark(mail, worker, state=QUEUED if again else FAILED, not_before=now + pause, last_error=error[:200])
        return again

    def sweep(self) -> int:
        """Free what a worker claimed that is dead by now; return how many."""
        stuck = outbox.update().where(outbox.c.state == SENDING, outbox.c.claimed_at < _now() - self._claim)
        with self._engine.begin() as connection:
            return int(connection.execute(stuck.values(state=QUEUED, claimed_by=None)).rowcount)

    def waiting(self) -> list[Waiting]:
        """Return what was not sent yet and what failed, oldest first."""
        columns = [outbox.c[name] for name in Waiting.__dataclass_fields__]
        query = sa.select(*columns).where(outbox.c.state != SENT).order_by(outbox.c.id)
        with self._engine.connect() as connection:
            return [Waiting(**row) for row in connection.execute(query).mappings()]

    def resend(self, reference: Optional[str] = None) -> int:
        """Try again at once what failed or waits: of one reference, or all; return how many mails."""
        again = outbox.update().where(outbox.c.state.in_([FAILED, QUEUED]))
        if reference:
            again = again.where(outbox.c.reference == reference)
        with self._engine.begin() as connection:
            # Given another three days, too.
            return int(connection.execute(again.values(state=QUEUED, not_before=_now(), created_at=_now())).rowcount)

    def oldest_waiting(self) -> Optional[datetime]:
        """Return since when the oldest mail waits to be sent, or None where none does; those that failed wait no more."""
        query = sa.select(sa.func.min(outbox.c.created_at)).where(outbox.c.state.in_([QUEUED, SENDING]))
        with self._engine.connect() as connection:
            oldest: Optional[datetime] = connection.execute(query).scalar_one()
        return oldest

    def counts(self) -> dict[str, int]:
        """Return how many mails are in each state but sent."""
        query = sa.select(outbox.c.state, sa.func.count()).where(outbox.c.state != SENT).group_by(outbox.c.state)
        with self._engine.connect() as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}

    def _mark(self, mail: Claimed, worker: str, **values: object) -> None:
        mine = sa.and_(outbox.c.id == mail.id, outbox.c.state == SENDING, outbox.c.claimed_by == worker)
        with self._engine.begin() as connection:
            connection.execute(outbox.update().where(mine).values(attempts=outbox.c.attempts + 1, **values))


def _now() -> datetime:
    return datetime.now(timezone.utc)
