"""Makes an iCalendar file (RFC 5545) of the dates of the round that are still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Optional

import yaml
from icalendar import Alarm, Calendar, Event
from pydantic import BaseModel

from assistant.clock import days_left
from assistant.facts import Day, Days, Facts

TEXTS_FILE = Path(__file__).with_name("calendar.yml")
MIME = "text/calendar"
REMINDER = timedelta(days=-1)


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
    texts = _texts()
    calendar = Calendar()
    calendar.add("prodid", "-//Stad Kortrijk//kandidaat-assistent//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", texts.naam)
    for name, summary in texts.afspraken.items():
        for day in _days(facts, name):
            if days_left(day, now) >= 0:
                calendar.add_component(_event(name, summary, day, now))
    if not calendar.subcomponents:
        return None
    return Attachment(texts.titel, texts.bestand, MIME, calendar.to_ical().decode("utf-8"))


def _event(name: str, summary: str, day: date, now: datetime) -> Event:
    event = Event()
    # The same day gets the same id, so that a file that is opened twice makes no second appointment.
    event.add("uid", f"{name}-{day.isoformat()}@kandidaat-assistent.kortrijk")
    event.add("dtstamp", now.astimezone(timezone.utc))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", summary)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", REMINDER)
    event.add_component(alarm)
    return event


def _days(facts: Facts, name: str) -> Iterator[date]:
    fact = facts[name]
    if isinstance(fact, Day):
        yield fact.waarde
    elif isinstance(fact, Days):
        yield from fact.waarde


@cache
def _texts() -> _Texts:
    return _Texts.parse_obj(yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8")))
