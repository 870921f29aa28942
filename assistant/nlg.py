"""Rasa's `nlg`: renders every fixed answer inside the chat server, so that none waits for the action server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Optional

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.answers import UTTER, Answer, Answers
from assistant.choices import MOST_CHOICES, Ranking, likeliest, runners_up
from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.identity.identification import Identification
from assistant.message_keys import AWAITS, GAVE, PERSONAL, SAID, VALUES
from assistant.nlu.language_detector import LANGUAGE
from assistant.outcomes import ASK_BACK, GIVE_CONTACT, OUT_OF_SCOPE
from assistant.settings import load_settings
from assistant.storage import open_database

# Topics: the names of responses without Rasa's prefix.
ASK_BACK_OR_CONTACT = "terugvraag_of_contact"
SIMPLER = "eenvoudiger"
OTHER_LANGUAGE = "andere_taal"
PERSONAL_NOTICE = f"{UTTER}persoonlijk_stap"
MISSES = {ASK_BACK, GIVE_CONTACT, OUT_OF_SCOPE}


class CandidateAnswers(TemplatedNaturalLanguageGenerator):
    """Chooses how a response is said in this conversation, and leaves the saying to `Answers`.

    Rasa makes it before it has a domain and sets `responses` when the model is loaded; only a subclass of its own
    generator gets them.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        settings = load_settings()
        self.clock = clock_for(settings.bot_now)
        self.identification = Identification(open_database(settings.database_url), settings.secret_key, self.clock)
        self._facts = load_facts()
        self._keep_days = settings.keep_conversations_days
        self.responses = domain.responses

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        """Rasa's responses, by name."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._responses = responses
        self._answers = Answers(responses, self._facts, self._now, self._keep_days)

    def _now(self) -> datetime:
        return self.clock()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[dict[str, Any]]:
        """Return the message for `utter_action`, in the form that Rasa's output channels take."""
        if utter_action not in self._responses:
            return None
        topic = utter_action.removeprefix(UTTER)
        answer = self._answer(topic, tracker, kwargs.get(VALUES) or {})
        personal = self._personal_notice(topic, tracker)
        # What an action says takes account of what is waited for; any other answer reminds of it.
        reminder = "" if VALUES in kwargs else self._reminder(tracker)
        parts = (self._language_notice(topic, tracker), personal, answer.text, reminder)
        message: dict[str, Any] = {"text": "\n\n".join(part for part in parts if part), SAID: utter_action}
        if personal or self._answers.metadata(topic).dossier:
            message[PERSONAL] = True
        if answer.instead:
            message[GAVE] = answer.instead
        if answer.buttons:
            message["buttons"] = [{"title": button.title, "payload": button.payload} for button in answer.buttons]
        if answer.links:
            message["custom"] = {"links": [{"title": link.titel, "url": str(link)} for link in answer.links]}
        return message

    def _answer(self, topic: str, tracker: DialogueStateTracker, values: Mapping[str, Any]) -> Answer:
        said = _said_earlier(tracker)
        earlier = [topic for topic, _ in said]
        if topic == ASK_BACK:
            return self._ask_back(tracker, earlier)
        if topic == SIMPLER:
            return self._simpler(said)
        question = tracker.latest_message.text or "" if tracker.latest_message else ""
        answer = self._answers.answer(topic, question, variation=earlier.count(topic), values=values)
        if self._answers.metadata(topic).antwoorden:
            return answer
        doubts = self._answers.buttons(runners_up(_ranking(tracker), topic, self._answers.offerable))
        others = tuple(button for button in answer.buttons if button not in doubts)
        return replace(answer, buttons=(doubts + others)[:MOST_CHOICES])

    def _ask_back(self, tracker: DialogueStateTracker, earlier: list[str]) -> Answer:
        """Offer the likeliest topics; when the turn before was a miss as well, give the contact instead."""
        ranking = _ranking(tracker)
        choices = likeliest(ranking, self._answers.offerable)
        times_asked = earlier.count(ASK_BACK)
        if not choices or (earlier and earlier[-1] in MISSES):
            return replace(self._answers.answer(GIVE_CONTACT, variation=times_asked), instead=GIVE_CONTACT)
        maybe_unanswered = OUT_OF_SCOPE in [entry["name"] for entry in ranking[:MOST_CHOICES]]
        phrase = ASK_BACK_OR_CONTACT if maybe_unanswered else ASK_BACK
        text = self._answers.phrase(UTTER + phrase, variation=times_asked)
        return Answer(text, self._answers.buttons(choices))

    def _simpler(self, said: list[tuple[str, Mapping[str, Any]]]) -> Answer:
        """Say the latest answer that rests on the infobundel, or on a file, again in simpler words."""
        for topic, values in reversed(said):
            if topic in self._answers.offerable or self._answers.metadata(topic).dossier:
                return self._answers.answer(topic, simple=True, values=values)
        return self._answers.answer(SIMPLER)

    def _personal_notice(self, topic: str, tracker: DialogueStateTracker) -> str:
        """Return what is different for who is identified, where the answer is about steps."""
        steps = self._answers.metadata(topic).stappen
        own = self.identification.steps(tracker.sender_id) if steps else {}
        notices = [self._answers.phrase(PERSONAL_NOTICE, stap=step, **own[str(step)]) for step in steps if str(step) in own]
        return " ".join(notice for notice in notices if notice)

    def _reminder(self, tracker: DialogueStateTracker) -> str:
        """Return what the assistant still waits for, below an answer to something else."""
        awaits = (tracker.latest_message.metadata or {}).get(AWAITS) if tracker.latest_message else None
        dialogue, _, question = (awaits or "").partition(".")
        return self._answers.phrase(f"{UTTER}herinnering_{dialogue}", vraag=question) if dialogue else ""

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


def _said_earlier(tracker: DialogueStateTracker) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the topics of the responses given before the current question, oldest first, each with its values."""
    messages = [event.metadata or {} for event in tracker.applied_events() if isinstance(event, BotUttered)]
    return [(said[SAID].removeprefix(UTTER), said.get(VALUES) or {}) for said in messages if said.get(SAID)]
