"""Decides what a typed message means in its conversation, before Rasa's dialogue sees it.

Where the assistant waits for an answer, a message that holds one becomes the intent `antwoord_<dialogue>` with the entity
`antwoord`; anything else is understood as always, and carries what is still waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Optional

from rasa.core.channels.channel import UserMessage

from assistant import expected
from assistant.clock import Clock
from assistant.identity.identification import Identification
from assistant.identity.typed_values import address_in
from assistant.message_keys import ANSWER, AWAITS, PART, TOPIC, TYPED
from assistant.pending import Pending, PendingQuestions
from assistant.several_questions import MOST_QUESTIONS, questions_in
from assistant.typed_text import without_command

Understand = Callable[[str], Awaitable[dict[str, Any]]]  # Rasa's NLU pipeline
Offered = Callable[[], Awaitable[list[dict[str, str]]]]  # the buttons of what the assistant said last

IDENTIFY = "identificeren"
MASKED = "••••••"
SEPARATOR = "?"  # between an intent and an answer, in the payload of a button
MOST_OTHER_WORDS = 4  # around an address that is the whole message
TOO_MANY = "te_veel_vragen"
SURE_PART = 0.5  # from this confidence on a part of a message is a question of its own
_NO_TOPICS = {"nlu_fallback", "begroeting", "bedanking", "afscheid", "bevestigen", "ontkennen", "belediging", "laat_maar"}


class Interpreter:
    """Looks at what the conversation waits for, and then at the text."""

    def __init__(self, pendings: PendingQuestions, identification: Identification, clock: Clock) -> None:
        self._pendings = pendings
        self._identification = identification
        self._clock = clock

    async def typed(self, conversation_id: str, typed: str, understand: Understand, offered: Offered) -> list[UserMessage]:
        """Return what Rasa gets for a typed text: one message, or one for each of several questions."""
        text = without_command(typed) or "?"
        question = self._pendings.of(conversation_id, self._clock())
        if question:
            return [await self._answer(conversation_id, question, text, typed, understand)]
        known_already = _identifying(text, typed) or await _picked(text, typed, offered)
        return [known_already] if known_already else await _questions(text, typed, understand)

    async def _answer(
        self, conversation_id: str, question: Pending, text: str, typed: str, understand: Understand
    ) -> UserMessage:
        """Return the answer to our question, or what was said in its place."""
        answer = expected.answer_in(question, text)
        if answer and answer.startswith("code="):
            return self._code(conversation_id, answer)
        if answer is None:
            parsed = await understand(text)
            intent = parsed["intent"]
            answer = expected.answer_understood(question, text, intent["name"], intent["confidence"])
            if answer is None:
                metadata = {TYPED: typed, AWAITS: question.awaits}
                return UserMessage(text=text, parse_data=parsed, metadata=metadata)
            message = known(f"{ANSWER}_{question.dialogue}{SEPARATOR}{answer}", typed)
            message.metadata[TOPIC] = intent["name"]
            return message
        return known(f"{ANSWER}_{question.dialogue}{SEPARATOR}{answer}", typed)

    def chosen(self, conversation_id: str, payload: str, title: str) -> UserMessage:
        """Return the message that Rasa gets for a button."""
        message = known(payload, title)
        question = self._pendings.of(conversation_id, self._clock())
        if question and SEPARATOR not in payload:
            message.metadata = {**(message.metadata or {}), AWAITS: question.awaits}
        return message

    def _code(self, conversation_id: str, answer: str) -> UserMessage:
        """Pass on a code's keyed hash: the code itself is never stored, and never leaves this function."""
        digits = answer.removeprefix("code=")
        digest = self._identification.digest(conversation_id, digits) if digits else ""
        return known(f"{ANSWER}_identificatie{SEPARATOR}code={digest}", MASKED)


def known(payload: str, text: str) -> UserMessage:
    """Return a message whose meaning is known, so that nothing is left to classify."""
    name, _, answer = payload.partition(SEPARATOR)
    intent = {"name": name, "confidence": 1.0}
    entities = [{"entity": ANSWER, "value": answer}] if answer else []
    parsed = {"text": text, "intent": intent, "intent_ranking": [intent], "entities": entities}
    return UserMessage(text=text, parse_data=parsed, metadata={TYPED: text})


async def _picked(text: str, typed: str, offered: Offered) -> Optional[UserMessage]:
    """Return the choice of a button that was made in words: 'de tweede'."""
    number = expected.picked(text)
    if number is None:
        return None
    buttons = await offered()
    return known(buttons[number]["payload"], typed) if number < len(buttons) and buttons else None


async def _questions(text: str, typed: str, understand: Understand) -> list[UserMessage]:
    """Return a message for each question in `text`, where at least two are surely about different things."""
    parts = questions_in(text)
    parsed = [await understand(part) for part in parts] if len(parts) > 1 else []
    if len({_sure_topic(each) for each in parsed} - {""}) < 2:
        return [UserMessage(text=text, metadata={TYPED: typed})]
    messages: list[UserMessage] = []
    topics: set[str] = set()
    for part, each in zip(parts, parsed, strict=True):
        if each["intent"]["name"] not in topics:  # two questions about one thing have one answer
            topics.add(each["intent"]["name"])
            messages.append(UserMessage(text=part, parse_data=each, metadata={PART: True}))
    messages[0].metadata = {TYPED: typed}
    if len(messages) > MOST_QUESTIONS:
        messages[MOST_QUESTIONS:] = [known(TOO_MANY, "")]
        messages[-1].metadata = {PART: True}
    return messages


def _sure_topic(parsed: dict[str, Any]) -> str:
    intent = parsed["intent"]
    return intent["name"] if intent["confidence"] >= SURE_PART and intent["name"] not in _NO_TOPICS else ""


def _identifying(text: str, typed: str) -> Optional[UserMessage]:
    """Return a request to identify where the message is an address and little else."""
    if "@" not in text or len(text.split()) > 1 + MOST_OTHER_WORDS or address_in(text) is None:
        return None
    return known(IDENTIFY, typed)
