"""What every action shares: it calls the core beside the server's loop, and says what the core tells."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from assistant.action_services import ActionServices, action_services
from assistant.message_keys import ANSWER, CLIENT, TOPIC
from assistant.metrics import ACTION_FAILURES
from assistant.told import Told

logger = logging.getLogger(__name__)

FAILED = Told("actie_mislukt")


class TellingAction(Action, ABC):
    """An action that says what `tell` returns. rasa-sdk registers every subclass that is not abstract."""

    def __init__(self, services: Optional[ActionServices] = None) -> None:
        self._given = services

    @abstractmethod
    def name(self) -> str:
        """The name that the rule calls."""

    @property
    def services(self) -> ActionServices:
        """The services given, or those of this process."""
        return self._given or action_services()

    @abstractmethod
    def tell(self, tracker: Tracker) -> list[Told]:
        """Return what to say; runs in a thread, as it may wait for a database, the HR backend or a mail server."""

    def rounded_to(self, tracker: Tracker) -> float:  # noqa: ARG002 - for who overrides it
        """Return the seconds to a multiple of which the time is rounded up, where the time itself could tell something."""
        return 0.0

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk prescribes the arguments
    ) -> list[dict[str, Any]]:
        """Say what the core tells; an action never raises to Rasa, which would leave the candidate without an answer."""
        began = time.monotonic()
        try:
            told = await asyncio.to_thread(self.tell, tracker)
        except Exception as error:
            ACTION_FAILURES.inc()
            logger.error("action failed", exc_info=error, extra={"conversation": tracker.sender_id})
            told = [FAILED]
        quantum = self.rounded_to(tracker)
        if quantum:
            await asyncio.sleep(-(time.monotonic() - began) % quantum)
        for answer in told:
            attachment = asdict(answer.attachment) if answer.attachment else None
            dispatcher.utter_message(response=f"utter_{answer.response}", waarden=answer.values, attachment=attachment)
        return []


def answer_of(tracker: Tracker) -> tuple[str, str]:
    """Return the question of ours that the message answers, and the answer."""
    question, _, answer = next(tracker.get_latest_entity_values(ANSWER), "").partition("=")
    return question, answer


def client_of(tracker: Tracker) -> str:
    """Return the keyed hash of where the message came from."""
    return str(tracker.latest_message.get("metadata", {}).get(CLIENT, ""))


def topic_of(tracker: Tracker) -> str:
    """Return what an answer in a person's own words is about, as the classifier understood it."""
    return str(tracker.latest_message.get("metadata", {}).get(TOPIC, ""))


def text_of(tracker: Tracker) -> str:
    """Return what was typed."""
    return str(tracker.latest_message.get("text") or "")
