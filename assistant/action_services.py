"""What the custom actions work with, built once for the action server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from assistant.clock import Clock, clock_for
from assistant.dossier.check import EligibilityCheck
from assistant.dossier.hr_client import HrClient
from assistant.facts import Facts, load_facts
from assistant.identity.dialogue import PersonalDialogue
from assistant.identity.identification import Identification
from assistant.mail.messages import Messages
from assistant.mail.sender import SmtpSender
from assistant.pending import PendingQuestions
from assistant.settings import ActionSettings, read_settings
from assistant.storage import open_database


@dataclass(frozen=True)
class ActionServices:
    """The parts that actions share."""

    clock: Clock
    facts: Facts
    check: EligibilityCheck
    personal: PersonalDialogue

    @classmethod
    def from_settings(cls, settings: ActionSettings) -> ActionServices:
        """Build the real ones."""
        clock = clock_for(settings.bot_now)
        facts = load_facts()
        engine = open_database(settings.database_url)
        pendings = PendingQuestions(engine)
        personal = PersonalDialogue(
            identification=Identification(engine, settings.secret_key, clock),
            pendings=pendings,
            hr=HrClient(settings.hr_url, settings.hr_api_token),
            messages=Messages(settings.mail_from, facts, clock),
            sender=SmtpSender(settings),
            clock=clock,
        )
        return cls(clock, facts, EligibilityCheck(pendings, facts), personal)


@cache
def action_services() -> ActionServices:
    """Return this process's services.

    Raises:
        SettingsError: a setting that cannot be used.
    """
    return ActionServices.from_settings(read_settings(ActionSettings))
