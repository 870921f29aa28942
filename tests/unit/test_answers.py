"""An answer follows the clock and the facts, and corrects a wrong figure first."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from assistant.answers import Answers
from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.settings import BRUSSELS
from tools.topic_files import responses


def answers_at(*moment: int) -> Answers:
    return Answers(responses(), load_facts(), clock_for(datetime(*moment, tzinfo=BRUSSELS)))


@pytest.mark.parametrize(
    ("moment", "said", "not_said"),
    [
        ((2025, 10, 21, 9), ["27 oktober 2025 (over 6 dagen)", "3 november 2025"], ["voorbij", "afgelopen"]),
        ((2025, 10, 26, 23, 59), ["27 oktober 2025 (morgen)"], ["voorbij", "afgelopen"]),
        ((2025, 10, 27, 0, 1), ["Je hebt nog 7 dagen"], ["afgelopen"]),
        ((2025, 11, 1, 12), ["Je hebt nog 2 dagen"], ["afgelopen"]),
        ((2025, 11, 2, 23, 59), ["Je hebt nog 1 dag"], ["afgelopen"]),
        ((2025, 11, 3, 0, 1), ["Vandaag is de laatste dag"], ["afgelopen"]),
        ((2025, 11, 3, 23, 59), ["Vandaag is de laatste dag"], ["afgelopen"]),
        ((2025, 11, 4, 0, 0), ["3 november 2025"], ["Je hebt nog", "Vandaag"]),
    ],
)
def test_the_deadline_of_step_2_follows_the_clock(moment: tuple[int, ...], said: list[str], not_said: list[str]) -> None:
    text = answers_at(*moment).answer("stap2_wanneer").text
    assert [words for words in said if words not in text] == []
    assert [words for words in not_said if words in text] == []


def test_days_are_counted_over_the_change_to_winter_time() -> None:
    """On 26 October 2025 the clocks go back: that day has 25 hours and is still one day."""
    assert "Je hebt nog 1 dag" in answers_at(2025, 10, 25, 23, 30).answer("stap1_wanneer").text
    assert "Vandaag is de laatste dag" in answers_at(2025, 10, 26, 23, 30).answer("stap1_wanneer").text


def test_the_clock_of_brussels_counts_not_the_one_of_the_server() -> None:
    late = clock_for(datetime.fromisoformat("2025-11-03T22:30:00+00:00"))
    assert "Vandaag is de laatste dag" in Answers(responses(), load_facts(), late).answer("stap2_wanneer").text
    after_midnight = clock_for(datetime.fromisoformat("2025-11-03T23:30:00+00:00"))
    assert "Vandaag" not in Answers(responses(), load_facts(), after_midnight).answer("stap2_wanneer").text


@pytest.mark.parametrize(
    ("moment", "stands"),
    [
        ((2025, 10, 21, 9), ["(morgen)", "(over 6 dagen)", "(over 24 dagen)"]),
        ((2025, 10, 26, 9), ["(vandaag is de laatste dag)", "(morgen)", "(over 19 dagen)"]),
        ((2025, 11, 2, 9), ["(voorbij)", "(nog 1 dag)", "(over 12 dagen)"]),
        ((2025, 11, 15, 9), ["(voorbij)", "(voorbij)", "(nog 6 dagen)"]),
        ((2025, 11, 22, 0), ["(voorbij)", "(voorbij)", "(voorbij)"]),
    ],
)
def test_the_overview_says_where_each_step_stands(moment: tuple[int, ...], stands: list[str]) -> None:
    assert re.findall(r"\([a-z][^)]*\)", answers_at(*moment).answer("planning").text) == stands


def test_a_changed_fact_changes_every_answer_that_names_it() -> None:
    facts = load_facts()
    facts["wachtlijst_duur"] = facts["wachtlijst_duur"].copy(update={"waarde": 3})
    text = Answers(responses(), facts, clock_for(None)).answer("wachtlijst_duur").text
    assert "3 jaar" in text


def test_an_answer_names_its_source_and_offers_follow_ups() -> None:
    answer = answers_at(2025, 10, 21).answer("maaltijdcheques")
    assert answer.text.startswith("Je krijgt")
    assert answer.text.endswith("Bron: infobundel, 'Wat mag je van ons verwachten?'")
    assert 1 <= len(answer.buttons) <= 3


def test_a_link_in_the_text_is_a_link_of_the_message() -> None:
    answer = answers_at(2025, 10, 21).answer("faq_pagina")
    assert [str(link) for link in answer.links] == ["https://www.kortrijk.be/veelgestelde-vragen-over-werken-bij-kortrijk"]


@pytest.mark.parametrize(
    ("topic", "question", "begins"),
    [
        ("wachtlijst_duur", "de wachtlijst is toch 2 jaar geldig?", "Nee, dat klopt niet."),
        ("wachtlijst_duur", "klopt het dat de wachtlijst twee jaar geldig is", "Nee, dat klopt niet."),
        ("maaltijdcheques", "ik hoorde dat een cheque 8 euro is", "Nee, dat klopt niet."),
        ("stap3_wanneer", "de gesprekken zijn toch op 15 november?", "Nee, dat klopt niet."),
        ("stappen", "er zijn toch 5 stappen?", "Nee, dat klopt niet."),
        ("verlof", "jullie geven toch 40 dagen verlof?", "Nee, dat klopt niet."),
    ],
)
def test_a_figure_taken_for_granted_is_judged_before_anything_else(topic: str, question: str, begins: str) -> None:
    assert answers_at(2025, 10, 21).answer(topic, question).text.startswith(begins)


@pytest.mark.parametrize(
    ("topic", "question"),
    [
        ("wachtlijst_duur", "hoelang is de wachtlijst geldig?"),
        ("wachtlijst_duur", "ik zoek al 2 jaar werk, hoelang sta ik op die lijst?"),
        ("wachtlijst_duur", "de wachtlijst is toch een jaar geldig?"),
        ("wachtlijst_duur", "de wachtlijst is toch nog 3 keer verlengd?"),
        ("wachtlijst_duur", "Ik sta al 3 jaar op een wachtlijst voor een woning. Deze is toch korter?"),
        ("maaltijdcheques", "bij mijn baas krijg ik 8 euro, hier toch ook?"),
        ("verlof", "iedereen heeft toch 35 dagen?"),
        ("verlof", "ik heb nu 20 dagen, bij jullie is dat toch meer?"),
    ],
)
def test_a_question_that_claims_no_wrong_figure_is_just_answered(topic: str, question: str) -> None:
    assert not answers_at(2025, 10, 21).answer(topic, question).text.startswith("Nee, dat")


# The traps of the infobundel. Each answer must hold on any day, so one is enough.


def text_of(topic: str) -> str:
    return answers_at(2025, 10, 21, 9).answer(topic).text.lower()


def test_what_happens_after_failing_step_1_is_not_invented() -> None:
    text = text_of("stap1_niet_geslaagd")
    assert "infobundel" in text
    assert "1 jaar" not in text
    assert "vacatures@kortrijk.be" in text


@pytest.mark.parametrize("topic", ["niet_slagen", "stap2_niet_geslaagd", "stap3_niet_geslaagd", "uitkomst_stopt"])
def test_the_exclusion_of_a_year_holds_for_this_procedure_only(topic: str) -> None:
    text = text_of(topic)
    assert "1 jaar" in text
    assert "andere" in text


@pytest.mark.parametrize("topic", ["vrijstelling", "stap2_vrijstelling"])
def test_the_exemption_of_two_years_needs_a_pass(topic: str) -> None:
    text = text_of(topic)
    assert "2 jaar" in text
    assert "geslaagd" in text or "slaagde" in text


@pytest.mark.parametrize("topic", ["wachtlijst", "wachtlijst_garantie"])
def test_a_place_on_the_waiting_list_is_no_promise(topic: str) -> None:
    assert any(words in text_of(topic) for words in ("geen garantie", "zeker ben je daar niet van", "geen zekerheid"))


def test_waiting_list_and_recruitment_reserve_are_told_apart() -> None:
    text = text_of("wachtlijst_of_reserve")
    assert "wachtlijst" in text
    assert "wervingsreserve" in text


@pytest.mark.parametrize("topic", ["eindejaarspremie", "resultaten", "jobinterview_wanneer", "inschrijven"])
def test_a_near_miss_gets_what_the_infobundel_says_and_whom_to_ask(topic: str) -> None:
    text = text_of(topic)
    assert "leen hooghe" in text or "vacatures@kortrijk.be" in text
    assert "infobundel" in text.split("bron:")[0]


def test_empathic_acting_and_advising_each_stand_in_one_profile() -> None:
    text = text_of("functieprofielen")
    assert "empathisch handelen" in text
    assert "adviseren" in text
