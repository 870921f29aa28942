"""The calendar file has the days that are still to come, and independent parsers read it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from icalendar import Calendar
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.agenda import ActionAgenda
from assistant.calendar_file import round_calendar
from assistant.facts import load_facts
from assistant.settings import BRUSSELS


def days_at(*moment: int) -> list[date]:
    attachment = round_calendar(load_facts(), datetime(*moment, tzinfo=BRUSSELS))
    return [event.decoded("dtstart") for event in Calendar.from_ical(attachment.data).walk("VEVENT")] if attachment else []


def test_before_the_round_every_day_is_in_it() -> None:
    assert days_at(2025, 10, 1) == [
        date(2025, 10, 22), date(2025, 10, 26), date(2025, 10, 27), date(2025, 11, 3),
        date(2025, 11, 14), date(2025, 11, 20), date(2025, 11, 21),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ((2025, 11, 3, 23, 59), date(2025, 11, 3)),
        ((2025, 11, 4, 0, 0), date(2025, 11, 14)),
        ((2025, 11, 21, 12), date(2025, 11, 21)),
    ],
)
def test_a_day_stays_until_it_is_over(moment: tuple[int, ...], first: date) -> None:
    assert days_at(*moment)[0] == first


def test_after_the_round_there_is_no_file() -> None:
    assert round_calendar(load_facts(), datetime(2025, 11, 22, tzinfo=BRUSSELS)) is None


def test_the_file_keeps_to_the_standard() -> None:
    attachment = round_calendar(load_facts(), datetime(2025, 10, 1, tzinfo=BRUSSELS))
    assert attachment is not None
    assert attachment.mime == "text/calendar"
    lines = attachment.data.split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert all(len(line.encode()) <= 75 for line in lines)
    events = Calendar.from_ical(attachment.data).walk("VEVENT")
    assert len({event["uid"] for event in events}) == len(events)
    for event in events:
        assert (event.decoded("dtend") - event.decoded("dtstart")).days == 1
        assert event.errors == []


@pytest.mark.parametrize(("moment", "has_file"), [((2025, 10, 1), True), ((2026, 1, 1), False)])
def test_the_action_gives_the_file_with_the_answer(moment: tuple[int, ...], has_file: bool) -> None:
    dispatcher = CollectingDispatcher()
    action = ActionAgenda(clock=lambda: datetime(*moment, tzinfo=BRUSSELS))
    assert action.run(dispatcher, Tracker("a", {}, {}, [], False, None, {}, "action_listen"), {}) == []
    (message,) = dispatcher.messages
    assert message["response"] == "utter_agenda"
    assert bool(message["attachment"]) is has_file
