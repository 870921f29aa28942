"""Brings the HR database up to date and ends, before the servers start: `python -m hr_backend.migrations`."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from assistant.settings import SettingsError, read_settings
from hr_backend.database import prepared_database
from hr_backend.settings import DatabaseSettings


def main() -> None:
    """Migrate, or say in one line why that did not work."""
    try:
        prepared_database(read_settings(DatabaseSettings).hr_database_url)
    except SettingsError as error:
        sys.exit(f"migrations: {error}")
    except SQLAlchemyError as error:
        sys.exit(f"migrations: the database of HR_DATABASE_URL cannot be used ({type(error).__name__})")


if __name__ == "__main__":
    main()
