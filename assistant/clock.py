"""What time it is, in Kortrijk; passed in wherever the time matters, so that a test or a demonstration can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Optional

from assistant.settings import BRUSSELS

Clock = Callable[[], datetime]


def clock_for(bot_now: Optional[datetime]) -> Clock:
    """Return a clock that stands still at `bot_now`, or the real one when that is None; always in Europe/Brussels."""
    if bot_now is None:
        return lambda: datetime.now(BRUSSELS)
    instant = bot_now.astimezone(BRUSSELS)
    return lambda: instant


def days_left(until: date, now: datetime) -> int:
    """Return the whole calendar days from today to `until`: 0 on the day itself, negative when it is over.

    'Tot en met' includes the day itself up to midnight in Brussels, so only the calendar date counts.
    """
    return (until - now.astimezone(BRUSSELS).date()).days
