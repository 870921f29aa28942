"""What the custom actions work with, built once for the action server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from assistant.clock import Clock, clock_for
from assistant.dossier.check import EligibilityCheck
from assistant.dossier.hr_client import HrClient
from assistant.facts import Facts, load_facts
from assistant.hand_off.conversation_lines import conversation_lines
from assistant.hand_off.dialogue import HandOffDialogue
from assistant.hand_off.hand_offs import HandOffs
from assistant.hand_off.term import answer_by
from assistant.identity.dialogue import PersonalDialogue
from assistant.identity.identification import Identification
from assistant.mail.messages import Messages
from assistant.mail.outbox import Outbox
from assistant.mail.sender import SmtpSender
from assistant.pending import PendingQuestions
from assistant.privacy.dialogue import ErasureDialogue
from assistant.privacy.erasure import Erasure
from assistant.settings import ActionSettings, read_settings
from assistant.storage import open_database


@dataclass(frozen=True)
class ActionServices:
    """The parts that actions share."""

    clock: Clock
    facts: Facts
    check: EligibilityCheck
    personal: PersonalDialogue
    hand_off: HandOffDialogue
    erasure: ErasureDialogue

    @classmethod
    def from_settings(cls, settings: ActionSettings) -> ActionServices:
        """Build the real ones."""
        clock = clock_for(settings.bot_now)
        facts = load_facts()
        engine = open_database(settings.database_url)
        pendings = PendingQuestions(engine)
        identification = Identification(engine, settings.secret_key, clock)
        hr = HrClient(settings.hr_url, settings.hr_api_token)
        messages = Messages(settings.mail_from, facts, clock)
        personal = PersonalDialogue(identification, pendings, hr, messages, SmtpSender(settings), clock)
        hand_off = HandOffDialogue(
            hand_offs=HandOffs(
                engine,
                messages,
                to=settings.handoff_to or str(facts["contact_email"]),
                clock=clock,
                answer_by=lambda: answer_by(clock().date(), settings.handoff_term),
            ),
            outbox=Outbox(engine),
            pendings=pendings,
            identification=identification,
            hr=hr,
            clock=clock,
            lines=partial(conversation_lines, engine),
            term=settings.handoff_term,
        )
        erasure = ErasureDialogue(Erasure(engine), pendings, clock)
        return cls(clock, facts, EligibilityCheck(pendings, facts), personal, hand_off, erasure)


@cache
def action_services() -> ActionServices:
    """Return this process's services.

    Raises:
        SettingsError: a setting that cannot be used.
    """
    return ActionServices.from_settings(read_settings(ActionSettings))
