"""What operators see from outside is what happens inside, and tells nothing about anybody."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from assistant.internal_port import DATABASE, OK, STOPPING, Health, watched
from assistant.settings import SettingsError, WatchedSettings
from assistant.storage import conversation as conversation_table
from assistant.storage import open_database
from tests.candidates import Office, office
from tests.databases import Postgres, postgres
from tests.watching import SECONDS, metrics, wait_for
from tools.servers import free_port, mail_worker

NOW = "2025-10-30T10:00:00+01:00"
PLANTED = "Zorro Geheimkens"
ADDRESS = "zorro.geheimkens@elders.example"


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def kortrijk(tmp_path_factory: pytest.TempPathFactory, database: Postgres) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), BOT_NOW=NOW, DATABASE_URL=database.url) as running:
        yield running


@pytest.fixture(scope="module")
def worker_url(kortrijk: Office, database: Postgres) -> Iterator[str]:
    """Its mail server is down, so that the only mails that arrive are those with codes."""
    port = free_port()
    with mail_worker(kortrijk.mail.folder.parent, database.url, free_port(), METRICS_PORT=str(port)):
        yield f"http://127.0.0.1:{port}"


def rises(before: dict[str, float], after: dict[str, float], name: str) -> dict[str, float]:
    """What a counter rose by, for each of its labels' values."""
    found = {key: after[key] - before.get(key, 0) for key in after if key.partition("{")[0] == name}
    return {key.partition('"')[2].rstrip('"}'): rise for key, rise in found.items() if rise}


def test_each_message_counts_as_what_the_candidate_got(kortrijk: Office) -> None:
    before = metrics(kortrijk.chat.watch_url)
    conversation = kortrijk.converse()
    asked = ["hoeveel verlof krijg ik?", "hoe oud wordt een olifant", "blablabla qwx zorro", "hfkdjh zorro fkdjfh"]
    for text in asked:
        conversation.ask(text)
    assert conversation.post({"text": "x" * 1001}).status_code == 413
    assert conversation.choose("geen knop").status_code == 403
    after = metrics(kortrijk.chat.watch_url)
    outcomes = rises(before, after, "assistant_messages_total")
    assert sum(outcomes.values()) == len(asked)
    assert outcomes["answered"] == 1
    assert outcomes["refused"] >= 1
    assert after["assistant_message_seconds_count"] - before["assistant_message_seconds_count"] == len(asked)
    assert after["assistant_conversations_total"] - before["assistant_conversations_total"] == 1
    errors = {key: value for key, value in after.items() if key.startswith("assistant_errors_total")}
    assert errors['assistant_errors_total{code="text_too_long",status="413"}'] == 1
    assert errors['assistant_errors_total{code="unknown_payload",status="403"}'] == 1


def test_identifications_and_questions_passed_on_are_counted(kortrijk: Office, worker_url: str) -> None:
    before = metrics(kortrijk.chat.actions_watch_url)
    conversation = kortrijk.converse()
    conversation.ask("ik wil inloggen")
    conversation.ask("gita@kandidaat.example")
    conversation.ask("000000" if kortrijk.code() != "000 000" else "111111")
    conversation.ask(kortrijk.code())
    conversation.ask("ik wil iemand spreken")
    conversation.ask("mag mijn hond mee naar het werk?")
    assert "doorgegeven" in conversation.ask("ja")["text"]
    after = metrics(kortrijk.chat.actions_watch_url)
    assert rises(before, after, "assistant_code_requests_total") == {"sent": 1}
    assert rises(before, after, "assistant_codes_entered_total") == {"wrong": 1, "right": 1}
    assert rises(before, after, "assistant_hand_offs_total") == {"passed_on": 1}
    assert wait_for(f"{worker_url}/ready", 200) == wait_for(f"{worker_url}/live", 200) == OK


def test_nothing_that_was_typed_stands_in_the_metrics(kortrijk: Office, worker_url: str) -> None:
    conversation = kortrijk.converse()
    conversation.ask(f"ik ben {PLANTED} en mijn mailadres is {ADDRESS}")
    conversation.choose(PLANTED)
    conversation.ask("ik wil iemand spreken")
    for text in (f"wie ben ik, {PLANTED}?", PLANTED, ADDRESS, "ja"):
        conversation.ask(text)
    with suppress(requests.RequestException):
        requests.get(f"{kortrijk.chat.api}/{ADDRESS}", timeout=5)
    for url in (kortrijk.chat.watch_url, kortrijk.chat.actions_watch_url, worker_url):
        text = requests.get(f"{url}/metrics", timeout=15).text
        assert "assistant_messages_total" in text
        assert not [word for word in (*PLANTED.split(), ADDRESS, "zorro", "gita") if word.lower() in text.lower()]


def test_the_internal_port_is_not_the_public_one(kortrijk: Office) -> None:
    for path in ("metrics", "ready", "live", "webhooks/website/health"):
        assert requests.get(f"{kortrijk.chat.url}/{path}", timeout=5).status_code == 404
    assert requests.get(f"{kortrijk.chat.watch_url}/webhooks/website/", timeout=5).status_code == 404
    port = kortrijk.chat.watch_url.rsplit(":", 1)[1]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.2:{port}/live", timeout=2)


def test_an_unreachable_backend_is_counted_and_the_process_stays_ready(kortrijk: Office) -> None:
    conversation = kortrijk.identified("jef@kandidaat.example")
    before = metrics(kortrijk.chat.actions_watch_url)
    kortrijk.hr.process.kill()
    kortrijk.hr.process.wait(10)
    conversation.ask("waar zit ik in de procedure?")
    rise = rises(before, metrics(kortrijk.chat.actions_watch_url), "assistant_hr_errors_total")
    assert rise == {"unavailable": 1}
    assert wait_for(f"{kortrijk.chat.actions_watch_url}/ready", 200) == OK


def test_without_a_database_no_process_is_ready_and_each_lives(
    kortrijk: Office, database: Postgres, worker_url: str
) -> None:
    urls = (kortrijk.chat.watch_url, kortrijk.chat.actions_watch_url, worker_url)
    database.stop()
    for url in urls:
        assert wait_for(f"{url}/ready", 503) == DATABASE
        assert wait_for(f"{url}/live", 200) == OK
        assert "assistant_messages_total" in requests.get(f"{url}/metrics", timeout=15).text
    database.start()
    for url in urls:
        assert wait_for(f"{url}/ready", 200) == OK


def test_a_server_that_stops_is_not_ready_while_it_finishes_what_it_began(kortrijk: Office, database: Postgres) -> None:
    """The action server is frozen, so that a question is under way when the chat server is told to stop."""
    conversation = kortrijk.converse()
    turns = sa.select(sa.func.sum(conversation_table.c.turns))
    kortrijk.chat.actions.send_signal(signal.SIGSTOP)
    with (
        open_database(database.url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        before = connection.execute(turns).scalar_one()
        asked = pool.submit(conversation.post, {"text": "kan je de data in mijn agenda zetten?"})
        try:
            deadline = time.monotonic() + SECONDS
            while connection.execute(turns).scalar_one() == before:
                assert time.monotonic() < deadline
            kortrijk.chat.process.send_signal(signal.SIGTERM)
            assert wait_for(f"{kortrijk.chat.watch_url}/ready", 503) == STOPPING
            assert wait_for(f"{kortrijk.chat.watch_url}/live", 200) == OK
        finally:
            kortrijk.chat.actions.send_signal(signal.SIGCONT)
        assert asked.result(SECONDS).status_code == 200
    kortrijk.chat.process.wait(SECONDS)


def test_a_database_that_takes_connections_and_says_nothing_is_no_database() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        health = Health(open_database(f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x"))
        health.ready()
        assert health.state() == DATABASE


def test_a_loop_that_turns_no_more_does_not_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health(sa.create_engine(f"sqlite:///{tmp_path}/assistant.db"))
    monkeypatch.setattr("assistant.internal_port.STALLED_SECONDS", -1.0)
    assert health.is_alive(), "starting may take its time"
    health.ready()
    assert not health.is_alive()
    with watched(WatchedSettings(metrics_port=(port := free_port())), health):
        assert wait_for(f"http://127.0.0.1:{port}/live", 503) == "stalled"


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = WatchedSettings(metrics_port=other.getsockname()[1])
        with (
            pytest.raises(SettingsError, match="METRICS_PORT: cannot listen"),
            watched(settings, Health(sa.create_engine(f"sqlite:///{tmp_path}/x.db"))),
        ):
            pass
