"""How a response is said depends on the conversation: asking back, giving the contact, simpler words, other languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.nlg import CandidateAnswers
from assistant.outcomes import Outcome, outcome_of
from assistant.settings import BRUSSELS
from tools.topic_files import responses


@pytest.fixture(scope="module")
def nlg() -> CandidateAnswers:
    generator = CandidateAnswers(EndpointConfig(), Domain.empty())
    generator.clock = lambda: datetime(2025, 10, 24, 10, tzinfo=BRUSSELS)
    generator.responses = responses()
    return generator


def asked(text: str, *likeliest: str, language: str | None = None) -> UserUttered:
    ranking = [{"name": name, "confidence": 0.2} for name in likeliest]
    parsed: dict[str, Any] = {"intent_ranking": ranking, **({"language": language} if language else {})}
    return UserUttered(text, {"name": "nlu_fallback", "confidence": 0.2}, parse_data=parsed)


def said_before(response: str) -> BotUttered:
    return BotUttered("...", metadata={"utter_action": response})


async def said(nlg: CandidateAnswers, action: str, *events: Event) -> dict[str, Any]:
    tracker = DialogueStateTracker.from_events("a", list(events))
    message = await nlg.generate(action, tracker, "website")
    assert message is not None
    return message


async def test_it_asks_back_with_the_likeliest_topics_in_the_candidates_terms(nlg: CandidateAnswers) -> None:
    question = asked("die test?", "nlu_fallback", "stap2", "begroeting", "stap1", "buiten_bereik", "stap3", "loon")
    message = await said(nlg, "utter_terugvraag", question)
    assert message["text"].endswith("stellen.")
    assert [button["payload"] for button in message["buttons"]] == ["stap2", "stap1", "stap3"]
    assert message["buttons"][0]["title"] == "Stap 2, de computertest"
    assert outcome_of([message]) is Outcome.ASKED_BACK


async def test_it_gives_the_contact_at_once_where_the_infobundel_may_not_answer(nlg: CandidateAnswers) -> None:
    message = await said(nlg, "utter_terugvraag", asked("?", "nlu_fallback", "stap2", "buiten_bereik", "stap1"))
    assert "vacatures@kortrijk.be" in message["text"]
    assert message["buttons"]


@pytest.mark.parametrize("first", ["utter_terugvraag", "utter_buiten_bereik", "utter_tweede_misser"])
async def test_a_second_miss_in_a_row_gives_the_contact(nlg: CandidateAnswers, first: str) -> None:
    events = [
        asked("eerst", "stap1"),
        said_before(first),
        asked("dan", "stap2", "stap1"),
    ]
    message = await said(nlg, "utter_terugvraag", *events)
    assert "056 27 85 03" in message["text"]
    assert "Bedoel je" not in message["text"]
    assert outcome_of([message]) is Outcome.CONTACT


@pytest.mark.parametrize("action", ["utter_terugvraag", "utter_buiten_bereik"])
async def test_it_never_says_the_same_twice_when_it_cannot_help(nlg: CandidateAnswers, action: str) -> None:
    events: list[Event] = []
    texts = []
    for _ in range(3):
        events.append(asked("iets", "stap1", "stap2"))
        texts.append((await said(nlg, action, *events))["text"])
        events.append(said_before(action))
    assert texts[0] != texts[1] != texts[2]


async def test_simpler_says_the_latest_answer_again_in_simpler_words(nlg: CandidateAnswers) -> None:
    events = [
        asked("verlof?"),
        said_before("utter_verlof"),
        asked("merci"),
        said_before("utter_bedanking"),
        asked("eenvoudiger"),
    ]
    message = await said(nlg, "utter_eenvoudiger", *events)
    assert "33" in message["text"]
    assert message["text"] != (await said(nlg, "utter_verlof", asked("verlof?")))["text"]


@pytest.mark.parametrize(
    ("language", "begins"), [("fr", "Je réponds"), ("en", "I only answer"), ("ander", "Ik antwoord alleen")]
)
async def test_another_language_gets_a_notice_and_still_an_answer(nlg: CandidateAnswers, language: str, begins: str) -> None:
    message = await said(nlg, "utter_verlof", asked("?", "verlof", language=language))
    assert message["text"].startswith(begins)
    assert "33 tot 35" in message["text"]


async def test_an_unknown_response_is_no_answer(nlg: CandidateAnswers) -> None:
    tracker = DialogueStateTracker.from_events("a", [asked("?")])
    assert await nlg.generate("utter_bestaat_niet", tracker, "website") is None


def understood(topic: str, *ranking: tuple[str, float]) -> UserUttered:
    entries = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return UserUttered("?", {"name": topic, "confidence": entries[0]["confidence"]}, parse_data={"intent_ranking": entries})


async def test_an_answer_in_doubt_offers_what_was_nearly_chosen(nlg: CandidateAnswers) -> None:
    question = understood("stap1", ("stap1", 0.5), ("stap2", 0.3), ("begroeting", 0.1), ("loon", 0.02))
    message = await said(nlg, "utter_stap1", question)
    payloads = [button["payload"] for button in message["buttons"]]
    assert payloads[0] == "stap2"
    assert len(payloads) == 3
    assert "begroeting" not in payloads
    assert "loon" not in payloads


async def test_a_sure_answer_offers_its_own_follow_ups(nlg: CandidateAnswers) -> None:
    sure = await said(nlg, "utter_stap1", understood("stap1", ("stap1", 0.9), ("loon", 0.08)))
    assert "loon" not in [button["payload"] for button in sure["buttons"]]
