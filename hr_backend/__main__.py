"""Runs the HR backend: `python -m hr_backend`. Unless HR_HOST says otherwise it listens on this machine only."""

from __future__ import annotations

import sys
import threading

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from assistant.log import configure_logging
from assistant.privacy.batches import keep_removing
from assistant.settings import SettingsError, read_settings
from hr_backend.app import application
from hr_backend.database import prepared_database
from hr_backend.retention import AccessRetention
from hr_backend.settings import HrSettings


def main() -> None:
    """Bring the database up to date, then serve until stopped."""
    configure_logging("hr")
    try:
        settings = read_settings(HrSettings)
    except SettingsError as error:
        sys.exit(f"hr: {error}")
    try:
        engine = prepared_database(settings.hr_database_url)
    except SQLAlchemyError as error:
        sys.exit(f"hr: the database of HR_DATABASE_URL cannot be used ({type(error).__name__})")
    old = AccessRetention(engine, settings)
    threading.Thread(target=keep_removing, args=(old.run, threading.Event()), daemon=True).start()
    app = application(engine, settings.hr_api_token)
    uvicorn.run(
        app,
        host=settings.hr_host,
        port=settings.hr_port,
        log_config=None,
        access_log=False,  # it would hold e-mail addresses; ours stands in the database
        server_header=False,
        ws="none",  # there are no web sockets here, and the release that Rasa pins is too old for uvicorn
    )


if __name__ == "__main__":
    main()
