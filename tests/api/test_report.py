"""A real conversation comes into the report as what it was, and nobody can be known from it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import html5lib
import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore

from assistant.report.figures import Figures, figures
from assistant.report.topic_files import topic_files
from assistant.report.turns import Period, conversations
from assistant.settings import BRUSSELS
from tests.conftest import ROOT
from tests.databases import postgres
from tools.servers import ChatServer

PLANTED = ("zorro", "geheimkens", "elders.example", "0472", "9876")
SAID = [
    "hoeveel verlof krijg ik?",
    "krijg ik maaltijdcheques? groetjes, Zorro Geheimkens",
    "hoe oud wordt de olifant van Zorro Geheimkens, zorro@elders.example of 0472 98 76 54?",
    "Zorro zegt dat het geheimkens van die andere zaak er ook nog is van 9876, en dan?",
    "ik wil iemand spreken",
    "mag mijn hond mee naar het werk?",
    "Zorro Geheimkens",
    "zorro@elders.example",
    "ja",
]
EVENTS: sa.Table = SQLTrackerStore.SQLEvent.__table__


@pytest.fixture
def database(server: ChatServer) -> str:
    return f"sqlite:///{server.log.parent}/assistant.db"


@pytest.fixture
def period() -> Period:
    """Around today, so that it does not matter when a day ends."""
    today = datetime.now(BRUSSELS).date()
    return Period(today - timedelta(days=1), today + timedelta(days=1))


def read(url: str, period: Period) -> Figures:
    return figures(period, conversations(sa.create_engine(url), period), topic_files(), None)


def make_report(url: str, target: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "FILE": str(target), **settings}
    command = [sys.executable, "-W", "ignore", "-m", "tools.report"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_figures_are_right_and_nothing_planted_is_shown(
    server: ChatServer, database: str, period: Period, tmp_path: Path
) -> None:
    """The server has talked to others before, so what one conversation adds is looked at."""
    before = read(database, period)
    conversation = server.converse()
    answers = [conversation.ask(text)["text"] for text in SAID]
    assert "Je vraag is doorgegeven" in answers[-1]
    after = read(database, period)
    assert after.conversations == before.conversations + 1
    assert after.messages == before.messages + len(SAID)
    assert after.passed_on == before.passed_on + 1
    assert after.topics["verlof"] == before.topics["verlof"] + 1
    assert after.topics["maaltijdcheques"] == before.topics["maaltijdcheques"] + 1
    assert sum(after.by_day.values()) == sum(after.by_hour.values()) == after.messages

    target = tmp_path / "report.html"
    made = make_report(database, target, FROM=period.first.isoformat(), TO=period.last.isoformat())
    assert made.returncode == 0, made.stderr
    text = target.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    assert [word for word in PLANTED if word in text.lower()] == []
    assert f"<b>{after.conversations}</b> gesprekken" in re.sub(r"\s+", " ", text)


def test_postgresql_gives_the_same_figures(server: ChatServer, database: str, period: Period) -> None:
    server.converse().ask("hoeveel verlof krijg ik?")
    with sa.create_engine(database).connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(EVENTS)).mappings()]
    with postgres() as other:
        engine = sa.create_engine(other.url)
        SQLTrackerStore.Base.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(EVENTS.insert(), rows)
        assert read(other.url, period) == read(database, period)
        engine.dispose()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"FROM": "20 oktober"}, "FROM must be a day such as 2025-10-20"),
        ({"FROM": "2025-11-30", "TO": "2025-10-20"}, "FROM must be a day before TO"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "cannot be read"),
    ],
)
def test_a_mistake_is_said(settings: dict[str, str], says: str, tmp_path: Path) -> None:
    made = make_report("sqlite://", tmp_path / "report.html", **settings)
    assert made.returncode == 1
    assert says in made.stderr
    assert not (tmp_path / "report.html").exists()
