"""Questions about one's own file: the step, the deadlines, the exemptions."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.identificatie import QUANTUM
from actions.telling import TellingAction, client_of, text_of
from assistant.told import Told


class _AboutDossier(TellingAction):
    """Answers the topic that its name ends in, or asks first who is asking."""

    def rounded_to(self, tracker: Tracker) -> float:
        """Hide how long a search took, where the question itself holds an address."""
        return QUANTUM if "@" in text_of(tracker) else 0.0

    def tell(self, tracker: Tracker) -> list[Told]:
        """Answer, or ask who is asking."""
        topic = self.name().removeprefix("action_")
        return self.services.personal.about(tracker.sender_id, topic, text_of(tracker), client_of(tracker))


class ActionMijnStatus(_AboutDossier):
    """Answers `mijn_status`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_mijn_status"


class ActionMijnDeadline(_AboutDossier):
    """Answers `mijn_deadline`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_mijn_deadline"


class ActionMijnVrijstelling(_AboutDossier):
    """Answers `mijn_vrijstelling`."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_mijn_vrijstelling"
