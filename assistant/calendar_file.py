"""Makes iCalendar files (RFC 5545): of the dates of the round, or of one candidate, that are still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Optional, Union

import yaml
from icalendar import Alarm, Calendar, Event
from pydantic import BaseModel

from assistant.clock import days_left
from assistant.facts import Day, Days, Facts
from assistant.settings import BRUSSELS

TEXTS_FILE = Path(__file__).with_name("calendar.yml")
MIME = "text/calendar"
REMINDER = timedelta(days=-1)
INTERVIEW = timedelta(
    minutes=30
)  # the room to keep free; how long the 'short' interview lasts, the infobundel does not tell
ROUND = ("stap1_uitnodiging", "stap1_einde", "stap2_uitnodiging", "stap2_einde", "stap3_gesprekken")


@dataclass(frozen=True)
class Appointment:
    """A day, or an instant, for a calendar; `name` is its key in calendar.yml."""

    name: str
    when: Union[date, datetime]


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message: `data` is its text."""

    title: str
    filename: str
    mime: str
    data: str


class _Texts(BaseModel):
    """The words of calendar.yml."""

    titel: str
    bestand: str
    naam: str
    afspraken: dict[str, str]


def round_calendar(facts: Facts, now: datetime) -> Optional[Attachment]:
    """Return the file with each day of the round from today on, all-day and with a reminder; None when all are over."""
    return calendar_of(round_appointments(facts), now)


def round_appointments(facts: Facts) -> list[Appointment]:
    """Return each day of the round."""
    return [Appointment(name, day) for name in ROUND for day in _days(facts, name)]


def calendar_of(appointments: Iterable[Appointment], now: datetime) -> Optional[Attachment]:
    """Return the file with those of `appointments` that are not over; None when all are."""
    texts = _texts()
    calendar = Calendar()
    calendar.add("prodid", "-//Stad Kortrijk//kandidaat-assistent//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", texts.naam)
    for appointment in appointments:
        if not _is_over(appointment.when, now):
            calendar.add_component(_event(appointment, texts.afspraken[appointment.name], now))
    if not calendar.subcomponents:
        return None
    # A zone with all of its history is longer than the rest, and not every reader gets through it.
    calendar.add_missing_timezones(date(now.year, 1, 1), date(now.year + 2, 1, 1))
    return Attachment(texts.titel, texts.bestand, MIME, calendar.to_ical().decode("utf-8"))


def _event(appointment: Appointment, summary: str, now: datetime) -> Event:
    event = Event()
    when = appointment.when
    # The same day gets the same id, so that a file that is opened twice makes no second appointment.
    event.add("uid", f"{appointment.name}-{when.isoformat()}@kandidaat-assistent.kortrijk")
    event.add("dtstamp", now.astimezone(timezone.utc))
    if isinstance(when, datetime):
        event.add("dtstart", when.astimezone(BRUSSELS))  # without an end: how long it lasts, nobody has told
    else:
        event.add("dtstart", when)
        event.add("dtend", when + timedelta(days=1))
    event.add("summary", summary)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", REMINDER)
    event.add_component(alarm)
    return event


def _is_over(when: Union[date, datetime], now: datetime) -> bool:
    return when < now if isinstance(when, datetime) else days_left(when, now) < 0


def _days(facts: Facts, name: str) -> Iterator[date]:
    fact = facts[name]
    if isinstance(fact, Day):
        yield fact.waarde
    elif isinstance(fact, Days):
        yield from fact.waarde


@cache
def _texts() -> _Texts:
    return _Texts.parse_obj(yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8")))
