"""Removes from the access log what is older than its term; the HR backend does so every hour, beside its server."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

from sqlalchemy.engine import Engine

from assistant.privacy.batches import BATCH, batches, delete_some
from hr_backend.schema import access
from hr_backend.settings import DatabaseSettings


class AccessRetention:
    """Knows the term of the access log.

    Args:
        engine: the HR database.
        settings: how many days the log is kept.
        batch: how many rows one transaction removes.
    """

    def __init__(self, engine: Engine, settings: DatabaseSettings, batch: int = BATCH) -> None:
        self._engine = engine
        self._settings = settings
        self._batch = batch

    def run(self, stop: threading.Event) -> dict[str, int]:
        """Remove what is too old now, until `stop` is set; return how many reads."""
        old = access.c.at < datetime.now(timezone.utc) - timedelta(days=self._settings.keep_access_days)
        return {"reads": batches(lambda: delete_some(self._engine, access, old, self._batch), stop, self._batch)}
