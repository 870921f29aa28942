"""Rasa's `nlg`: renders every fixed answer inside the chat server, so that none waits for the action server."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Optional

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.answers import UTTER, Answer, Answers
from assistant.choices import MOST_CHOICES, Ranking, likeliest, runners_up
from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.nlu.language_detector import LANGUAGE
from assistant.settings import load_settings

# Topics: the names of responses without Rasa's prefix.
ASK_BACK = "terugvraag"
ASK_BACK_OR_CONTACT = "terugvraag_of_contact"
GIVE_CONTACT = "tweede_misser"
OUT_OF_SCOPE = "buiten_bereik"
SIMPLER = "eenvoudiger"
OTHER_LANGUAGE = "andere_taal"
MISSES = {ASK_BACK, GIVE_CONTACT, OUT_OF_SCOPE}


class CandidateAnswers(TemplatedNaturalLanguageGenerator):
    """Chooses how a response is said in this conversation, and leaves the saying to `Answers`.

    Rasa makes it before it has a domain and sets `responses` when the model is loaded; only a subclass of its own
    generator gets them.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self.clock = clock_for(load_settings().bot_now)
        self._facts = load_facts()
        self.responses = domain.responses

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        """Rasa's responses, by name."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._responses = responses
        self._answers = Answers(responses, self._facts, self._now)

    def _now(self) -> datetime:
        return self.clock()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[dict[str, Any]]:
        """Return the message for `utter_action`, in the form that Rasa's output channels take."""
        if utter_action not in self._responses:
            return None
        topic = utter_action.removeprefix(UTTER)
        answer = self._answer(topic, tracker)
        notice = self._language_notice(topic, tracker)
        message: dict[str, Any] = {"text": f"{notice}\n\n{answer.text}" if notice else answer.text}
        if answer.buttons:
            message["buttons"] = [{"title": button.title, "payload": button.topic} for button in answer.buttons]
        if answer.links:
            message["custom"] = {"links": [{"title": link.titel, "url": str(link)} for link in answer.links]}
        return message

    def _answer(self, topic: str, tracker: DialogueStateTracker) -> Answer:
        earlier = _earlier_topics(tracker)
        if topic == ASK_BACK:
            return self._ask_back(tracker, earlier)
        if topic == SIMPLER:
            return self._simpler(earlier)
        question = tracker.latest_message.text or "" if tracker.latest_message else ""
        answer = self._answers.answer(topic, question, variation=earlier.count(topic))
        doubts = self._answers.buttons(runners_up(_ranking(tracker), topic, self._answers.offerable))
        others = tuple(button for button in answer.buttons if button not in doubts)
        return replace(answer, buttons=(doubts + others)[:MOST_CHOICES])

    def _ask_back(self, tracker: DialogueStateTracker, earlier: list[str]) -> Answer:
        """Offer the likeliest topics; when the turn before was a miss as well, give the contact instead."""
        ranking = _ranking(tracker)
        choices = likeliest(ranking, self._answers.offerable)
        times_asked = earlier.count(ASK_BACK)
        if not choices or (earlier and earlier[-1] in MISSES):
            return self._answers.answer(GIVE_CONTACT, variation=times_asked)
        maybe_unanswered = OUT_OF_SCOPE in [entry["name"] for entry in ranking[:MOST_CHOICES]]
        phrase = ASK_BACK_OR_CONTACT if maybe_unanswered else ASK_BACK
        text = self._answers.phrase(UTTER + phrase, variation=times_asked)
        return Answer(text, self._answers.buttons(choices))

    def _simpler(self, earlier: list[str]) -> Answer:
        """Say the latest answer that rests on the infobundel again, in simpler words."""
        for topic in reversed(earlier):
            if topic in self._answers.offerable:
                return self._answers.answer(topic, simple=True)
        return self._answers.answer(SIMPLER)

    def _language_notice(self, topic: str, tracker: DialogueStateTracker) -> str:
        """Return what is said first to somebody who does not write Dutch, in their language where it is known."""
        language = _parsed(tracker).get(LANGUAGE)
        if not language or topic == OTHER_LANGUAGE:
            return ""
        return self._answers.phrase(f"{UTTER}taal_{language}")


def _ranking(tracker: DialogueStateTracker) -> Ranking:
    """Return what the classifier made of the question, best first; empty for a button, whose meaning is known."""
    ranking: Ranking = _parsed(tracker).get("intent_ranking", [])
    return ranking


def _parsed(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return all that the NLU pipeline said of the question."""
    return (tracker.latest_message.parse_data or {}) if tracker.latest_message else {}


def _earlier_topics(tracker: DialogueStateTracker) -> list[str]:
    """Return the topics of the responses given before the current question, oldest first."""
    actions = [event.action_name or "" for event in tracker.applied_events() if isinstance(event, ActionExecuted)]
    return [action.removeprefix(UTTER) for action in actions if action.startswith(UTTER)]
