"""Decides what a typed message means in its conversation, before Rasa's dialogue sees it.

Where the assistant waits for an answer, a message that holds one becomes the intent `antwoord_<dialogue>` with the entity
`antwoord`; anything else is read in its conversation (assistant/conversation/), and carries what is still waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Optional

from rasa.core.channels.channel import UserMessage

from assistant import expected
from assistant.clock import Clock
from assistant.conversation.asides import aside, titled
from assistant.conversation.context import may_need_context
from assistant.conversation.corrections import only_rejects
from assistant.conversation.past import Past
from assistant.conversation.reading import Question, Reader, different
from assistant.conversation.several_questions import MOST_QUESTIONS, NO_TOPICS
from assistant.feedback import FEEDBACK, Feedback, is_answer
from assistant.identity.identification import Identification
from assistant.identity.typed_values import address_in
from assistant.message_keys import ANSWER, AWAITS, PART, SEVERAL, TOPIC, TYPED
from assistant.pending import Pending, PendingQuestions
from assistant.typed_text import without_command

Remember = Callable[[], Awaitable[Past]]  # what the conversation remembers; read only when it is needed

IDENTIFY = "identificeren"
MASKED = "••••••"
SEPARATOR = "?"  # between an intent and an answer, in the payload of a button
MOST_OTHER_WORDS = 4  # around an address that is the whole message
TOO_MANY = "te_veel_vragen"


class Interpreter:
    """Looks at what the conversation waits for, and then at the text."""

    def __init__(self, pendings: PendingQuestions, identification: Identification, feedback: Feedback, clock: Clock) -> None:
        self._pendings = pendings
        self._identification = identification
        self._feedback = feedback
        self._clock = clock

    async def typed(self, conversation_id: str, typed: str, reader: Reader, remember: Remember) -> list[UserMessage]:
        """Return what Rasa gets for a typed text: one message, or one for each of several questions."""
        text = without_command(typed) or "?"
        question = self._pendings.of(conversation_id, self._clock())
        if question and question.dialogue == FEEDBACK:
            opinion = self._opinion(conversation_id, question, text, typed, reader)
            if opinion:
                return [opinion]
        elif question:
            return [self._answer(conversation_id, question, text, typed, reader)]
        identifying = _identifying(text, typed)
        if identifying:
            return [identifying]
        past = await remember() if may_need_context(text) else Past()
        remark = _remark(text, typed, past, reader)
        return [remark] if remark else _messages(reader.read(text, past.topics), typed)

    def _opinion(
        self, conversation_id: str, question: Pending, text: str, typed: str, reader: Reader
    ) -> Optional[UserMessage]:
        """Keep the answer to whether the assistant was of use; whoever says something else is not asked again."""
        self._pendings.close(conversation_id)
        useful = expected.yes_or_no(text, reader.whole(text).topic) if is_answer(text) else None
        if useful not in ("ja", "nee"):
            return None
        self._feedback.keep(question.data.get(TOPIC, ""), useful == "ja", self._clock())
        return known(f"{ANSWER}_{FEEDBACK}{SEPARATOR}{useful}", typed)

    def _answer(self, conversation_id: str, question: Pending, text: str, typed: str, reader: Reader) -> UserMessage:
        """Return the answer to our question, or what was said in its place."""
        answer = expected.answer_in(question, text)
        if answer and answer.startswith("code="):
            return self._code(conversation_id, answer)
        if answer is None:
            parsed = reader.whole(text).parsed
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
        if question and question.dialogue == FEEDBACK:
            self._pendings.close(conversation_id)
        elif question and SEPARATOR not in payload:
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


def _remark(text: str, typed: str, past: Past, reader: Reader) -> Optional[UserMessage]:
    """Return the choice of a button that was made in words, or a remark on the last answer that asks nothing new."""
    number = expected.picked(text)
    if number is not None and past.buttons and number < len(past.buttons):
        return known(past.buttons[number]["payload"], typed)
    button = titled(text, past.buttons)
    if button:
        return known(button["payload"], typed)
    remark = aside(text)
    if remark:
        return known(remark, typed)
    others = [entry for entry in past.ranking if entry["name"] not in (*past.topics[:1], *NO_TOPICS)]
    if only_rejects(text) and others:
        parsed: dict[str, Any] = {"text": text, "entities": [], **reader.thresholds.unsure(others)}
        return UserMessage(text=text, parse_data=parsed, metadata={TYPED: typed})
    return None


def _messages(questions: Sequence[Question], typed: str) -> list[UserMessage]:
    """Return a message for each question that is about something else than those before it."""
    asked = different(questions)
    if len(asked) == 1:
        text = typed if len(questions) == 1 else asked[0].text
        parsed = {**asked[0].parsed, "text": asked[0].text}
        return [UserMessage(text=without_command(text) or "?", parse_data=parsed, metadata={TYPED: typed})]
    messages = [
        UserMessage(text=each.text, parse_data={**each.parsed, "text": each.text}, metadata={PART: True, SEVERAL: True})
        for each in asked[:MOST_QUESTIONS]
    ]
    messages[0].metadata = {TYPED: typed, SEVERAL: True}
    if len(asked) > MOST_QUESTIONS:
        messages.append(known(TOO_MANY, ""))
        messages[-1].metadata = {PART: True, SEVERAL: True}
    return messages


def _identifying(text: str, typed: str) -> Optional[UserMessage]:
    """Return a request to identify where the message is an address and little else."""
    if "@" not in text or len(text.split()) > 1 + MOST_OTHER_WORDS or address_in(text) is None:
        return None
    return known(IDENTIFY, typed)
