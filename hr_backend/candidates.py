"""Reads candidates and the round from the database, and writes down who read whose record."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.facts import Day, Days, Facts
from assistant.settings import BRUSSELS
from hr_backend.migrations import one_at_a_time
from hr_backend.records import STATUSES, Candidate, Round, RoundStep, Step, email_key
from hr_backend.schema import access, candidate, candidate_step, round_day, round_step


class Candidates:
    """The candidates of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def by_number(self, number: str, reader: str, now: datetime) -> Optional[Candidate]:
        """Return the record with this number, or None."""
        return self._read(candidate.c.number == number, reader, now)

    def by_email(self, address: str, reader: str, now: datetime) -> Optional[Candidate]:
        """Return the record with this address, whatever its capitals, or None."""
        return self._read(candidate.c.email_key == email_key(address), reader, now)

    def _read(self, matching: Any, reader: str, now: datetime) -> Optional[Candidate]:
        """Read and log in one transaction: a record that cannot be logged is not given."""
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(candidate).where(matching)).mappings().one_or_none()
            if row is None:
                return None
            connection.execute(access.insert().values(at=now.astimezone(timezone.utc), reader=reader, number=row["number"]))
            return Candidate(**row, steps=_steps(connection, row["number"]))


def _steps(connection: Connection, number: str) -> list[Step]:
    rows = connection.execute(
        sa.select(candidate_step).where(candidate_step.c.number == number).order_by(candidate_step.c.step)
    )
    return [Step(**{**row, "interview_at": in_brussels(row["interview_at"])}) for row in rows.mappings()]


def in_brussels(instant: Optional[datetime]) -> Optional[datetime]:
    """Return an instant of the database in Kortrijk's time; SQLite keeps no zone, and what we store is UTC."""
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)
    return aware.astimezone(BRUSSELS)


def newest_round(engine: Engine) -> Optional[Round]:
    """Return the round of the last year that there is one of."""
    with engine.connect() as connection:
        year = connection.execute(sa.select(sa.func.max(round_step.c.year))).scalar_one()
        if year is None:
            return None
        steps = connection.execute(sa.select(round_step).where(round_step.c.year == year).order_by(round_step.c.step))
        days = connection.execute(sa.select(round_day).where(round_day.c.year == year).order_by(round_day.c.day)).all()
        return Round(
            year=year,
            steps=[
                RoundStep(**row, days=[found.day for found in days if found.step == row["step"]]) for row in steps.mappings()
            ],
        )


def fill_round(engine: Engine, facts: Facts) -> None:
    """Write the round of the facts, unless its year has one: from then on the database is the one that counts."""
    year = _day(facts, "stap1_uitnodiging").year
    interviews = facts["stap3_gesprekken"]
    days = interviews.waarde if isinstance(interviews, Days) else []
    with engine.begin() as connection:
        one_at_a_time(connection)
        if connection.execute(sa.select(round_step.c.step).where(round_step.c.year == year)).first():
            return
        for step in STATUSES:
            dated = f"stap{step}_uitnodiging" in facts
            connection.execute(
                round_step.insert().values(
                    year=year,
                    step=step,
                    invited_on=_day(facts, f"stap{step}_uitnodiging") if dated else None,
                    ends_on=_day(facts, f"stap{step}_einde") if dated else None,
                )
            )
        connection.execute(round_day.insert(), [{"year": year, "step": 3, "day": day} for day in days])


def _day(facts: Facts, name: str) -> Any:
    fact = facts[name]
    if not isinstance(fact, Day):
        raise TypeError(f"{name} is not one day")
    return fact.waarde
