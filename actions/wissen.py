"""'Wis mijn gegevens': asks once, and says that everything is gone after a yes."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction, answer_of
from assistant.told import Told


class ActionWisGegevens(TellingAction):
    """Answers `wis_gegevens`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_wis_gegevens"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Ask whether everything may go."""
        return self.services.erasure.begin(tracker.sender_id)


class ActionAntwoordWissen(TellingAction):
    """Answers `antwoord_wissen`: yes or no."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_antwoord_wissen"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Say what becomes of it."""
        return self.services.erasure.answer(tracker.sender_id, *answer_of(tracker))
