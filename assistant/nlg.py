"""Rasa's `nlg`: renders every fixed answer inside the chat server, so that none waits for the action server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Optional

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.answers import UTTER, Answer, Answers
from assistant.choices import MOST_CHOICES, Ranking, likeliest, runners_up
from assistant.clock import clock_for
from assistant.conversation.asides import MORE, WHY
from assistant.conversation.feelings import feeling_in
from assistant.conversation.past import Past, past_of
from assistant.facts import load_facts
from assistant.feedback import ASKED, FEEDBACK
from assistant.identity.identification import Identification
from assistant.message_keys import ANSWER, AWAITS, GAVE, PERSONAL, SAID, SEVERAL, TOPIC, VALUES
from assistant.nlu.language_detector import LANGUAGE
from assistant.outcomes import ASK_BACK, GIVE_CONTACT, OUT_OF_SCOPE, topic_of
from assistant.pending import Pending, PendingQuestions
from assistant.settings import load_settings
from assistant.storage import open_database

# Topics: the names of responses without Rasa's prefix.
ASK_BACK_OR_CONTACT = "terugvraag_of_contact"
SIMPLER = "eenvoudiger"
OTHER_LANGUAGE = "andere_taal"
BEGINNING = "gesprek_start"  # the intent with which a conversation begins
PERSONAL_NOTICE = f"{UTTER}persoonlijk_stap"
MISSES = {ASK_BACK, GIVE_CONTACT, OUT_OF_SCOPE}
OPINION = f"{ANSWER}_{FEEDBACK}"
FEEDBACK_AFTER = 2  # topics told before the answer below which the assistant asks whether it was of use
SPEAKING = "iemand_spreken"
# These answer the feeling already, or are no answer to a question.
WITHOUT_COMFORT = {"nood", "belediging", SPEAKING, "welkom"}


class CandidateAnswers(TemplatedNaturalLanguageGenerator):
    """Chooses how a response is said in this conversation, and leaves the saying to `Answers`.

    Rasa makes it before it has a domain and sets `responses` when the model is loaded; only a subclass of its own
    generator gets them.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        settings = load_settings()
        self.clock = clock_for(settings.bot_now)
        engine = open_database(settings.database_url)
        self.identification = Identification(engine, settings.secret_key, self.clock)
        self.pendings = PendingQuestions(engine)
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
        answer, told = self._answer(topic, tracker, kwargs.get(VALUES) or {})
        personal = self._personal_notice(topic, tracker)
        # What an action says takes account of what is waited for; any other answer reminds of it.
        below = "" if VALUES in kwargs else self._reminder(tracker) or self._feedback_question(told, tracker)
        above = (self._language_notice(topic, tracker), self._part_named(topic, tracker), self._comfort(topic, tracker))
        parts = (*above, personal, answer.text, below)
        message: dict[str, Any] = {"text": "\n\n".join(part for part in parts if part), SAID: utter_action}
        if personal or self._answers.metadata(told).dossier:
            message[PERSONAL] = True
        gave = answer.instead or told
        if gave != topic:
            message[GAVE] = gave
        if answer.buttons:
            message["buttons"] = [{"title": button.title, "payload": button.payload} for button in answer.buttons]
        if answer.links:
            message["custom"] = {"links": [{"title": link.titel, "url": str(link)} for link in answer.links]}
        return message

    def _answer(self, topic: str, tracker: DialogueStateTracker, values: Mapping[str, Any]) -> tuple[Answer, str]:
        """Return what to say, and the topic that it tells."""
        said = _said_earlier(tracker)
        earlier = [topic for topic, _ in said]
        if topic == ASK_BACK:
            return self._ask_back(tracker, earlier), topic
        if topic == SIMPLER:
            return self._simpler(said)
        if topic in (MORE, WHY):
            return self._more(topic, tracker)
        if topic == OPINION:
            return self._thanks(tracker), topic
        question = tracker.latest_message.text or "" if tracker.latest_message else ""
        answer = self._answers.answer(topic, question, variation=earlier.count(topic), values=values)
        if self._answers.metadata(topic).antwoorden:
            return answer, topic
        doubts = self._answers.buttons(runners_up(_ranking(tracker), topic, self._answers.offerable))
        others = tuple(button for button in answer.buttons if button not in doubts)
        return replace(answer, buttons=(doubts + others)[:MOST_CHOICES]), topic

    def _ask_back(self, tracker: DialogueStateTracker, earlier: list[str]) -> Answer:
        """Offer the likeliest topics; when the turn before was a miss as well, give the contact instead."""
        ranking = _ranking(tracker)
        choices = likeliest(ranking, self._answers.offerable)
        times_asked = earlier.count(ASK_BACK) + earlier.count(GIVE_CONTACT)
        if not choices or (earlier and earlier[-1] in MISSES):
            return replace(self._answers.answer(GIVE_CONTACT, variation=times_asked), instead=GIVE_CONTACT)
        maybe_unanswered = OUT_OF_SCOPE in [entry["name"] for entry in ranking[:MOST_CHOICES]]
        phrase = ASK_BACK_OR_CONTACT if maybe_unanswered else ASK_BACK
        text = self._answers.phrase(UTTER + phrase, variation=times_asked)
        return Answer(text, self._answers.buttons(choices))

    def _simpler(self, said: list[tuple[str, Mapping[str, Any]]]) -> tuple[Answer, str]:
        """Say the latest answer that rests on the infobundel, or on a file, again in simpler words."""
        for topic, values in reversed(said):
            if self._tells(topic):
                return self._answers.answer(topic, simple=True, values=values), topic
        return self._answers.answer(SIMPLER), SIMPLER

    def _more(self, remark: str, tracker: DialogueStateTracker) -> tuple[Answer, str]:
        """Offer what belongs to the latest answer, to who wants to know more of it or why it is so."""
        told = self._told(past_of(tracker))
        if told is None:
            return self._answers.answer(remark), remark
        text = self._answers.phrase(f"{UTTER}{remark}_over", titel=self._answers.metadata(told).titel)
        return Answer(text, self._answers.buttons(self._answers.metadata(told).vervolg)), told

    def _thanks(self, tracker: DialogueStateTracker) -> Answer:
        """Thank for an opinion; whoever was not helped gets the likeliest others, and a person."""
        entities = (tracker.latest_message.entities or []) if tracker.latest_message else []
        useful = next((entity["value"] for entity in entities if entity["entity"] == ANSWER), "")
        if useful == "ja":
            return self._answers.answer(f"{FEEDBACK}_ja")
        past = _before_the_latest(tracker)
        others = [topic for topic in likeliest(past.ranking, self._answers.offerable) if topic not in past.topics[:1]]
        buttons = self._answers.buttons([*others[: MOST_CHOICES - 1], SPEAKING])
        return replace(self._answers.answer(f"{FEEDBACK}_nee"), buttons=buttons)

    def _told(self, past: Past) -> Optional[str]:
        """Return the topic of the latest answer that is about something."""
        return next((topic for topic in past.topics if self._tells(topic)), None)

    def _tells(self, topic: str) -> bool:
        """Tell whether an answer rests on the infobundel, or on a candidate's file."""
        return topic in self._answers.offerable or self._answers.metadata(topic).dossier

    def _comfort(self, topic: str, tracker: DialogueStateTracker) -> str:
        """Return one human sentence for who shows a feeling, in other words each time."""
        message = tracker.latest_message
        feeling = feeling_in(message.text or "") if message and _ranking(tracker) else None
        if feeling is None or topic in WITHOUT_COMFORT:
            return ""
        asked = [event for event in tracker.applied_events() if isinstance(event, UserUttered)]
        return self._answers.phrase(f"{UTTER}gevoel_{feeling}", variation=len(asked))

    def _part_named(self, topic: str, tracker: DialogueStateTracker) -> str:
        """Return which of several questions it is that cannot be answered."""
        message = tracker.latest_message
        if not message or topic not in MISSES or SEVERAL not in (message.metadata or {}):
            return ""
        return self._answers.phrase(f"{UTTER}over_deel", deel=message.text)

    def _feedback_question(self, told: str, tracker: DialogueStateTracker) -> str:
        """Ask once, below an answer, whether the assistant was of use; what is still open is not pushed aside."""
        message = tracker.latest_message
        events = list(tracker.applied_events())
        begins = any(isinstance(event, UserUttered) and event.intent_name == BEGINNING for event in events)
        answers = [topic for topic, _ in _said_earlier(tracker) if topic in self._answers.offerable]
        several = message is not None and SEVERAL in (message.metadata or {})
        if not begins or several or len(answers) != FEEDBACK_AFTER or told not in self._answers.offerable:
            return ""
        if not _ranking(tracker) or self.pendings.of(tracker.sender_id, self.clock()):
            return ""
        self.pendings.ask(tracker.sender_id, Pending(ASKED, {TOPIC: told}), self.clock())
        return self._answers.phrase(f"{UTTER}{FEEDBACK}")

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
    return [(topic_of(said), said.get(VALUES) or {}) for said in messages if said.get(SAID)]


def _before_the_latest(tracker: DialogueStateTracker) -> Past:
    """Return what the conversation remembered when the question in hand came."""
    events = list(tracker.applied_events())
    latest = max(number for number, event in enumerate(events) if isinstance(event, UserUttered))
    return past_of(DialogueStateTracker.from_events(tracker.sender_id, events[:latest]))
