"""The HR backend keeps candidates on each kind of database, and its servers may start together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from assistant.settings import BRUSSELS
from assistant.storage import open_database
from hr_backend.candidates import Candidates, newest_round
from hr_backend.database import prepared_database
from hr_backend.import_file import DEMO_FILE
from hr_backend.importer import Imported, import_candidates

NOW = datetime(2025, 10, 25, 12, tzinfo=BRUSSELS)
SERVERS = 4


def test_candidates_come_back_as_they_were_imported(database_url: str) -> None:
    engine = prepared_database(database_url)
    assert import_candidates(DEMO_FILE, engine).new > 0
    again = import_candidates(DEMO_FILE, engine)
    assert again == Imported(unchanged=again.unchanged)
    found = Candidates(engine).by_email("AMINA@kandidaat.example", "test", NOW)
    assert found
    assert found == Candidates(engine).by_number(found.number, "test", NOW)
    interviews = [step.interview_at for step in found.steps if step.interview_at]
    assert all(interview.utcoffset() == interview.astimezone(BRUSSELS).utcoffset() for interview in interviews)


def test_servers_that_start_together_all_find_the_newest_tables_and_one_round(postgres_url: str) -> None:
    start = threading.Barrier(SERVERS)

    def begin(_: int) -> object:
        start.wait()
        engine = prepared_database(postgres_url)
        return newest_round(engine)

    with ThreadPoolExecutor(SERVERS) as pool:
        rounds = list(pool.map(begin, range(SERVERS)))
    assert rounds[0]
    assert all(found == rounds[0] for found in rounds)
    assert newest_round(open_database(postgres_url)) == rounds[0]
