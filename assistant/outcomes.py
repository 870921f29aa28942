"""What became of a candidate's message, for whoever watches or improves the assistant: never what it said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from assistant.message_keys import GAVE, SAID

ASK_BACK = "terugvraag"
GIVE_CONTACT = "tweede_misser"
OUT_OF_SCOPE = "buiten_bereik"
ACTION_FAILED = "actie_mislukt"


class Outcome(Enum):
    """What the candidate got."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"  # topics to choose from, in the place of an answer
    REFUSED = "refused"  # the infobundel does not tell
    CONTACT = "contact"  # not understood, and asking back had not helped: a person's telephone number and address
    FAILED = "failed"  # an apology


_SPECIAL = {
    ASK_BACK: Outcome.ASKED_BACK,
    OUT_OF_SCOPE: Outcome.REFUSED,
    GIVE_CONTACT: Outcome.CONTACT,
    ACTION_FAILED: Outcome.FAILED,
}


def outcome_of(said: Iterable[Mapping[str, Any]]) -> Outcome:
    """Return the outcome of a message, given the metadata of all that was said to it."""
    topics = [topic_of(metadata) for metadata in said]
    if not topics:
        return Outcome.FAILED
    return next((_SPECIAL[topic] for topic in topics if topic in _SPECIAL), Outcome.ANSWERED)


def topic_of(metadata: Mapping[str, Any]) -> str:
    """Return the topic of something that was said: the one given, where it stood in for another."""
    return str(metadata.get(GAVE) or str(metadata.get(SAID) or "").removeprefix("utter_"))
