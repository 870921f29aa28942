"""Gives the candidate the dates that are still to come as a file for their calendar."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from assistant.calendar_file import round_calendar
from assistant.clock import Clock, clock_for
from assistant.facts import Facts, load_facts
from assistant.settings import load_settings


class ActionAgenda(Action):
    """Answers `agenda`; whether there are dates left, the response tells by the same clock."""

    def __init__(self, facts: Optional[Facts] = None, clock: Optional[Clock] = None) -> None:
        self._facts = facts or load_facts()
        self._clock = clock or clock_for(load_settings().bot_now)

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_agenda"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,  # noqa: ARG002 - rasa-sdk prescribes the arguments
        domain: dict[str, Any],  # noqa: ARG002 - the same
    ) -> list[dict[str, Any]]:
        """Say `utter_agenda`, with the file where there is one."""
        calendar = round_calendar(self._facts, self._clock())
        dispatcher.utter_message(response="utter_agenda", attachment=asdict(calendar) if calendar else None)
        return []
