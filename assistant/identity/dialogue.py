"""Finds out who is asking, and answers from their file: each message of the candidate becomes what they are told.

No Rasa in here. An address that nobody has gets the same words, a mail and the same time as one that somebody has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.calendar_file import calendar_of
from assistant.clock import Clock
from assistant.dossier import situation
from assistant.dossier.hr_client import Dossier, HrBackend, HrError, HrNotFoundError
from assistant.identity.identification import CODE_LIFETIME, Entered, Identification
from assistant.identity.typed_values import address_in
from assistant.mail.messages import Messages
from assistant.mail.sender import MailError, MailSender
from assistant.metrics import CODE_REQUESTS, CODES_ENTERED
from assistant.pending import Pending, PendingQuestions
from assistant.told import Told

logger = logging.getLogger(__name__)

NAME = "identificatie"  # of this dialogue, in `Pending.awaits`
ADDRESS, CODE = f"{NAME}.adres", f"{NAME}.code"
WISH = "wens"  # what the candidate asked before we asked who they are
UNREACHABLE = Told("mijn_dossier_onbereikbaar")

Outcome = Callable[[Dossier], Told]
# What can be asked about one's own file, by topic.
OUTCOMES: dict[str, Outcome] = {
    "mijn_status": situation.status,
    "mijn_deadline": situation.deadline,
    "mijn_vrijstelling": situation.exemption,
}
DEFAULT_WISH = "mijn_status"
WITH_CALENDAR = {"mijn_status", "mijn_deadline"}


@dataclass(frozen=True)
class PersonalDialogue:
    """The dialogue of all conversations; the parts that it works with come in as arguments."""

    identification: Identification
    pendings: PendingQuestions
    hr: HrBackend
    messages: Messages
    sender: MailSender
    clock: Clock

    def about(self, conversation_id: str, topic: str, text: str, client_key: str) -> list[Told]:
        """Answer a question about one's own file, or first ask who is asking."""
        number = self.identification.who(conversation_id)
        if number:
            return [self._from_dossier(conversation_id, number, topic)]
        return self.begin(conversation_id, topic, text, client_key)

    def begin(self, conversation_id: str, wish: str, text: str, client_key: str) -> list[Told]:
        """Ask for the address, unless `text` has it; `wish` is the topic to answer afterwards."""
        if self.identification.who(conversation_id):
            return [Told("al_geidentificeerd")]
        open_question = self.pendings.of(conversation_id, self.clock())
        if open_question and open_question.awaits == CODE:
            self._wait_for(conversation_id, CODE, {**open_question.data, WISH: wish})
            return [Told("code_gevraagd")]
        self._wait_for(conversation_id, ADDRESS, {WISH: wish})
        address = address_in(text)
        return self.address_given(conversation_id, address, client_key) if address else [Told(wish)]

    def address_given(self, conversation_id: str, address: str, client_key: str) -> list[Told]:
        """Send a code to the address that the file has, or word to an address that nobody has."""
        if not address:
            return [Told("adres_onleesbaar")]
        open_question = self.pendings.of(conversation_id, self.clock())
        wish = open_question.data.get(WISH, "") if open_question else ""
        reserved = self.identification.reserve(conversation_id, address, client_key)
        if reserved is None:
            CODE_REQUESTS.labels("too_many").inc()
            return [Told("code_te_vaak")]
        try:
            self._send_code(conversation_id, address, reserved)
        except HrError as error:
            self.identification.release(reserved)
            CODE_REQUESTS.labels("hr_error").inc()
            logger.error("the HR backend cannot be read", exc_info=error, extra={"conversation": conversation_id})
            return [UNREACHABLE]
        except MailError as error:
            self.identification.release(reserved)
            CODE_REQUESTS.labels("mail_error").inc()
            logger.error("a code could not be mailed: %s", error, extra={"conversation": conversation_id})
            return [Told("code_niet_verstuurd")]
        CODE_REQUESTS.labels("sent").inc()
        self._wait_for(conversation_id, CODE, {WISH: wish, "adres": address})
        return [Told("code_verstuurd", {"adres": address, "minuten": CODE_LIFETIME.seconds // 60})]

    def code_given(self, conversation_id: str, digest: str) -> list[Told]:
        """Try a code; where it is right, answer what was asked before."""
        if not digest:
            return [Told("code_onleesbaar")]
        entered = self.identification.enter(conversation_id, digest)
        CODES_ENTERED.labels(entered.name.lower()).inc()
        if entered is not Entered.RIGHT:
            return [Told(f"code_{entered.value}")]
        open_question = self.pendings.of(conversation_id, self.clock())
        self.pendings.close(conversation_id)
        number = self.identification.who(conversation_id)
        wish = open_question.data.get(WISH, "") if open_question else ""
        if not number:
            return [Told("geidentificeerd")]
        # Read without a wish as well: general answers then fit the person.
        told = self._from_dossier(conversation_id, number, wish if wish in OUTCOMES else DEFAULT_WISH)
        return [Told("geidentificeerd"), told] if wish in OUTCOMES else [Told("geidentificeerd")]

    def new_code(self, conversation_id: str, client_key: str) -> list[Told]:
        """Send another code to the address that was given."""
        open_question = self.pendings.of(conversation_id, self.clock())
        if open_question and open_question.data.get("adres"):
            return self.address_given(conversation_id, open_question.data["adres"], client_key)
        return self.begin(conversation_id, "identificeren", "", client_key)

    def log_out(self, conversation_id: str) -> list[Told]:
        """End the identity."""
        was_identified = self.identification.who(conversation_id) is not None
        self.identification.forget(conversation_id)
        self.pendings.close(conversation_id)
        return [Told("uitloggen" if was_identified else "niet_ingelogd")]

    def stop(self, conversation_id: str) -> list[Told]:
        """Wait for nothing any more."""
        self.pendings.close(conversation_id)
        return [Told("laat_maar")]

    def _from_dossier(self, conversation_id: str, number: str, topic: str) -> Told:
        try:
            dossier = self.hr.dossier_of(number)
        except HrError as error:
            logger.error("the HR backend cannot be read", exc_info=error, extra={"conversation": conversation_id})
            return UNREACHABLE
        self.identification.remember_steps(conversation_id, situation.steps_of(dossier))
        told = OUTCOMES[topic](dossier)
        calendar = calendar_of(situation.appointments(dossier), self.clock()) if topic in WITH_CALENDAR else None
        return Told(told.response, told.values, calendar)

    def _send_code(self, conversation_id: str, address: str, reserved: int) -> None:
        try:
            candidate = self.hr.candidate_of(address)
        except HrNotFoundError:
            self.identification.issue(reserved, conversation_id, None)
            self.sender.send(self.messages.compose("onbekend_adres", to=address))
            return
        digits = self.identification.issue(reserved, conversation_id, candidate.number)
        self.sender.send(
            # To the address of the file: what was typed may only look like it.
            self.messages.compose(
                "code",
                to=candidate.email,
                voornaam=candidate.first_name,
                code=digits,
                minuten=CODE_LIFETIME.seconds // 60,
            )
        )

    def _wait_for(self, conversation_id: str, awaits: str, data: dict[str, str]) -> None:
        self.pendings.ask(conversation_id, Pending(awaits, data), self.clock())
