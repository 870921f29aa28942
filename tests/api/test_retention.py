"""What is older than its term goes, in small batches, on both databases; a hand-off that was not sent never does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Optional

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.clock import clock_for
from assistant.hand_off.hand_offs import COPY, OFFICER, hand_off
from assistant.identity.identification import Identification, code, identity
from assistant.mail.outbox import FAILED, QUEUED, SENT, outbox
from assistant.pending import Pending, PendingQuestions, pending
from assistant.privacy.erasure import NOBODY, Erasure
from assistant.privacy.retention import Retention
from assistant.settings import RetentionSettings
from assistant.storage import Conversations, conversation, open_database
from hr_backend.database import prepared_database
from hr_backend.retention import AccessRetention
from hr_backend.schema import access
from hr_backend.settings import DatabaseSettings
from tests.conftest import ROOT, TEST_SECRET
from tests.databases import postgres
from tools.servers import free_port, mail_worker

SECONDS = 60
NOW = datetime.now(timezone.utc)
STOP = threading.Event()
EVENTS = sa.Table(
    "events", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("sender_id", sa.String(255))
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path}/all.db"
        else:
            yield stack.enter_context(postgres()).url
            open_database.cache_clear()


@pytest.fixture
def engine(url: str) -> Engine:
    opened = open_database(url)
    Erasure(opened)  # makes the tables
    EVENTS.metadata.create_all(opened)
    return opened


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def talk(engine: Engine, name: str, days: float) -> None:
    """A conversation with one of everything, that ended so many days ago."""
    clock = clock_for(ago(days))
    Conversations(engine).begin(name, ago(days))
    PendingQuestions(engine).ask(name, Pending("identificatie.code", {"adres": "a@b.example"}), ago(days))
    identification = Identification(engine, TEST_SECRET, clock)
    reserved = identification.reserve(name, f"{name}@b.example", name)
    assert reserved is not None
    digits = identification.issue(reserved, name, "K-1")
    identification.enter(name, identification.digest(name, digits))
    with engine.begin() as connection:
        connection.execute(EVENTS.insert(), [{"sender_id": name}] * 3)


def pass_on(engine: Engine, reference: str, days: float, *states: str, conversation_id: str = "") -> None:
    """A question that was passed on so many days ago, with mails in these states."""
    with engine.begin() as connection:
        connection.execute(
            hand_off.insert().values(
                reference=reference, conversation_id=conversation_id or reference, question_key=reference, question="?",
                name="Jan", email="jan@elders.example", client_key="-", passed_on_at=ago(days),
            )
        )  # fmt: skip
        for kind, state in zip((OFFICER, COPY), states, strict=False):
            sent_at: Optional[datetime] = ago(days) if state == SENT else None
            connection.execute(
                outbox.insert().values(
                    reference=reference, kind=kind, message_id=f"{reference}.{kind}", message=b"?", state=state, attempts=1,
                    created_at=ago(days), not_before=ago(days) + timedelta(days=3650), sent_at=sent_at,
                )
            )  # fmt: skip


def left(engine: Engine, column: Any) -> set[Any]:
    with engine.connect() as connection:
        return set(connection.execute(sa.select(column)).scalars())


def run(engine: Engine, **settings: int) -> dict[str, int]:
    return Retention(engine, RetentionSettings(**settings), batch=3).run(STOP)


def test_each_kind_goes_at_its_own_term(engine: Engine) -> None:
    for name, days in (("new", 0.01), ("recent", 2), ("edge", 89.9), *((f"old{number}", 90.1) for number in range(7))):
        talk(engine, name, days)
    removed = run(engine)
    assert removed["conversations"] == 7
    assert left(engine, conversation.c.id) == {"new", "recent", "edge"}
    assert left(engine, EVENTS.c.sender_id) == {"new", "recent", "edge"}
    assert left(engine, code.c.conversation_id) == {"new"}
    assert left(engine, identity.c.conversation_id) == left(engine, pending.c.conversation_id) == {"new"}
    assert set(run(engine).values()) == {0}


def test_a_hand_off_goes_when_all_of_it_was_sent_long_ago_and_never_before(engine: Engine) -> None:
    for number in range(5):
        pass_on(engine, f"old{number}", 91, SENT, SENT)
    pass_on(engine, "new", 89, SENT)
    pass_on(engine, "waits", 400, QUEUED)
    pass_on(engine, "failed", 4000, FAILED, SENT)
    removed = run(engine)
    assert (removed["mails"], removed["hand-offs"]) == (10, 5)
    assert left(engine, hand_off.c.reference) == left(engine, outbox.c.reference) == {"new", "waits", "failed"}
    assert len(left(engine, outbox.c.id)) == 4
    assert run(engine, keep_handoffs_days=1)["hand-offs"] == 1
    assert left(engine, hand_off.c.reference) == {"waits", "failed"}


def test_what_waited_when_it_was_erased_goes_once_it_is_sent(engine: Engine) -> None:
    talk(engine, "a", 0.2)
    pass_on(engine, "waits", 0.2, QUEUED, conversation_id="a")
    assert Erasure(engine).passed_on("a").on_their_way == ("waits",)
    Erasure(engine).erase("a")
    assert left(engine, code.c.conversation_id) == {NOBODY}
    removed = run(engine)
    assert (removed["mails"], removed["codes"]) == (0, 1)  # the code is older than the hour in which it counts
    with engine.begin() as connection:
        connection.execute(outbox.update().values(state=SENT, sent_at=NOW))
    assert run(engine)["mails"] == 1
    assert left(engine, hand_off.c.name) == {""}


def test_a_batch_is_small_and_stopping_leaves_the_rest_for_later(engine: Engine) -> None:
    for number in range(8):
        talk(engine, f"old{number}", 100)
    sizes = []

    class Stopped(threading.Event):
        def wait(self, timeout: Optional[float] = None) -> bool:  # noqa: ARG002 - of the class
            sizes.append(len(left(engine, conversation.c.id)))
            if len(sizes) == 2:
                self.set()
            return self.is_set()

    Retention(engine, RetentionSettings(), batch=3).run(Stopped())
    assert sizes == [5, 2]
    assert len(left(engine, conversation.c.id)) == 2
    run(engine)
    assert left(engine, conversation.c.id) == set()


def test_the_log_of_reads_is_kept_for_a_year(url: str) -> None:
    engine = prepared_database(url)
    with engine.begin() as connection:
        rows = [{"at": ago(days), "reader": "a", "number": f"{days}"} for days in (1, 364, 366, 367, 4000)]
        connection.execute(access.insert(), rows)
    assert AccessRetention(engine, DatabaseSettings(), batch=2).run(STOP) == {"reads": 3}
    assert left(engine, access.c.number) == {"1", "364"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_worker_and_the_command_do_it(engine: Engine, url: str, tmp_path: Path) -> None:
    talk(engine, "old", 100)
    pass_on(engine, "waits", 100, QUEUED)
    with mail_worker(tmp_path, url, free_port()):
        deadline = time.monotonic() + SECONDS
        while left(engine, conversation.c.id):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    talk(engine, "older", 20)
    environment = {**os.environ, "DATABASE_URL": url, "HR_DATABASE_URL": f"sqlite:///{tmp_path}/hr.db"}
    command = [sys.executable, "-W", "ignore", "-m", "tools.retention"]

    def output(**settings: str) -> str:
        done = subprocess.run(command, cwd=ROOT, env={**environment, **settings}, capture_output=True, text=True, check=True)
        return done.stdout

    assert "0 conversations" in output()
    assert "1 conversations" in output(KEEP_CONVERSATIONS_DAYS="7")
    assert left(engine, hand_off.c.reference) == {"waits"}
