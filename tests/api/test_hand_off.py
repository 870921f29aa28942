"""From 'ja' in the chat to a mail in the mailbox; and what the candidate reads while something is down."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from assistant.hand_off.hand_offs import hand_off
from assistant.mail.outbox import Outbox, outbox
from assistant.storage import open_database
from tests.candidates import Office, office
from tests.conftest import ROOT
from tests.databases import postgres
from tests.watching import metrics
from tools.servers import Conversation, chat_server, free_port, mail_worker

NOW = "2025-10-30T10:00:00+01:00"
SECONDS = 20


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('data')}/assistant.db"


@pytest.fixture(scope="module")
def kortrijk(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), BOT_NOW=NOW, DATABASE_URL=database, HANDOFF_TERM="3") as running:
        yield running


def before_the_yes(conversation: Conversation, question: str) -> None:
    conversation.ask("ik wil iemand spreken")
    conversation.ask(question)
    conversation.ask("Jan De Smet")
    assert "Mag ik dit doorgeven?" in conversation.ask("jan@elders.example")["text"]


def test_a_question_arrives_with_the_conversation_and_without_the_code(kortrijk: Office, database: str) -> None:
    conversation = kortrijk.identified("gita@kandidaat.example")
    code = kortrijk.code()
    assert "33 tot 35" in conversation.ask("hoeveel verlof krijg ik?")["text"]
    conversation.ask("ik wil iemand spreken")
    conversation.ask("mag ik op 12 november verlof nemen als ik begin? 👍")
    told = conversation.ask("ja, met kopie")["text"]
    assert "ten laatste op 4 november 2025" in told
    before = len(kortrijk.mail.mails)
    with mail_worker(kortrijk.mail.folder.parent, database, kortrijk.mail.port, BOT_NOW=NOW):
        deadline = time.monotonic() + SECONDS
        while len(kortrijk.mail.mails) < before + 2:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    by_recipient = {mail["To"]: mail for mail in kortrijk.mail.mails[before:]}
    officer, copy = by_recipient["vacatures@kortrijk.be"], by_recipient["gita@kandidaat.example"]
    text = officer.get_body(("plain",)).get_content()
    assert officer["Reply-To"] == "gita@kandidaat.example"
    assert officer["Subject"].startswith("[KV-")
    for words in (
        "mag ik op 12 november verlof nemen als ik begin? 👍",
        "Gita Voorbeeld",
        "Kandidaatnummer K-2025-0007",
        "Nu aan: de online test administratieve vaardigheden (stap 2)",
        "kandidaat: hoeveel verlof krijg ik?",
        "33 tot 35 vakantiedagen",
        "30/10/2025 om 10.00 uur",
        "Beloofd antwoord: ten laatste op 04/11/2025",
    ):
        assert words in text
    assert code not in text
    assert code.replace(" ", "") not in text
    assert "ten laatste op 04/11/2025" in copy.get_body(("plain",)).get_content()
    log = kortrijk.chat.log.read_text(encoding="utf-8")
    assert "verlof nemen" not in log
    assert "Gita" not in log


def test_while_mail_is_down_the_candidate_reads_the_truth(kortrijk: Office, database: str) -> None:
    """No worker runs here, and one mail has waited for an hour already."""
    conversation = kortrijk.converse()
    before_the_yes(conversation, "krijg ik een laptop?")
    assert "Je vraag is doorgegeven" in conversation.ask("ja")["text"]
    engine = open_database(database)
    with engine.begin() as connection:
        connection.execute(outbox.update().values(created_at=datetime.now(timezone.utc) - timedelta(hours=1)))
    measured = metrics(kortrijk.chat.actions_watch_url)
    assert measured["assistant_outbox_oldest_seconds"] >= 3600
    assert measured['assistant_outbox_mails{state="queued"}'] >= 1
    conversation = kortrijk.converse()
    before_the_yes(conversation, "krijg ik een scherm?")
    text = conversation.ask("ja")["text"]
    assert "Je vraag is genoteerd voor Leen Hooghe. De mail vertrekt nu nog niet" in text
    assert "KV-" in text
    assert "056 27 85 03" in text
    assert "is doorgegeven" not in text


def test_an_operator_sees_what_waits_and_sends_it_again(kortrijk: Office, database: str) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-W", "ignore", "-m", "tools.outbox", *arguments]
        environment = {**os.environ, "DATABASE_URL": database}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    conversation = kortrijk.converse()
    before_the_yes(conversation, "krijg ik een gsm van het werk?")
    reference = conversation.ask("ja")["text"].split("Je referentie is ")[1][:10]
    listed = run()
    assert reference in listed
    assert "doorgegeven" in listed
    assert "gsm" not in listed
    assert "elders.example" not in listed
    assert run(f"{reference.lower()}").startswith("1 mails will be sent again.")
    port = free_port()
    settings = {"METRICS_PORT": str(port), "BOT_NOW": NOW}
    with mail_worker(kortrijk.mail.folder.parent, database, kortrijk.mail.port, **settings):
        deadline = time.monotonic() + SECONDS
        while Outbox(open_database(database)).waiting():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert run().strip() == "Every mail was sent."
        measured = metrics(f"http://127.0.0.1:{port}")
        assert measured["assistant_outbox_oldest_seconds"] == 0
        assert measured['assistant_mails_total{result="sent"}'] >= 1


def test_a_database_that_stops_at_the_yes_passes_nothing_on_and_says_so(tmp_path: Path) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        chat = stack.enter_context(chat_server(tmp_path, CHAT_RATE_LIMIT="off", DATABASE_URL=database.url))
        conversation = chat.converse()
        before_the_yes(conversation, "krijg ik een kast?")
        database.stop()
        refused = conversation.post({"text": "ja"})
        assert refused.status_code == 503
        assert "er is niets doorgegeven" in refused.json()["message"]
        assert "056 27 85 03" in refused.json()["message"]
        database.start()
        engine = sa.create_engine(database.url)
        with engine.connect() as connection:
            for table in (hand_off, outbox):
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
        assert "Je vraag is doorgegeven" in conversation.ask("ja")["text"]
        with engine.connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(hand_off)).scalar_one() == 1
        engine.dispose()
