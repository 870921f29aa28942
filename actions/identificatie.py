"""Who is asking: the address, the code, a new code, logging out, and stopping whatever is going on."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction, answer_of, client_of, text_of
from assistant.told import Told

# Reading the file of an address that somebody has takes a little longer than finding nobody; rounded up, it does not show.
QUANTUM = 0.5


class _Identifying(TellingAction):
    """An action that may look for an address in the HR backend and mail to it."""

    def rounded_to(self, tracker: Tracker) -> float:
        """Hide how long that took; a code is looked up nowhere."""
        return 0.0 if answer_of(tracker)[0] == "code" else QUANTUM


class ActionIdentificeren(_Identifying):
    """Answers `identificeren`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_identificeren"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Ask for the address, or take it from the message."""
        return self.services.personal.begin(tracker.sender_id, "identificeren", text_of(tracker), client_of(tracker))


class ActionAntwoordIdentificatie(_Identifying):
    """Answers `antwoord_identificatie`: the address or the code that was asked for."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_antwoord_identificatie"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Go on with it."""
        question, answer = answer_of(tracker)
        if question == "code":
            return self.services.personal.code_given(tracker.sender_id, answer)
        return self.services.personal.address_given(tracker.sender_id, answer, client_of(tracker))


class ActionNieuweCode(_Identifying):
    """Answers `nieuwe_code`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_nieuwe_code"

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
