"""The calendar file has the days that are still to come, and independent parsers read it."""

from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import pytest
import vobject
from icalendar import Calendar
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.agenda import ActionAgenda
from assistant.action_services import ActionServices
from assistant.calendar_file import Appointment, calendar_of, round_calendar
from assistant.facts import load_facts
from assistant.settings import BRUSSELS, ActionSettings, read_settings


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


def test_an_appointment_of_ones_own_has_the_right_instant_for_another_library() -> None:
    """Also over the change to winter time, which is on 26 October 2025."""
    summer = Appointment("mijn_gesprek", datetime(2025, 10, 25, 10, 30, tzinfo=BRUSSELS))
    winter = Appointment("mijn_gesprek", datetime.fromisoformat("2025-11-20T09:30:00+00:00"))
    last_day = Appointment("stap2_einde", date(2025, 11, 6))
    attachment = calendar_of([summer, winter, last_day], datetime(2025, 10, 24, tzinfo=BRUSSELS))
    assert attachment is not None
    events = vobject.readOne(attachment.data).vevent_list
    starts = [event.dtstart.value for event in events]
    assert [start.astimezone(timezone.utc).isoformat() for start in starts[:2]] == [
        "2025-10-25T08:30:00+00:00",
        "2025-11-20T09:30:00+00:00",
    ]
    assert [start.strftime("%H:%M") for start in starts[:2]] == ["10:30", "10:30"]
    assert starts[2] == date(2025, 11, 6)


def test_an_interview_stays_until_it_begins() -> None:
    interview = Appointment("mijn_gesprek", datetime(2025, 11, 20, 10, 30, tzinfo=BRUSSELS))
    assert calendar_of([interview], datetime(2025, 11, 20, 10, 29, tzinfo=BRUSSELS))
    assert calendar_of([interview], datetime(2025, 11, 20, 10, 31, tzinfo=BRUSSELS)) is None


@pytest.mark.parametrize(("moment", "has_file"), [("2025-10-01T09:00", True), ("2026-01-01T09:00", False)])
async def test_the_action_gives_the_file_with_the_answer(moment: str, has_file: bool, tmp_path: Path) -> None:
    dispatcher = CollectingDispatcher()
    settings = read_settings(ActionSettings, bot_now=moment, database_url=f"sqlite:///{tmp_path}/assistant.db")
    action = ActionAgenda(ActionServices.from_settings(settings))
    assert await action.run(dispatcher, Tracker("a", {}, {}, [], False, None, {}, "action_listen"), {}) == []
    (message,) = dispatcher.messages
    assert message["response"] == "utter_agenda"
    assert bool(message["attachment"]) is has_file
