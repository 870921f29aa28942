"""Asks what to pass on and who asks, shows it, and passes it on after a yes. No Rasa in here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Optional

from sqlalchemy.exc import SQLAlchemyError

from assistant.clock import Clock
from assistant.dossier import situation
from assistant.dossier.hr_client import HrBackend, HrError
from assistant.hand_off.conversation_lines import ASSISTANT, CANDIDATE, without_codes
from assistant.hand_off.hand_offs import HandOff, HandOffs, Line
from assistant.hand_off.term import answer_by
from assistant.identity.identification import Identification
from assistant.identity.typed_values import address_in
from assistant.mail.outbox import Outbox
from assistant.metrics import HAND_OFFS
from assistant.pending import Pending, PendingQuestions
from assistant.told import Told

logger = logging.getLogger(__name__)

NAME = "doorgeven"  # of this dialogue, in `Pending.awaits`
QUESTION, PERSON, ADDRESS, AGREEMENT, CHANGE = "vraag", "naam", "adres", "akkoord", "aanpassen"
FIELDS = (QUESTION, PERSON, ADDRESS)  # in the order in which they are asked
PREVIOUS = "vorige"  # the answer of a button: the question typed before this dialogue began
YES, WITH_COPY, NO = "ja", "kopie", "nee"
MOST_NAME = 80
LATE = timedelta(minutes=2)  # a mail that waits longer tells that mail is down
TOPIC, NUMBER, STEP = "onderwerp", "nummer", "stap"  # further keys of what is known so far
NO_TOPIC = "algemeen"
# What people type that is no question to pass on.
NO_QUESTION = {
    "iemand_spreken",
    "bevestigen",
    "ontkennen",
    "laat_maar",
    "begroeting",
    "bedanking",
    "niet_geholpen",
    "afscheid",
}


@dataclass(frozen=True)
class HandOffDialogue:
    """The dialogue of all conversations; the parts that it works with come in as arguments."""

    hand_offs: HandOffs
    outbox: Outbox
    pendings: PendingQuestions
    identification: Identification
    hr: HrBackend
    clock: Clock
    lines: Callable[[str], Sequence[Line]]  # what was said in a conversation, before the message in hand
    term: Optional[int] = None  # in working days, where the city promises one

    def begin(self, conversation_id: str) -> list[Told]:
        """Ask for the question; whoever is identified is not asked who they are."""
        data = {**self._known_person(conversation_id), **self._previous_question(conversation_id)}
        self._wait_for(conversation_id, QUESTION, data)
        return [Told("doorgeven_of_deze" if PREVIOUS in data else "iemand_spreken", {PREVIOUS: data.get(PREVIOUS, "")})]

    def answer(self, conversation_id: str, question: str, answer: str, topic: str = "", client_key: str = "") -> list[Told]:
        """Take the answer to one of our questions, and go on; `topic` is what a question typed just now is about."""
        open_question = self.pendings.of(conversation_id, self.clock())
        if open_question is None or open_question.dialogue != NAME:
            return self.begin(conversation_id)
        data = dict(open_question.data)
        if question == QUESTION and answer == PREVIOUS:
            return self._take(conversation_id, question, data.get(PREVIOUS, ""), data)
        if question == QUESTION:
            data[TOPIC] = topic or NO_TOPIC
        if question in FIELDS:
            return self._take(conversation_id, question, answer, data)
        if question == CHANGE and answer in FIELDS:
            self._wait_for(conversation_id, answer, data)
            return [Told(f"{NAME}_{answer}")]
        if question == AGREEMENT and answer in (YES, WITH_COPY):
            return self._pass_on(conversation_id, data, answer == WITH_COPY, client_key)
        self._wait_for(conversation_id, CHANGE, data)
        return [Told(f"{NAME}_{CHANGE}")]

    def _take(self, conversation_id: str, question: str, value: str, data: dict[str, str]) -> list[Told]:
        if question == ADDRESS:
            value = address_in(value) or ""
        if question == PERSON:
            value = " ".join(value.split())[:MOST_NAME]
        if not value:
            self._wait_for(conversation_id, question, data)
            return [Told("adres_onleesbaar" if question == ADDRESS else f"{NAME}_{question}")]
        return self._next(conversation_id, {**data, question: without_codes(value) if question == QUESTION else value})

    def _next(self, conversation_id: str, data: dict[str, str]) -> list[Told]:
        """Ask for what is missing, or show what will be sent."""
        earlier = self.hand_offs.earlier(conversation_id, data[QUESTION]) if QUESTION in data else None
        if earlier:
            HAND_OFFS.labels("already").inc()
            self.pendings.close(conversation_id)
            return [Told(f"{NAME}_al", {"referentie": earlier})]
        missing = next((field for field in FIELDS if field not in data), None)
        self._wait_for(conversation_id, missing or AGREEMENT, data)
        if missing:
            return [Told(f"{NAME}_{missing}")]
        return [Told(f"{NAME}_{AGREEMENT}", {field: data[field] for field in FIELDS})]

    def _pass_on(self, conversation_id: str, data: dict[str, str], wants_copy: bool, client_key: str) -> list[Told]:
        if any(field not in data for field in FIELDS):
            return self._next(conversation_id, data)
        try:
            if self.hand_offs.had_enough(client_key):
                HAND_OFFS.labels("too_many").inc()
                return [Told(f"{NAME}_te_vaak")]
            lines = tuple(self.lines(conversation_id))
            oldest = self.outbox.oldest_waiting()
            submitted = self.hand_offs.submit(
                HandOff(
                    conversation_id=conversation_id,
                    topic=data.get(TOPIC, NO_TOPIC),
                    question=data[QUESTION],
                    name=data[PERSON],
                    email=data[ADDRESS],
                    candidate_number=data.get(NUMBER),
                    step=int(data[STEP]) if STEP in data else None,
                    answered=_answered(lines, data[QUESTION]),
                    conversation=lines,
                    wants_copy=wants_copy,
                    client_key=client_key,
                )
            )
            self.pendings.close(conversation_id)
        except SQLAlchemyError as error:
            HAND_OFFS.labels("failed").inc()
            logger.error("a question could not be kept", exc_info=error, extra={"conversation": conversation_id})
            return [Told(f"{NAME}_mislukt")]
        HAND_OFFS.labels("already" if submitted.already else "passed_on").inc()
        if submitted.already:
            return [Told(f"{NAME}_al", {"referentie": submitted.reference})]
        is_late = oldest is not None and datetime.now(timezone.utc) - oldest > LATE
        day = answer_by(self.clock().date(), self.term)
        values = {
            "referentie": submitted.reference,
            "adres": data[ADDRESS],
            "kopie": wants_copy,
            "hapert": is_late,
            "tegen": day.isoformat() if day else None,
        }
        return [Told(f"{NAME}_gelukt", values)]

    def _known_person(self, conversation_id: str) -> dict[str, str]:
        """Return name, address, number and step of who is identified; empty where the file cannot be read now."""
        number = self.identification.who(conversation_id)
        if not number:
            return {}
        try:
            candidate = self.hr.dossier_of(number).candidate
        except HrError as error:
            logger.error("the HR backend cannot be read", exc_info=error, extra={"conversation": conversation_id})
            return {}
        return {
            PERSON: f"{candidate.first_name} {candidate.last_name}",
            ADDRESS: candidate.email,
            NUMBER: candidate.number,
            STEP: str(situation.current_step(candidate).step),
        }

    def _previous_question(self, conversation_id: str) -> dict[str, str]:
        """Return what the candidate asked last before they asked for a person, and what that is about."""
        asked = [line for line in self.lines(conversation_id) if line.speaker == CANDIDATE and line.topic not in NO_QUESTION]
        return {PREVIOUS: asked[-1].text, TOPIC: asked[-1].topic} if asked else {}

    def _wait_for(self, conversation_id: str, question: str, data: dict[str, str]) -> None:
        self.pendings.ask(conversation_id, Pending(f"{NAME}.{question}", data), self.clock())


def _answered(lines: Sequence[Line], question: str) -> str:
    """Return what the assistant had said to the question, where it was asked before."""
    for line, following in pairwise(lines):
        if line.speaker == CANDIDATE and line.text == question and following.speaker == ASSISTANT:
            return following.text
    return ""
