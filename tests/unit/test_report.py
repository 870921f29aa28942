"""The report counts what was said, shows it readably, and tells nothing about who said it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered, UserUttered

from assistant.outcomes import Outcome
from assistant.report.anonymous import Anonymiser
from assistant.report.figures import Figures, figures, satisfaction
from assistant.report.groups import Missed, groups
from assistant.report.page import page, report
from assistant.report.topic_files import topic_files
from assistant.report.turns import Period, conversations
from assistant.settings import BRUSSELS
from assistant.storage import UtcDateTime

PERIOD = Period(date(2025, 10, 20), date(2025, 10, 26))  # the clock goes back in its last night
MADE_AT = datetime(2025, 12, 1, 9, tzinfo=BRUSSELS)
TOPICS = topic_files()
EVENTS: sa.Table = SQLTrackerStore.SQLEvent.__table__


@pytest.fixture(scope="module")
def anonymiser() -> Anonymiser:
    return Anonymiser(TOPICS.values())


@pytest.fixture
def engine(tmp_path: Path) -> sa.engine.Engine:
    made = sa.create_engine(f"sqlite:///{tmp_path}/assistant.db")
    SQLTrackerStore.Base.metadata.create_all(made)
    return made


def asked(at: str, text: str, intent: str, *ranking: str) -> UserUttered:
    parsed = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.5},
        "intent_ranking": [{"name": name, "confidence": 0.3} for name in (intent, *ranking)],
    }
    moment = datetime.fromisoformat(at).replace(tzinfo=BRUSSELS).timestamp()
    return UserUttered(text, parsed["intent"], parse_data=parsed, timestamp=moment)  # type: ignore[arg-type]


def said(topic: str, instead: str = "", buttons: tuple[str, ...] = ()) -> BotUttered:
    metadata = {"utter_action": f"utter_{topic}", **({"gegeven": instead} if instead else {})}
    return BotUttered("...", {"buttons": [{"title": name, "payload": name} for name in buttons]}, metadata)


def store(engine: sa.engine.Engine, conversation: str, *events: Any) -> None:
    moment = 0.0
    with engine.begin() as connection:
        for event in events:
            moment = moment if isinstance(event, BotUttered) else event.timestamp
            row = {"sender_id": conversation, "type_name": event.type_name, "timestamp": moment}
            connection.execute(EVENTS.insert().values(**row, data=json.dumps({**event.as_dict(), "timestamp": moment})))


def a_week(engine: sa.engine.Engine) -> None:
    """Two conversations, interleaved in the table; and what lies outside of the period, by a second."""
    store(engine, "b", asked("2025-10-20T00:00:00", "hallo", "gesprek_start"), said("gesprek_start"))
    store(engine, "a", asked("2025-10-20T09:30:00", "hoeveel verlof krijg ik?", "verlof"), said("verlof"))
    store(
        engine,
        "b",
        asked("2025-10-20T09:59:59", "die test op de computer?", "nlu_fallback", "stap2", "stap1"),
        said("terugvraag", buttons=("stap2", "stap1")),
        asked("2025-10-20T10:00:00", "Stap 2, de computertest", "stap2"),
        said("stap2"),
    )
    store(
        engine,
        "a",
        asked("2025-10-26T23:59:59", "krijg ik een fiets van het werk?", "buiten_bereik"),
        said("buiten_bereik"),
        asked("2025-10-26T23:59:59", "die test dan?", "nlu_fallback", "buiten_bereik", "stap1"),
        said("terugvraag", "tweede_misser"),
        asked("2025-10-26T23:59:59", "ja", "antwoord_doorgeven"),
        said("doorgeven_gelukt"),
        asked("2025-10-26T23:59:59", "dank je wel", "bedanking"),
        said("bedanking"),
    )
    store(engine, "c", asked("2025-10-27T00:00:00", "te laat", "verlof"), said("verlof"))
    store(engine, "d", asked("2025-10-19T23:59:59", "te vroeg", "verlof"), said("verlof"))


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_every_message_counts_once_however_few_rows_are_read_at_a_time(engine: sa.engine.Engine, batch: int) -> None:
    a_week(engine)
    found = figures(PERIOD, conversations(engine, PERIOD, batch), TOPICS, None)
    assert (found.conversations, found.messages, found.passed_on) == (2, 7, 1)
    assert found.by_day == {date(2025, 10, 20): 3, date(2025, 10, 26): 4}
    assert found.by_hour == {9: 2, 10: 1, 23: 4}
    assert found.topics == {"verlof": 1, "stap2": 1}
    assert found.outcomes == {Outcome.ANSWERED: 4, Outcome.ASKED_BACK: 1, Outcome.REFUSED: 1, Outcome.CONTACT: 1}


def test_a_question_that_was_not_understood_stands_with_what_it_was_near_to_and_what_was_chosen(
    engine: sa.engine.Engine,
) -> None:
    a_week(engine)
    found = figures(PERIOD, conversations(engine, PERIOD), TOPICS, None)
    by_text = {group.examples[0]: group for group in found.not_understood}
    first = by_text["die test op de computer?"]
    assert (first.times, first.nearest, first.chosen) == (1, Counter({"stap2": 1}), Counter({"stap2": 1}))
    assert by_text["die test dan?"].nearest == {"stap1": 1}
    assert [group.examples for group in found.not_in_bundle] == [["krijg ik een fiets van het werk?"]]


NAMES = ("Zorro", "Geheimkens", "zorro@elders.example", "0472 12 34 56", "BE68", "Kerkstraat", "Amina", "De Smet", "1987")


@pytest.mark.parametrize(
    "text",
    [
        "Ik ben Zorro Geheimkens, krijg ik een fiets van het werk?",
        "krijg ik een fiets van het werk, vraagt zorro geheimkens",
        "mail mij op zorro@elders.example of bel 0472 12 34 56 als ik een fiets krijg",
        "ik ben geboren in 1987 en woon in de Kerkstraat 12, krijg ik een fiets?",
        "krijg ik een fiets? met vriendelijke groeten, Amina De Smet",
        "mijn naam is de smet, amina",
        "KRIJG IK EEN FIETS VAN HET WERK? ZORRO GEHEIMKENS",
        "zorro",
        "<b>zorro</b> <script>krijg</script> ik een fiets van het werk",
        "mijn rekening is BE68 5390 0754 7034, wanneer krijg ik mijn loon",
        "wat is het loon van zorro_geheimkens of zorro.geheimkens of Zorro-Geheimkens?",
    ],
)
def test_what_may_tell_who_asked_is_not_shown(anonymiser: Anonymiser, text: str) -> None:
    shown = anonymiser.masked(text) or ""
    words = {word.lower() for name in NAMES for word in re.findall(r"\w+", name)} - {"de", "elders", "example"}
    assert not words & set(re.findall(r"\w+", shown.lower()))
    assert not re.search(r"\d|@|<", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Krijg ik een fiets van het werk?", "Krijg ik een fiets van het werk?"),
        ("WANNEER IS STAP 2?", "wanneer is stap 2?"),
        ("mijn zoon Bram wil ook meedoen", "mijn zoon … wil ook meedoen"),
        ("hoeveel dagen verlof in 2026?", "hoeveel dagen verlof in …?"),
        ("qsdf jklm wvc", None),
        ("verlof", None),
    ],
)
def test_what_everybody_says_is_shown(anonymiser: Anonymiser, text: str, shown: str | None) -> None:
    assert anonymiser.masked(text) == shown


def test_a_very_long_question_is_cut(anonymiser: Anonymiser) -> None:
    shown = anonymiser.masked("krijg ik een fiets van het werk " * 30) or ""
    assert 150 < len(shown) <= 202
    assert shown.endswith(" …")


def test_questions_that_are_alike_stand_together_and_what_is_asked_most_comes_first() -> None:
    texts = ["mag mijn hond mee naar het werk?", "is er een crèche voor mijn kind?", "mag mijn hond mee naar werk"]
    found = groups([Missed(text) for text in [*texts, texts[0]]])
    assert [(group.times, group.examples) for group in found] == [(3, [texts[0], texts[2]]), (1, [texts[1]])]
    assert groups([]) == []


def test_the_page_is_valid_and_shows_the_figures(engine: sa.engine.Engine) -> None:
    a_week(engine)
    feedback = sa.Table(
        "feedback",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("topic", sa.String(64)),
        sa.Column("useful", sa.Boolean),
        sa.Column("at", UtcDateTime),
    )
    feedback.create(engine)
    opinions = [("verlof", True, 20), ("verlof", False, 26), ("stap2", True, 22), ("stap2", True, 27)]
    with engine.begin() as connection:
        for topic, useful, day in opinions:
            at = datetime(2025, 10, day, 0, 30, tzinfo=BRUSSELS)
            connection.execute(feedback.insert().values(topic=topic, useful=useful, at=at))
    opinion = satisfaction(engine, PERIOD)
    assert opinion is not None
    assert (opinion.useful, opinion.useless) == ({"verlof": 1, "stap2": 1}, {"verlof": 1})
    made = report(engine, PERIOD, MADE_AT)
    html5lib.HTMLParser(strict=True).parse(made)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", made))
    for words in (
        "20 oktober 2025 tot en met 26 oktober 2025",
        "2 gesprekken",
        "7 berichten van kandidaten",
        "57,1 % kreeg een antwoord",
        "2 van de 3 beoordelingen waren 'ja' (66,7 %)",
        "De drukste dag was 26 oktober 2025, met 4 berichten",
        TOPICS["verlof"].title,
        "die test op de computer?",
    ):
        assert words in text.replace("&#39;", "'").replace("\xa0", " "), words


def test_a_period_without_a_question_has_a_page_too(engine: sa.engine.Engine) -> None:
    never_used = sa.create_engine("sqlite://")
    for each in (engine, never_used):
        made = report(each, PERIOD, MADE_AT)
        html5lib.HTMLParser(strict=True).parse(made)
        assert "stelde niemand een vraag" in made


def test_whatever_comes_into_the_page_is_text() -> None:
    found = Figures(PERIOD, 1, outcomes=Counter({Outcome.CONTACT: 1}), by_day=Counter({PERIOD.first: 1}))
    found.not_understood = groups([Missed("<script>alert(1)</script> & meer", nearest="<b>")])
    made = page(found, TOPICS, MADE_AT)
    html5lib.HTMLParser(strict=True).parse(made)
    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_the_page_needs_nothing_from_anywhere(engine: sa.engine.Engine) -> None:
    a_week(engine)
    made = report(engine, PERIOD, MADE_AT)
    assert not re.search(r"""(?:src|href)=|url\(|@import|https?://""", made)
