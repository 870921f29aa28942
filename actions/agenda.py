"""Gives the candidate the dates that are still to come as a file for their calendar."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.telling import TellingAction
from assistant.calendar_file import calendar_of, round_appointments
from assistant.dossier.situation import own_appointments
from assistant.told import Told


class ActionAgenda(TellingAction):
    """Answers `agenda`; whether there are dates left, the response tells by the same clock."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_agenda"

    def tell(self, tracker: Tracker) -> list[Told]:
        """Say `utter_agenda`, with the file where there is one: with their own days for who is identified."""
        steps = self.services.personal.identification.steps(tracker.sender_id)
        appointments = own_appointments(round_appointments(self.services.facts), steps)
        return [Told("agenda", attachment=calendar_of(appointments, self.services.clock()))]
