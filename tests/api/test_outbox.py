"""What was promised arrives: once where nothing goes wrong, and never less whatever does."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.hand_off.hand_offs import HandOff, HandOffs, Line, hand_off
from assistant.hand_off.reference import PATTERN
from assistant.hand_off.term import answer_by
from assistant.mail.messages import Messages
from assistant.mail.outbox import FAILED, GIVE_UP, Outbox, outbox
from assistant.mail.sender import MailError, SmtpSender
from assistant.mail.worker import Worker
from assistant.settings import BRUSSELS, MailSettings
from assistant.storage import open_database
from tests.conftest import ROOT
from tests.databases import postgres
from tests.mail_faults import CLOSING, REFUSING, REJECTING, STALLING, TAKING_AND_CLOSING, WELL, FaultyMailServer
from tools.servers import free_port

CLIENTS, EACH = 20, 10
DELIVERED_SECONDS = 90
NOW = datetime(2025, 10, 30, 10, 0, tzinfo=BRUSSELS)
TO = "vacatures@kortrijk.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path}/assistant.db"
        else:
            yield stack.enter_context(postgres()).url
            open_database.cache_clear()


@pytest.fixture
def server() -> Iterator[FaultyMailServer]:
    running = FaultyMailServer()
    running.start()
    yield running
    running.stop()


def hand_offs(url: str) -> HandOffs:
    messages = Messages("assistent@kortrijk.example", load_facts(), lambda: NOW)
    return HandOffs(open_database(url), messages, to=TO, clock=clock_for(NOW))


def asked(number: int = 0, **changes: object) -> HandOff:
    values = {
        "conversation_id": f"{number:032x}",
        "topic": "verhinderd",
        "question": f"Mag ik mijn test later maken? ({number})",
        "name": "Jan De Smet",
        "email": "jan@elders.example",
        "candidate_number": None,
        "step": None,
        "answered": "Dat staat niet in de infobundel.",
        "conversation": (Line("kandidaat", "mag dat?", NOW), Line("assistent", "Dat staat er niet in.", NOW)),
        "wants_copy": False,
        **changes,
    }
    return HandOff(**values)  # type: ignore[arg-type] # a test's own dictionary


@contextmanager
def workers(url: str, port: int, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [worker(url, port) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait(10)


def worker(url: str, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": url, "SMTP_PORT": str(port)}
    command = [sys.executable, "-W", "ignore", "-m", "tests.worker_process"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def references(server: FaultyMailServer) -> Counter[str]:
    return Counter(re.findall(r"\[(KV-\S+)\]", mail["Subject"])[0] for mail in list(server.mails))


def wait_until_sent(url: str) -> None:
    deadline = time.monotonic() + DELIVERED_SECONDS
    while Outbox(open_database(url)).waiting():
        assert time.monotonic() < deadline, Outbox(open_database(url)).waiting()
        time.sleep(0.2)


def test_two_hundred_questions_arrive_through_every_fault(url: str, server: FaultyMailServer) -> None:
    """Twenty clients pass questions on while the mail server fails in every way and workers are killed."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    passing = hand_offs(url)
    over = threading.Event()

    def client(number: int) -> list[str]:
        found = []
        for each in range(EACH):
            found.append(passing.submit(asked(number * EACH + each)).reference)
            time.sleep(0.05)
        return found

    def chaos(running: list[subprocess.Popen[bytes]]) -> None:
        while not over.is_set():
            server.fault = chance.choice([WELL, REFUSING, STALLING, CLOSING, TAKING_AND_CLOSING])
            if chance.random() < 0.3:
                (server.stop if server.is_up else server.start)()
            if chance.random() < 0.4:
                victim = chance.randrange(len(running))
                running[victim].send_signal(signal.SIGKILL)
                running[victim].wait(10)
                running[victim] = worker(url, server.port)
            over.wait(0.4)
        server.fault = WELL
        if not server.is_up:
            server.start()

    with workers(url, server.port, 3) as running:
        disturbing = threading.Thread(target=chaos, args=(running,))
        disturbing.start()
        with ThreadPoolExecutor(CLIENTS) as pool:
            promised = [reference for found in pool.map(client, range(CLIENTS)) for reference in found]
        time.sleep(6)
        over.set()
        disturbing.join()
        wait_until_sent(url)
    arrived = references(server)
    duplicates = sum(arrived.values()) - len(arrived)
    print(f"{len(arrived)} references arrived, {duplicates} duplicates")
    assert len(set(promised)) == CLIENTS * EACH
    assert set(arrived) == set(promised)
    for reference in arrived:
        ids = {mail["Message-ID"] for mail in server.mails if reference in mail["Subject"]}
        assert len(ids) == 1


def test_several_workers_send_nothing_twice(url: str, server: FaultyMailServer) -> None:
    passing = hand_offs(url)
    promised = {passing.submit(asked(number)).reference for number in range(60)}
    with workers(url, server.port, 4):
        wait_until_sent(url)
    assert references(server) == Counter(promised)


def test_the_same_question_of_a_conversation_is_passed_on_once(url: str) -> None:
    passing = hand_offs(url)
    with ThreadPoolExecutor(8) as pool:
        submitted = list(pool.map(lambda _: passing.submit(asked(1)), range(8)))
    assert len({found.reference for found in submitted}) == 1
    assert [found.already for found in submitted].count(False) == 1
    assert len(Outbox(open_database(url)).waiting()) == 1
    again = passing.submit(asked(1, question="  mag ik mijn TEST later maken (1)"))
    assert again.already
    assert not passing.submit(asked(2, question="Mag ik mijn test later maken? (1)")).already


def test_a_reference_can_be_read_out(url: str) -> None:
    found = [hand_offs(url).submit(asked(number)).reference for number in range(5)]
    assert all(PATTERN.match(reference) for reference in found)
    assert not set("".join(found)) & set("01OIL8BDPT25SZUQG")


def test_a_refusal_for_good_is_visible_at_once_and_sent_again_on_demand(url: str, server: FaultyMailServer) -> None:
    reference = hand_offs(url).submit(asked()).reference
    box = Outbox(open_database(url))
    server.fault = REJECTING
    one = Worker(box, SmtpSender(MailSettings(smtp_port=server.port)), "one")
    mail = box.claim("one")
    assert mail is not None
    one.send(mail)
    (failed,) = box.waiting()
    assert (failed.state, failed.attempts, failed.last_error) == (FAILED, 1, "refused with 554")
    assert box.claim("one") is None
    server.fault = WELL
    assert box.resend("KV-333-333") == 0
    assert box.resend(reference) == 1
    mail = box.claim("one")
    assert mail is not None
    one.send(mail)
    assert references(server) == {reference: 1}
    assert box.waiting() == []


def test_a_refusal_for_now_is_tried_for_three_days(url: str) -> None:
    hand_offs(url).submit(asked())
    engine = open_database(url)
    box = Outbox(engine, pauses=[timedelta(0)])
    mail = box.claim("one")
    assert mail is not None
    assert box.failed(mail, "one", "refused with 451", permanent=False)
    with engine.begin() as connection:
        connection.execute(outbox.update().values(created_at=datetime.now(timezone.utc) - GIVE_UP))
    mail = box.claim("one")
    assert mail is not None
    assert not box.failed(mail, "one", "refused with 451", permanent=False)
    assert box.waiting()[0].state == FAILED


def test_pauses_grow(url: str) -> None:
    hand_offs(url).submit(asked())
    engine = open_database(url)
    box = Outbox(engine)
    pauses = []
    for _ in range(8):
        with engine.begin() as connection:
            connection.execute(outbox.update().values(not_before=datetime.now(timezone.utc)))
        mail = box.claim("one")
        assert mail is not None
        box.failed(mail, "one", "down", permanent=False)
        with engine.connect() as connection:
            waits = connection.execute(sa.select(outbox.c.not_before)).scalar_one() - datetime.now(timezone.utc)
        pauses.append(round(waits.total_seconds() / 60))
    assert pauses == [1, 2, 5, 15, 30, 60, 60, 60]


def test_what_a_dead_worker_claimed_is_freed(url: str) -> None:
    hand_offs(url).submit(asked())
    box = Outbox(open_database(url), claim=timedelta(0))
    assert box.claim("dead")
    assert box.claim("alive") is None
    time.sleep(0.01)
    assert box.sweep() == 1
    assert box.claim("alive")


@pytest.mark.parametrize("fault", [REFUSING, STALLING, CLOSING])
def test_the_sender_never_waits_long(server: FaultyMailServer, fault: str) -> None:
    server.fault = fault
    messages = Messages("assistent@kortrijk.example", load_facts(), lambda: NOW)
    began = time.monotonic()
    with pytest.raises(MailError) as raised:
        SmtpSender(MailSettings(smtp_port=server.port), seconds=5, total_seconds=1).send(
            messages.compose("onbekend_adres", to="a@b.example")
        )
    assert not raised.value.permanent
    assert time.monotonic() - began < 3


def test_nothing_listens() -> None:
    messages = Messages("assistent@kortrijk.example", load_facts(), lambda: NOW)
    with pytest.raises(MailError) as raised:
        SmtpSender(MailSettings(smtp_port=free_port())).send(messages.compose("onbekend_adres", to="a@b.example"))
    assert not raised.value.permanent


def test_a_stopped_database_stores_nothing_half() -> None:
    with postgres() as database:
        passing = hand_offs(database.url)
        database.stop()
        with pytest.raises(SQLAlchemyError):
            passing.submit(asked())
        database.start()
        engine = open_database(database.url)
        with engine.connect() as connection:
            for table in (hand_off, outbox):
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
        assert not passing.submit(asked()).already
        engine.dispose()
    open_database.cache_clear()


HARMFUL = {
    "a header": {"name": "Jan\r\nBcc: dief@elders.example", "topic": "stap2\r\nBcc: dief@elders.example"},
    "HTML": {"question": "<img src=x onerror=alert(1)><script>alert(2)</script> & 'meer'", "name": "<b>Jan</b>"},
    "the longest message": {"question": "ë" * 1000},
    "one long word": {"question": "x" * 1000},
    "emoji": {"question": "👩🏽‍💻 mag dat? 🙏"},
    "right to left": {"question": "\u202eהאם אפשר? \u202d مرحبا"},
    "a line of a dot": {"question": "eerste\n.\nlaatste\nFrom hier"},
    "a hundred turns": {
        "conversation": tuple(Line("kandidaat" if n % 2 else "assistent", f"bericht {n}", NOW) for n in range(200)),
    },
}  # fmt: skip


@pytest.mark.parametrize("harm", HARMFUL)
def test_whatever_was_typed_arrives_as_harmless_text(tmp_path: Path, server: FaultyMailServer, harm: str) -> None:
    url = f"sqlite:///{tmp_path}/assistant.db"
    question = asked(**HARMFUL[harm], wants_copy=True, candidate_number="K-2025-0007", step=2)
    hand_offs(url).submit(question)
    box = Outbox(open_database(url))
    one = Worker(box, SmtpSender(MailSettings(smtp_port=server.port)), "one")
    for _ in range(2):
        mail = box.claim("one")
        assert mail is not None
        one.send(mail)
    officer, copy = server.mails
    assert officer["To"] == TO
    assert copy["To"] == officer["Reply-To"] == "jan@elders.example"
    text, html = (officer.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert officer["Bcc"] is None
    assert "\n" not in officer["Subject"]
    for words in question.question.splitlines():
        assert words in text
    assert "de online test administratieve vaardigheden (stap 2)" in text
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>Jan" not in html
    for line in question.conversation:
        assert line.text in text
        assert line.text in html
    assert "Kopie van je vraag" in copy["Subject"]


def test_a_term_counts_working_days_of_belgium() -> None:
    """11 November 2025 is a holiday, and 8 and 9 November are a weekend."""
    assert answer_by(date(2025, 11, 6), 3) == date(2025, 11, 12)
    assert answer_by(date(2025, 11, 6), None) is None
