"""'Kan ik meedoen?': asks what it depends on, one question at a time, and tells what follows."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction, answer_of
from assistant.told import Told


class ActionKanIkMeedoen(TellingAction):
    """Answers `kan_ik_meedoen`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_kan_ik_meedoen"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Ask the first question."""
        return self.services.check.begin(tracker.sender_id, self.services.clock())


class ActionAntwoordMeedoen(TellingAction):
    """Answers `antwoord_meedoen`: yes, no or not sure."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_antwoord_meedoen"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Ask the next question, or tell what follows from the answers."""
        question, answer = answer_of(tracker)
        return self.services.check.go_on(tracker.sender_id, question, answer, self.services.clock())
