"""Backup and restore with the scripts of deploy/, on a real PostgreSQL that deploy/ has set up: what was kept is back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from sqlalchemy.engine import make_url

from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.hand_off.hand_offs import HandOff, HandOffs
from assistant.mail.messages import Messages
from assistant.mail.outbox import Outbox
from assistant.storage import Conversations, open_database
from assistant.tracker_store import CandidateTrackerStore
from hr_backend.candidates import Candidates
from hr_backend.database import prepared_database
from hr_backend.import_file import DEMO_FILE
from hr_backend.importer import import_candidates
from tests.conftest import ROOT
from tests.databases import postgres

DEPLOY = ROOT / "deploy"
NOW = datetime(2025, 10, 30, 10, tzinfo=timezone.utc)
CONVERSATION, LATER = "a" * 32, "b" * 32
QUESTION = "mag ik 's avonds werken? 👍"


@dataclass(frozen=True)
class Kept:
    """The two databases, where their backups go, and the environment in which the scripts run."""

    assistant: str
    hr: str
    backups: Path
    environment: dict[str, str]

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(DEPLOY / script), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def backup(self) -> str:
        done = self.run("backup/backup")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """The databases as deploy/postgres makes them, each with its owner."""
    with postgres() as server:
        socket = make_url(server.url).query["host"]
        urls = {
            name: f"postgresql://{name}:geheim@/{name}?host={quote(str(socket), safe='')}" for name in ("assistant", "hr")
        }
        environment = {
            "PATH": f"{server.server.bin_path}:{os.environ['PATH']}",  # pg_dump of the server's own version
            "PGHOST": str(socket),
            "DATABASE_PASSWORD": "geheim",
            "HR_DATABASE_PASSWORD": "geheim",
            "DATABASE_URL": urls["assistant"],
            "HR_DATABASE_URL": urls["hr"].replace("postgresql:", "postgresql+psycopg2:"),
            "BACKUPS": str(tmp_path),
            "BACKUP_KEEP_DAYS": "14",
        }
        databases = Kept(urls["assistant"], urls["hr"], tmp_path, environment)
        made = databases.run("postgres/databases.sh")
        assert made.returncode == 0, made.stderr
        yield databases
        for url in urls.values():
            open_database(url).dispose()


def pass_on(url: str) -> str:
    clock = clock_for(NOW)
    hand_offs = HandOffs(
        open_database(url), Messages("assistent@kortrijk.example", load_facts(), clock), "hr@kortrijk.example", clock
    )
    asked = HandOff(
        conversation_id=CONVERSATION,
        topic="",
        question=QUESTION,
        name="Jan De Smet",
        email="jan@elders.example",
        candidate_number=None,
        step=None,
        answered="",
        conversation=(),
        wants_copy=False,
    )
    return hand_offs.submit(asked).reference


async def talk(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    Conversations(open_database(url)).begin(CONVERSATION, NOW)
    store = CandidateTrackerStore(domain=Domain.empty())
    tracker = await store.get_or_create_tracker(CONVERSATION)
    tracker.update(UserUttered(QUESTION))
    tracker.update(BotUttered("Dat geef ik door."))
    await store.save(tracker)


async def said(url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("DATABASE_URL", url)
    tracker = await CandidateTrackerStore(domain=Domain.empty()).retrieve_full_tracker(CONVERSATION)
    return [event.text for event in tracker.events if isinstance(event, (UserUttered, BotUttered))] if tracker else []


def lose_everything(url: str) -> None:
    """What a mistake or a later version may leave behind: other rows, a table more, and tables less."""
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE later_version (id integer PRIMARY KEY)"))
        names = connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for name in names:
            if name != "later_version":
                connection.execute(sa.text(f'DROP TABLE "{name}" CASCADE'))
    engine.dispose()


async def test_what_was_kept_is_back_and_the_work_goes_on(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk(kept.assistant, monkeypatch)
    reference = pass_on(kept.assistant)
    hr = prepared_database(kept.hr)
    assert not import_candidates(DEMO_FILE, hr).problems
    before = Candidates(hr).by_number("K-2025-0003", "test", NOW)
    assert before is not None

    name = kept.backup()
    Conversations(open_database(kept.assistant)).begin(LATER, NOW)
    lose_everything(kept.assistant)
    lose_everything(kept.hr)
    done = kept.run("backup/restore", name)
    assert done.returncode == 0, done.stderr

    engine = open_database(kept.assistant)
    conversations = Conversations(engine)
    assert conversations.exists(CONVERSATION)
    assert not conversations.exists(LATER)
    assert await said(kept.assistant, monkeypatch) == [QUESTION, "Dat geef ik door."]
    outbox = Outbox(engine)
    assert [mail.reference for mail in outbox.waiting()] == [reference]
    claimed = outbox.claim("worker")  # the promise can still be kept
    assert claimed is not None
    assert reference.encode() in claimed.message
    assert Candidates(prepared_database(kept.hr)).by_number("K-2025-0003", "test", NOW) == before
    assert pass_on(kept.assistant) == reference  # the same question is known
    for url in (kept.assistant, kept.hr):
        assert "later_version" not in sa.inspect(open_database(url)).get_table_names()
    kept.run("backup/backup").check_returncode()  # and what is restored can be backed up again


def test_a_broken_backup_changes_nothing(kept: Kept) -> None:
    Conversations(open_database(kept.assistant)).begin(CONVERSATION, NOW)
    prepared_database(kept.hr)
    folder = kept.backups / kept.backup()
    Conversations(open_database(kept.assistant)).begin(LATER, NOW)
    dump = folder / "assistant.dump"
    dump.write_bytes(dump.read_bytes()[:-200])
    assert kept.run("backup/restore", folder.name).returncode != 0  # by its checksum
    sums = subprocess.run(["sha256sum", "assistant.dump", "hr.dump"], cwd=folder, capture_output=True, check=True).stdout
    (folder / "SHA256SUMS").write_bytes(sums)
    assert kept.run("backup/restore", folder.name).returncode != 0  # by what is missing in it
    assert kept.run("backup/restore", "20000101T000000Z").returncode != 0
    assert kept.run("backup/restore").returncode != 0
    conversations = Conversations(open_database(kept.assistant))
    assert conversations.exists(CONVERSATION)
    assert conversations.exists(LATER)


def test_a_backup_that_fails_leaves_no_half_one_and_old_ones_go(kept: Kept) -> None:
    for name in ("20250101T023000Z", "iets anders"):
        (kept.backups / name).mkdir()
        os.utime(kept.backups / name, (0, 0))
    failed = Kept(kept.assistant, kept.hr, kept.backups, {**kept.environment, "HR_DATABASE_URL": "postgresql://hr@/niets"})
    assert failed.run("backup/backup").returncode != 0
    assert {path.name for path in kept.backups.iterdir()} == {"20250101T023000Z", "iets anders"}
    name = kept.backup()
    assert {path.name for path in kept.backups.iterdir()} == {name, "iets anders"}
    assert (kept.backups / name).stat().st_mode & 0o077 == 0
    assert {path.name for path in (kept.backups / name).iterdir()} == {"assistant.dump", "hr.dump", "SHA256SUMS"}


def test_an_owner_of_one_database_gets_nothing_of_the_other(kept: Kept) -> None:
    prepared_database(kept.hr)
    stranger = sa.create_engine(kept.hr.replace("//hr:", "//assistant:"))
    with pytest.raises(sa.exc.OperationalError):
        stranger.connect()


def test_servers_that_start_together_prepare_one_database(kept: Kept) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "hr_backend.migrations"]
    environment = {**os.environ, "HR_DATABASE_URL": kept.hr}
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in processes] == [(b"", 0)] * 3
    assert "candidate" in sa.inspect(open_database(kept.hr)).get_table_names()
