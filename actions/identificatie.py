"""Who is asking: the address, the code, a new code, logging out, and stopping whatever is going on."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction, answer_of, client_of, text_of
from assistant.told import Told

# Reading the file of an address that somebody has takes a little longer than finding nobody; rounded up, it does not show.
QUANTUM = 0.5


class ActionIdentificeren(TellingAction):
    """Answers `identificeren`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_identificeren"

    def rounded_to(self, tracker: Tracker) -> float:
        """Hide how long the search for an address took."""
        return QUANTUM if "@" in text_of(tracker) else 0.0

    def tell(self, tracker: Tracker) -> list[Told]:
        """Ask for the address, or take it from the message."""
        return self.services.personal.begin(tracker.sender_id, "identificeren", text_of(tracker), client_of(tracker))


class ActionAntwoordIdentificatie(TellingAction):
    """Answers `antwoord_identificatie`: the address or the code that was asked for."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_antwoord_identificatie"

    def rounded_to(self, tracker: Tracker) -> float:
        """Hide how long the search for an address took; a code is looked up nowhere."""
        return QUANTUM if answer_of(tracker)[0] == "adres" else 0.0

    def tell(self, tracker: Tracker) -> list[Told]:
        """Go on with it."""
        question, answer = answer_of(tracker)
        if question == "code":
            return self.services.personal.code_given(tracker.sender_id, answer)
        return self.services.personal.address_given(tracker.sender_id, answer, client_of(tracker))


class ActionNieuweCode(TellingAction):
    """Answers `nieuwe_code`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_nieuwe_code"

    def rounded_to(self, tracker: Tracker) -> float:  # noqa: ARG002 - always
        """Hide how long the search for an address took."""
        return QUANTUM

    def tell(self, tracker: Tracker) -> list[Told]:
        """Send another code."""
        return self.services.personal.new_code(tracker.sender_id, client_of(tracker))


class ActionUitloggen(TellingAction):
    """Answers `uitloggen`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_uitloggen"

    def tell(self, tracker: Tracker) -> list[Told]:
        """End the identity."""
        return self.services.personal.log_out(tracker.sender_id)


class ActionLaatMaar(TellingAction):
    """Answers `laat_maar`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_laat_maar"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Stop waiting for an answer."""
        return self.services.personal.stop(tracker.sender_id)
