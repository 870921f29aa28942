"""Opens the HR database, ready for use: the newest tables, and a round."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from assistant.facts import load_facts
from assistant.storage import open_database
from hr_backend.candidates import fill_round
from hr_backend.migrations import upgrade


def prepared_database(url: str) -> Engine:
    """Return an engine on the database after its migrations."""
    engine = open_database(url)
    upgrade(engine)
    fill_round(engine, load_facts())
    return engine
