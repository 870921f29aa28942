"""Removes what is older than its term, once: `make retention`. The worker and the HR backend do the same every hour."""

from __future__ import annotations

import sys
import threading

from sqlalchemy.exc import SQLAlchemyError

from assistant.privacy.batches import in_words
from assistant.privacy.retention import Retention
from assistant.settings import RetentionSettings, SettingsError, read_settings
from assistant.storage import open_database
from hr_backend.database import prepared_database
from hr_backend.retention import AccessRetention
from hr_backend.settings import DatabaseSettings


def main() -> None:
    """Remove, and print how many of each kind."""
    stop = threading.Event()
    try:
        settings, hr_settings = read_settings(RetentionSettings), read_settings(DatabaseSettings)
        removed = Retention(open_database(settings.database_url), settings).run(stop)
        removed.update(AccessRetention(prepared_database(hr_settings.hr_database_url), hr_settings).run(stop))
    except SettingsError as error:
        sys.exit(str(error))
    except SQLAlchemyError as error:
        sys.exit(f"A database cannot be used ({type(error).__name__}).")
    print(f"Removed: {', '.join(in_words(removed))}.")


if __name__ == "__main__":
    main()
