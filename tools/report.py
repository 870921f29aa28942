"""Writes the report for HR on a period: `make report FROM=2025-10-20 TO=2025-11-30 FILE=var/report.html`."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from assistant.settings import BRUSSELS, DatabaseSettings, SettingsError, read_settings
from assistant.storage import open_database
from tools.model import ROOT

DEFAULT = Path("var") / "report.html"
DAYS = 30  # of the report, where nothing is asked for
MOST_DAYS = 366


def main() -> None:
    """Write the page, and say where it stands."""
    from assistant.report.page import report
    from assistant.report.turns import Period

    os.chdir(ROOT)
    today = datetime.now(BRUSSELS).date()
    last = _day("TO") or today
    first = _day("FROM") or last - timedelta(days=DAYS - 1)
    if not first <= last < first + timedelta(days=MOST_DAYS):
        sys.exit(f"FROM must be a day before TO, and at most {MOST_DAYS} days before it.")
    target = Path(os.environ.get("FILE") or DEFAULT)
    try:
        engine = open_database(read_settings(DatabaseSettings).database_url)
        page = report(engine, Period(first, last), datetime.now(BRUSSELS))
    except SettingsError as error:
        sys.exit(str(error))
    except SQLAlchemyError as error:
        sys.exit(f"The database of DATABASE_URL cannot be read ({type(error).__name__}).")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    print(f"{target}: {first} to {last}")


def _day(variable: str) -> date | None:
    value = os.environ.get(variable, "").strip()
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        sys.exit(f"{variable} must be a day such as 2025-10-20, not {value!r}.")


if __name__ == "__main__":
    main()
