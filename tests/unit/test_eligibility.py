"""'Kan ik meedoen?': every combination of answers leads to the conditions and steps of the infobundel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from assistant.answers import UTTER, Answers
from assistant.dossier.check import EligibilityCheck
from assistant.dossier.eligibility import ANSWERS, Route, ToDo, Verdict, next_question, relevant, verdict
from assistant.facts import load_facts
from assistant.pending import Pending, PendingQuestions
from assistant.settings import BRUSSELS
from assistant.storage import open_database
from tools.topic_files import responses

NOW = datetime(2025, 10, 24, 10, tzinfo=BRUSSELS)
EARLIER_2 = {"ja": ToDo.EXEMPT, "nee": ToDo.DO, "weet_niet": ToDo.UNKNOWN}

# Each way through the questions before the last, and what it leads to: the ground, and step 1.
# w: werkt_bij_stad, v: vast_contract, d: niveau_d, g: getuigschrift, e: erkend, 1: eerder_stap1
OUTSIDE = [
    ("g=ja e=ja", Route.CERTIFICATE, ToDo.EXEMPT),
    ("g=ja e=nee 1=ja", Route.TEST, ToDo.EXEMPT),
    ("g=ja e=nee 1=nee", Route.TEST, ToDo.DO),
    ("g=ja e=nee 1=weet_niet", Route.TEST, ToDo.UNKNOWN),
    ("g=ja e=weet_niet", Route.UNKNOWN, ToDo.UNKNOWN),
    ("g=nee 1=ja", Route.TEST, ToDo.EXEMPT),
    ("g=nee 1=nee", Route.TEST, ToDo.DO),
    ("g=nee 1=weet_niet", Route.TEST, ToDo.UNKNOWN),
    ("g=weet_niet", Route.UNKNOWN, ToDo.UNKNOWN),
]
TABLE = [
    *((f"w=nee {way}", route, step1) for way, route, step1 in OUTSIDE),
    *((f"w=ja v=nee {way}", route, step1) for way, route, step1 in OUTSIDE),  # temporary: as from outside
    ("w=ja v=ja d=ja", Route.PROMOTION, ToDo.EXEMPT),
    ("w=ja v=ja d=nee", Route.UNKNOWN, ToDo.UNKNOWN),
    ("w=ja v=ja d=weet_niet", Route.UNKNOWN, ToDo.UNKNOWN),
    ("w=ja v=weet_niet", Route.UNKNOWN, ToDo.UNKNOWN),
    ("w=weet_niet", Route.UNKNOWN, ToDo.UNKNOWN),
]
NAMES = {
    "w": "werkt_bij_stad",
    "v": "vast_contract",
    "d": "niveau_d",
    "g": "getuigschrift",
    "e": "erkend",
    "1": "eerder_stap1",
}


def ways(answers: dict[str, str]) -> Iterator[dict[str, str]]:
    """Every complete set of answers that the questions can lead to."""
    question = next_question(answers)
    if question is None:
        yield answers
        return
    for answer in ANSWERS:
        yield from ways({**answers, question: answer})


@pytest.mark.parametrize("last", EARLIER_2)
@pytest.mark.parametrize(("way", "route", "step1"), TABLE)
def test_the_table(way: str, route: Route, step1: ToDo, last: str) -> None:
    answers = {NAMES[name]: answer for name, answer in (part.split("=") for part in way.split())}
    assert next_question(answers) == "eerder_stap2"
    complete = {**answers, "eerder_stap2": last}
    assert next_question(complete) is None
    assert verdict(complete) == Verdict(route, step1, EARLIER_2[last])


def test_the_table_has_every_combination() -> None:
    assert sum(1 for _ in ways({})) == len(TABLE) * len(EARLIER_2)


def test_every_way_ends_within_five_questions_in_words_that_decide_nothing() -> None:
    answers = Answers(responses(), load_facts(), lambda: NOW)
    for way in ways({}):
        assert len(way) <= 6
        found = verdict(way)
        values = {"stap1": found.step1.value, "stap2": found.step2.value}
        text = answers.answer(f"meedoen_{found.route.value}", values=values).text
        assert "Dit is geen beslissing" in text
        assert len(text) <= 700
        if found.route is not Route.UNKNOWN:
            assert "Stap 3, het online kennismakingsinterview: moet je doen" in text


def test_every_question_can_be_answered_with_a_button() -> None:
    for question in {question for way in ways({}) for question in way}:
        (response,) = responses()[f"{UTTER}vraag_{question}"]
        payloads = [f"antwoord_meedoen?{question}={answer}" for answer in ANSWERS]
        assert list(response["metadata"]["antwoorden"]) == payloads


@pytest.fixture
def check(tmp_path: Path) -> EligibilityCheck:
    return EligibilityCheck(PendingQuestions(open_database(f"sqlite:///{tmp_path}/assistant.db")), load_facts())


def test_it_asks_one_question_at_a_time_and_then_tells(check: EligibilityCheck) -> None:
    assert [told.response for told in check.begin("a", NOW)] == ["kan_ik_meedoen", "vraag_werkt_bij_stad"]
    assert [told.response for told in check.go_on("a", "werkt_bij_stad", "nee", NOW)] == ["vraag_getuigschrift"]
    assert [told.response for told in check.go_on("a", "getuigschrift", "ja", NOW)] == ["vraag_erkend"]
    (question,) = check.go_on("a", "erkend", "ja", NOW)
    assert (question.response, question.values) == ("vraag_eerder_stap2", {"sinds": "2023-10-24"})
    (told,) = check.go_on("a", "eerder_stap2", "nee", NOW)
    assert (told.response, told.values) == ("meedoen_getuigschrift", {"stap1": "vrij", "stap2": "doen"})


def test_an_earlier_answer_can_be_changed(check: EligibilityCheck) -> None:
    """By a button further up: what followed from the old answer is forgotten."""
    check.begin("a", NOW)
    check.go_on("a", "werkt_bij_stad", "nee", NOW)
    check.go_on("a", "getuigschrift", "nee", NOW)
    assert [told.response for told in check.go_on("a", "werkt_bij_stad", "ja", NOW)] == ["vraag_vast_contract"]
    assert [told.response for told in check.go_on("a", "vast_contract", "ja", NOW)] == ["vraag_niveau_d"]
    assert relevant({"werkt_bij_stad": "ja", "vast_contract": "ja", "getuigschrift": "nee"}) == {
        "werkt_bij_stad": "ja",
        "vast_contract": "ja",
    }


def test_a_button_of_a_check_that_is_over_begins_anew(check: EligibilityCheck) -> None:
    assert check.go_on("a", "erkend", "ja", NOW)[0].response == "kan_ik_meedoen"
    check.begin("a", NOW)
    assert check.go_on("a", "werkt_bij_stad", "misschien", NOW)[0].response == "kan_ik_meedoen"


def test_the_answers_are_kept_for_the_conversation_alone(tmp_path: Path) -> None:
    pendings = PendingQuestions(open_database(f"sqlite:///{tmp_path}/other.db"))
    pendings.ask("a", Pending("meedoen.erkend", {"getuigschrift": "ja"}), NOW)
    assert pendings.of("b", NOW) is None
    assert pendings.of("a", NOW) == Pending("meedoen.erkend", {"getuigschrift": "ja"})
    pendings.close("a")
    assert pendings.of("a", NOW) is None
