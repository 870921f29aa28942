"""By when an answer is promised, in working days of Belgium; only where the city has set a term."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Optional

import holidays


def answer_by(today: date, working_days: Optional[int]) -> Optional[date]:
    """Return the day that lies `working_days` working days after `today`, or None where there is no term."""
    if working_days is None:
        return None
    free = holidays.country_holidays("BE")
    day, left = today, working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in free
    return day
