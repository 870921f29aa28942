"""Passing a question on to a person: asks for it, shows it, and passes it on after a yes."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction, answer_of, client_of, topic_of
from assistant.told import Told


class ActionIemandSpreken(TellingAction):
    """Answers `iemand_spreken`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_iemand_spreken"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Give the telephone number, and ask what to pass on."""
        return self.services.hand_off.begin(tracker.sender_id)


class ActionAntwoordDoorgeven(TellingAction):
    """Answers `antwoord_doorgeven`: the question, the name, the address, or yes."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_antwoord_doorgeven"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Go on with it."""
        return self.services.hand_off.answer(tracker.sender_id, *answer_of(tracker), topic_of(tracker), client_of(tracker))
