"""A PostgreSQL that has stopped in the middle of everything is given up, and is used again once it goes on."""

from __future__ import annotations

import signal
import time

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from assistant.storage import open_database
from tests.databases import postgres

BACK_SECONDS = 60


def test_a_stopped_database_is_given_up_and_comes_back() -> None:
    """Without a limit of our own this would wait for ever: the server that keeps the other limits is stopped itself."""
    with postgres() as server:
        engine = open_database(server.url)
        assert engine.execute(sa.text("SELECT 1")).scalar_one() == 1
        root = psutil.Process(server.pid)
        family = [root, *root.children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(3):
                with pytest.raises(OperationalError):
                    engine.execute(sa.text("SELECT 1"))
        finally:
            for process in family:
                process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + BACK_SECONDS
        while not _answers(engine):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        engine.dispose()
    open_database.cache_clear()


def _answers(engine: Engine) -> bool:
    try:
        return bool(engine.execute(sa.text("SELECT 1")).scalar_one() == 1)
    except OperationalError:
        return False
